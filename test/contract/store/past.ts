import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../src/core/errors.ts";
import { type ConversationId, defaultTenant, type FileId } from "../../../src/core/ids.ts";
import { type Part, plainText } from "../../../src/core/message.ts";
import type { PastMessage, QueuedEvent, Store } from "../../../src/core/store.ts";
import {
  answer,
  answerOf,
  arrive,
  begin,
  beginWith,
  type Open,
  operatorSays,
  receive,
  refused,
  said,
  take,
  using,
  value,
} from "./fixture.ts";

const texts = (past: readonly PastMessage[]) => past.map(({ parts }) => plainText(parts));

/** What the turn of the conversation's next event sees. */
export async function pastOf(store: Store, conversation: ConversationId, limit = 9): Promise<readonly string[]> {
  return texts(await store.past(await next(store, conversation), limit));
}

async function next(store: Store, conversation: ConversationId): Promise<QueuedEvent> {
  return (await store.nextEvent(conversation)) ?? assert.fail("the conversation has an event");
}

/** Says it, and has the turn see its past before it is answered. */
async function talk(store: Store, text: string, limit = 9): Promise<ConversationId> {
  const { conversation } = await arrive(store, said(text));
  await pastOf(store, conversation, limit);
  await answer(store, conversation, `to ${text}`);
  return conversation;
}

/** The past that a turn sees, whoever wrote since the last one, and whatever became of it. */
export function pastContract(open: Open): void {
  describe("what turns see of the past", () => {
    test(
      "grows with each turn, and is what history says, to the letter",
      using(open, async (_, store) => {
        for (const text of ["A", "B", "C", "D"]) {
          const { conversation, message } = await arrive(store, said(text));
          for (const limit of [1, 3, 9, 2, 0]) {
            const past = await store.past(await next(store, conversation), limit);
            assert.deepEqual(past, await store.history(conversation, message, limit));
          }
          await answer(store, conversation, `to ${text}`);
        }
        const { conversation } = await arrive(store, said("E"));
        assert.deepEqual(await pastOf(store, conversation, 4), ["C", "to C", "D", "to D"]);
        assert.deepEqual(await pastOf(store, conversation, 99), ["A", "to A", "B", "to B", "C", "to C", "D", "to D"]);
      }),
    );

    test(
      "has what came between two turns: of operators, without an answer, and from elsewhere nothing",
      using(open, async (_, store) => {
        const conversation = await talk(store, "A");
        await store.enqueue(operatorSays("an operator"));
        await receive(store, said("elsewhere", { chat: { id: "c2", kind: "direct" } }));
        await arrive(store, said("nobody answers"));
        const lease = await take(store, "turn", conversation);
        value(await store.ignoreEvent(lease, await next(store, conversation), "group-not-addressed", 0));
        await store.release(lease);
        await arrive(store, said("B"));
        assert.deepEqual(await pastOf(store, conversation), ["A", "to A", "an operator", "nobody answers"]);
      }),
    );

    test(
      "is another from the edit on, also where it was seen before",
      using(open, async (_, store) => {
        const first = said("A");
        const { conversation } = await arrive(store, first);
        await answer(store, conversation, "to A");
        await talk(store, "B");
        await arrive(
          store,
          said("", {
            kind: "edit",
            platformId: (first as { platformId: string }).platformId,
            parts: [{ type: "text", text: "A, edited", markup: "plain" }],
          } as never),
        );
        const lease = await take(store, "turn", conversation);
        value(await store.ignoreEvent(lease, await next(store, conversation), "nothing-to-answer", 0));
        await store.release(lease);
        await arrive(store, said("C"));
        assert.deepEqual(await pastOf(store, conversation), ["A, edited", "to A", "B", "to B"]);
      }),
    );

    test(
      "has nothing of a message that was taken back",
      using(open, async (_, store) => {
        const first = said("a secret");
        const { conversation } = await arrive(store, first);
        await answer(store, conversation, "to A");
        await talk(store, "B");
        const taken = { kind: "delete", platformId: (first as { platformId: string }).platformId, parts: undefined };
        await arrive(store, said("", taken as never));
        const lease = await take(store, "turn", conversation);
        value(await store.ignoreEvent(lease, await next(store, conversation), "nothing-to-answer", 0));
        await store.release(lease);
        await arrive(store, said("C"));
        assert.deepEqual(await pastOf(store, conversation), ["[deleted]", "to A", "B", "to B"]);
      }),
    );

    test(
      "begins anew where somebody said so",
      using(open, async (_, store) => {
        const conversation = await talk(store, "A");
        await arrive(store, said("/reset"));
        const lease = await take(store, "turn", conversation);
        const reply = operatorSays("Done.", { author: "system" });
        value(await store.endCommand(lease, await next(store, conversation), { at: 0, reply, reset: true }));
        await store.release(lease);
        await talk(store, "B");
        await arrive(store, said("C"));
        assert.deepEqual(await pastOf(store, conversation), ["Done.", "B", "to B"]);
      }),
    );

    test(
      "has the answer to several behind the last of them",
      using(open, async (_, store) => {
        const conversation = await talk(store, "A");
        const [, b, c] = await receive(store, said("B1"), said("B2"), said("B3"));
        const running = await beginWith(
          store,
          conversation,
          [b?.event, c?.event].filter((id) => id !== undefined),
        );
        await store.past(running.event, 9);
        value(await store.finishTurn(running.lease, answerOf(running, "to all")));
        await store.release(running.lease);
        await arrive(store, said("C"));
        assert.deepEqual(await pastOf(store, conversation), ["A", "to A", "B1", "B2", "B3", "to all"]);
      }),
    );

    test(
      "has attachments as they were stored while the turn ran",
      using(open, async (_, store) => {
        const picture: Part = { type: "image", source: { at: "platform", ref: "x" }, caption: "a picture" };
        const { conversation, message, event } = await arrive(store, said("", { parts: [picture] } as never));
        const running = await begin(store, conversation);
        await store.past(running.event, 9);
        const stored: Part = { ...picture, source: { at: "store", id: "fl_1" as FileId, mediaType: "image/png", size: 1 } };
        value(await store.saveParts(running.lease, event, message ?? assert.fail(), [stored], []));
        value(await store.finishTurn(running.lease, answerOf(running, "nice")));
        await store.release(running.lease);
        await arrive(store, said("B"));
        const past = await store.past(await next(store, conversation), 9);
        assert.deepEqual(past[0]?.parts, [stored]);
        assert.deepEqual(texts(past).slice(1), ["nice"]);
      }),
    );

    test(
      "has nothing of an answer that the store refused: a void lease, a takeover",
      using(open, async (_, store) => {
        const conversation = await talk(store, "A");
        await arrive(store, said("B"));
        const running = await begin(store, conversation);
        assert.deepEqual(texts(await store.past(running.event, 9)), ["A", "to A"]);
        refused(await store.finishTurn({ ...running.lease, fence: 0 }, answerOf(running, "too late")), "fenced");
        const of = running.event.conversation;
        assert.ok(await store.records.setControl(defaultTenant, conversation, "human", of.controlVersion, "op", 0));
        refused(await store.finishTurn(running.lease, answerOf(running, "taken over")), "version-conflict");
        value(await store.cancelTurn(running.lease, running.turn, { reason: "control-human", at: 0, calls: [] }));
        await store.release(running.lease);
        await arrive(store, said("C"));
        assert.deepEqual(await pastOf(store, conversation), ["A", "to A", "B"]);
        const { control, controlVersion } = (await next(store, conversation)).conversation;
        assert.deepEqual([control, controlVersion], ["human", of.controlVersion + 1], "who speaks comes with the event");
      }),
    );

    test(
      "has what a failed turn told, once, and is the same after a retry",
      using(open, async (_, store) => {
        const conversation = await talk(store, "A");
        await arrive(store, said("B"));
        const running = await begin(store, conversation);
        const why = fault("provider-unavailable", "down");
        value(await store.retryTurn(running.lease, running.turn, { fault: why, dueAt: 0, at: 0, calls: [] }));
        assert.deepEqual(await pastOf(store, conversation), ["A", "to A"]);
        const again = await begin(store, conversation, running.lease);
        value(await store.finishTurn(again.lease, answerOf(again, "sorry", { state: "failed", fault: why })));
        await store.release(again.lease);
        await arrive(store, said("C"));
        assert.deepEqual(await pastOf(store, conversation), ["A", "to A", "B", "sorry"]);
      }),
    );

    test(
      "is what is on disk after the process died",
      using(open, async (opened, store) => {
        const conversation = await talk(store, "A");
        const after = await opened.crash();
        await talk(after, "B");
        await arrive(after, said("C"));
        assert.deepEqual(await pastOf(after, conversation), ["A", "to A", "B", "to B"]);
      }),
    );
  });
}
