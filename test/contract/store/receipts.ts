import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ReceiptEvent } from "../../../src/core/event.ts";
import type { IgnoreReason } from "../../../src/core/ledger.ts";
import type { Received, Store } from "../../../src/core/store.ts";
import {
  answer,
  arrive,
  attempt,
  by,
  due,
  noon,
  type Open,
  operatorSays,
  said,
  send,
  stages,
  stateOf,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

const failure = { code: "channel-permanent", message: "the number doesn't exist" } as const;
const gone = { kind: "refused", code: "channel-gone", message: "blocked" } as const;

/** An event that nobody answers arrives, and is let in or not. */
async function hear(store: Store, more: object, reason: IgnoreReason = "nothing-to-answer"): Promise<Received> {
  const received = await arrive(store, said("", more));
  const lease = await take(store, "turn", received.conversation);
  const event = await store.nextEvent(received.conversation);
  assert.equal(event?.id, received.event);
  value(await store.ignoreEvent(lease, event as never, reason, noon + 5));
  await store.release(lease);
  return received;
}

const receipt = (platformId: string, state: ReceiptEvent["state"], more: object = {}): object => ({
  ...{ kind: "receipt", platformId, state },
  ...(state === "failed" && { error: failure }),
  ...more,
});

/** One answered message whose answer is sent under the receipt `r1`, by a channel that tells more of it. */
async function sent(store: Store, outcome: Parameters<Store["endAttempt"]>[2]["outcome"] = { kind: "sent", receipt: "r1" }) {
  const { conversation, event } = await arrive(store);
  const [id] = await answer(store, conversation, "one");
  const { lease, delivery } = await attempt(store, conversation);
  const end = async () => {
    value(await store.endAttempt(lease, delivery, { outcome, awaited: true, at: noon + 4 }));
    await store.release(lease);
  };
  return { conversation, event, id: id as NonNullable<typeof id>, end };
}

export function receiptContract(open: Open): void {
  describe("what the platform tells afterwards", () => {
    test(
      "delivered, then read, stands with the delivery; words in another order take nothing back",
      using(open, async (_, store) => {
        const { event, id, end } = await sent(store);
        await end();
        for (const state of ["delivered", "read", "delivered"] as const) await hear(store, receipt("r1", state));
        const delivery = await store.records.delivery(tenant, id);
        assert.deepEqual([delivery?.state, delivery?.confirmed], ["sent", "read"]);
        assert.equal((await stages(store, event)).filter((stage) => stage === "delivery-confirm").length, 2);
      }),
    );

    test(
      "a message that failed after it was sent waits for an operator, with the platform's reason",
      using(open, async (opened, store) => {
        const { event, id, end } = await sent(store);
        await end();
        await hear(store, receipt("r1", "failed"));
        const reopened = await opened.crash();
        const delivery = await reopened.records.delivery(tenant, id);
        assert.deepEqual([delivery?.state, delivery?.error], ["failed", failure]);
        assert.equal((await stages(reopened, event)).at(-1), "delivery-fail (channel-permanent)");
        assert.deepEqual(await reopened.settleDead(tenant, { ids: [id] }, "retry", by, noon + 9), [id]);
        assert.equal(await stateOf(reopened, id), "queued");
      }),
    );

    test(
      "it may come before the answer to the send",
      using(open, async (_, store) => {
        const { id, end } = await sent(store);
        await hear(store, receipt("r1", "failed"));
        assert.equal(await stateOf(store, id), "sending");
        await end();
        assert.equal(await stateOf(store, id), "failed");
      }),
    );

    test(
      "with our own id it says what became of a send that nobody knew of, before its end and after it",
      using(open, async (_, store) => {
        const nobodyKnows = { kind: "unknown", code: "channel-unknown", message: "cut" } as const;
        const later = await sent(store, nobodyKnows);
        await later.end();
        await hear(store, receipt("r7", "delivered", { delivery: later.id }));
        assert.deepEqual(await store.records.delivery(tenant, later.id).then((of) => [of?.state, of?.receipt]), ["sent", "r7"]);
        await hear(store, receipt("r7", "read"));
        assert.equal((await store.records.delivery(tenant, later.id))?.confirmed, "read");
        const early = await sent(store, nobodyKnows);
        await hear(store, receipt("r8", "failed", { delivery: early.id }));
        await early.end();
        assert.deepEqual(await store.records.delivery(tenant, early.id).then((of) => of?.state), "failed");
      }),
    );

    test(
      "that it was accepted settles what nobody knew, and takes nothing back",
      using(open, async (_, store) => {
        const later = await sent(store, { kind: "unknown", code: "channel-unknown", message: "cut" });
        await later.end();
        await hear(store, receipt("r7", "accepted", { delivery: later.id }));
        const found = await store.records.delivery(tenant, later.id);
        assert.deepEqual([found?.state, found?.receipt, found?.confirmed], ["sent", "r7", undefined]);
        const known = await sent(store);
        await hear(store, receipt("r1", "delivered"));
        await hear(store, receipt("r1", "accepted"));
        await known.end();
        await hear(store, receipt("r1", "accepted"));
        assert.equal((await store.records.delivery(tenant, known.id))?.confirmed, "delivered");
      }),
    );

    test(
      "words about what isn't ours, or isn't let in, change nothing",
      using(open, async (_, store) => {
        const { id, end } = await sent(store);
        await end();
        await hear(store, receipt("another", "failed"));
        await hear(store, receipt("r1", "failed", { delivery: "dl_0000000000000000000000" }));
        await hear(store, receipt("r1", "failed"), "account-removed");
        assert.equal(await stateOf(store, id), "sent");
      }),
    );
  });

  describe("a message that is taken back", () => {
    test(
      "leaves that there was one; an edit by somebody who isn't let in leaves it as it was",
      using(open, async (_, store) => {
        const { conversation } = await hear(store, { ...said("my secret"), platformId: "p" });
        const words = async () => (await store.history(conversation, undefined, 9)).map(({ parts }) => (parts[0] as { text: string }).text);
        await hear(
          store,
          { kind: "edit", platformId: "p", parts: [{ type: "text", text: "obey me", markup: "plain" }] },
          "sender-not-allowed",
        );
        assert.deepEqual(await words(), ["my secret"]);
        await hear(store, { kind: "delete", platformId: "p", sender: { id: "moderator", bot: false, self: false } });
        assert.deepEqual(await words(), ["[deleted]"]);
      }),
    );
  });

  describe("a chat that nothing reaches", () => {
    test(
      "is sent nothing until it is heard of again",
      using(open, async (opened, store) => {
        const { conversation } = await arrive(store);
        await answer(store, conversation, "one");
        const next = await store.enqueue(operatorSays("two"));
        await send(store, conversation, gone);
        const reopened = await opened.crash();
        const lease = await take(reopened, "send", conversation);
        assert.equal((await reopened.beginAttempt(lease, conversation, noon + 9)).kind, "empty");
        await reopened.release(lease);
        const kept = await reopened.records.delivery(tenant, next.deliveries[0] as never);
        assert.deepEqual([kept?.state, kept?.error?.code, kept?.attempts], ["failed", "channel-gone", 0]);
        await reopened.enqueue(operatorSays("three"));
        await arrive(reopened, said("I'm back"));
        assert.deepEqual(await send(reopened, conversation).then(({ content }) => content.text), "three");
      }),
    );

    test(
      "membership says so, too, and an operator's retry tries all the same",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        await arrive(store, said("", { kind: "membership", change: "blocked" } as never));
        const { deliveries } = await store.enqueue(operatorSays("one"));
        const lease = await take(store, "send", conversation);
        assert.equal((await store.beginAttempt(lease, conversation, noon + 9)).kind, "empty");
        await store.release(lease);
        await store.settleDead(tenant, { ids: deliveries }, "retry", by, noon + 9);
        assert.deepEqual(await due(store, noon + 10).then((lanes) => lanes.includes(`send:${conversation}`)), true);
        assert.equal((await attempt(store, conversation, noon + 10)).delivery.id, deliveries[0]);
      }),
    );
  });
}
