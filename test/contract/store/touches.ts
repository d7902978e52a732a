import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../src/core/errors.ts";
import type { MessageId } from "../../../src/core/ids.ts";
import { plainText } from "../../../src/core/message.ts";
import type { Store } from "../../../src/core/store.ts";
import type { Touch } from "../../../src/core/touch.ts";
import { answer, arrive, attempt, by, noon, type Open, other, refused, send, stateOf, tenant, using, value } from "./fixture.ts";

const takeBack = { kind: "take-back" } as const;

/** What was done to messages, as the ledger has it. */
async function done(store: Store, trace: string): Promise<unknown[]> {
  const { entries } = (await store.records.trace(tenant, trace)) ?? { entries: [] };
  return entries
    .filter(({ stage }) => stage === "react" || stage === "take-back")
    .map(({ stage, detail, reason }) => [stage, detail?.state, reason]);
}

async function answerIn(store: Store, conversation: string): Promise<MessageId> {
  const [message] = await store.records.messages(tenant, conversation as never, { limit: 1 });
  assert.ok(message?.direction === "out");
  return message.id;
}

export function touchContract(open: Open): void {
  const ask = (message: MessageId, touch: Touch, more: object = {}) => ({ tenant, message, touch, by, ...more });

  describe("what is done to messages that are on the platform", () => {
    test(
      "a reaction: the intent is audited and in the story before, the outcome after",
      using(open, async (opened, store) => {
        const { event, message } = await arrive(store);
        const request = ask(message as MessageId, { kind: "react", reaction: "👍" });
        const touched = value(await store.beginTouch(request, noon));
        assert.deepEqual([touched.platformIds.length, touched.chat.id, touched.lost], [1, "c1", 0]);
        const reopened = await opened.crash();
        assert.deepEqual(await done(reopened, event), [["react", "begun", undefined]]);
        const [audited] = await reopened.records.auditLog(tenant, { limit: 1 });
        assert.deepEqual(
          [audited?.action, audited?.subject, audited?.actor, audited?.detail],
          ["message-react", message, by, { reaction: "👍" }],
        );
        await reopened.endTouch(touched, request, fault("channel-permanent", "no such reaction"), noon + 1);
        assert.deepEqual((await done(reopened, event)).at(-1), ["react", "failed", "channel-permanent"]);
      }),
    );

    test(
      "a message of ours that is taken back is named by its pieces, and forgotten once it is gone",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        await answer(store, conversation, "wrong");
        await send(store, conversation, { kind: "sent", receipt: "r7" });
        const message = await answerIn(store, conversation);
        const touched = value(await store.beginTouch(ask(message, takeBack), noon));
        assert.deepEqual(touched.platformIds, ["r7"]);
        await store.endTouch(touched, ask(message, takeBack), fault("channel-retry", "later"), noon);
        assert.equal(plainText((await store.message(tenant, message))?.parts ?? []), "wrong", "it still stands there");
        await store.endTouch(touched, ask(message, takeBack), undefined, noon);
        assert.equal(plainText((await store.message(tenant, message))?.parts ?? []), "[deleted]");
        const past = await store.history(conversation, undefined, 9);
        assert.deepEqual(
          past.map(({ parts }) => plainText(parts)),
          ["Hello", "[deleted]"],
        );
        assert.deepEqual(
          (await done(store, event)).map((one) => (one as string[])[1]),
          ["begun", "failed", "done"],
        );
      }),
    );

    test(
      "what waits of it is dropped before; while a piece is being sent nothing is done",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const [id] = await answer(store, conversation, "wrong");
        const message = await answerIn(store, conversation);
        const { lease, delivery } = await attempt(store, conversation);
        refused(await store.beginTouch(ask(message, takeBack), noon), "busy");
        const retry = { kind: "retry", code: "channel-retry", message: "slow down" } as const;
        value(await store.endAttempt(lease, delivery, { outcome: retry, retryAt: noon + 9, at: noon }));
        assert.deepEqual(value(await store.beginTouch(ask(message, takeBack), noon)).platformIds, []);
        assert.equal(await stateOf(store, id as never), "dropped");
      }),
    );

    test(
      "a piece of which nobody knows whether it arrived is told of",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        await answer(store, conversation, "wrong", "hold");
        await send(store, conversation, { kind: "unknown", code: "channel-unknown", message: "cut" });
        const touched = value(await store.beginTouch(ask(await answerIn(store, conversation), takeBack), noon));
        assert.deepEqual([touched.platformIds, touched.lost], [[], 1]);
      }),
    );

    test(
      "nothing is done to what isn't there, isn't ours, isn't on the platform, or is an agent's no longer",
      using(open, async (_, store) => {
        const { conversation, message } = await arrive(store);
        await answer(store, conversation, "one");
        const theirs = message as MessageId;
        refused(await store.beginTouch(ask("ms_nothing" as MessageId, takeBack), noon), "not-found");
        refused(await store.beginTouch({ ...ask(theirs, { kind: "react" }), tenant: other }, noon), "not-found");
        refused(await store.beginTouch(ask(theirs, takeBack), noon), "request-invalid");
        refused(await store.beginTouch(ask(await answerIn(store, conversation), { kind: "react" }), noon), "request-invalid");
        const { controlVersion } = (await store.records.conversation(tenant, conversation)) ?? { controlVersion: 0 };
        await store.records.setControl(tenant, conversation, "human", controlVersion, by, noon);
        refused(await store.beginTouch(ask(theirs, { kind: "react" }, { writtenUnder: controlVersion }), noon), "version-conflict");
        value(await store.beginTouch(ask(theirs, { kind: "react" }), noon));
      }),
    );
  });
}
