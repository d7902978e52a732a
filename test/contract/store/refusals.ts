import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AgentId, newId } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import type { Quota, Store } from "../../../src/core/store.ts";
import { answerOf, arrive, by, newCall, noon, type Open, refused, said, stages, take, tenant, using, value } from "./fixture.ts";

const day = Math.floor(noon / 86_400_000);

/** A message that begins its turn and is answered, or what it was refused with. */
async function speak(store: Store, sender: string, chat: string, quota: Quota | undefined): Promise<string> {
  const event = said("hi", { sender: { id: sender, bot: false, self: false }, chat: { id: chat, kind: "direct" } });
  const { conversation } = await arrive(store, event);
  const lease = await take(store, "turn", conversation);
  try {
    const queued = await store.nextEvent(conversation);
    assert.ok(queued);
    const call = newCall();
    const begun = await store.beginTurn(lease, { event: queued, agent: "main" as AgentId, route: 0, call, quota, at: noon });
    if (!begun.ok) {
      value(await store.ignoreEvent(lease, queued, "sender-quota", noon));
      return begun.fault.code;
    }
    value(await store.finishTurn(lease, answerOf({ lease, event: queued, turn: begun.value.turn, call }, "yes")));
    return "answered";
  } finally {
    await store.release(lease);
  }
}

/** What a sender may have in a day, and what becomes of an event that gets no turn. */
export function refusalContract(open: Open): void {
  describe("refusals", () => {
    test(
      "a sender gets so many turns a day, whatever the conversation, also across a crash",
      using(open, async (opened, store) => {
        const quota = { day, turns: 2 };
        assert.equal(await speak(store, "u1", "c1", quota), "answered");
        assert.equal(await speak(store, "u1", "c2", quota), "answered");
        assert.equal(await speak(store, "u1", "c3", quota), "sender-quota");
        assert.equal(await speak(store, "u2", "c1", quota), "answered");
        const reopened = await opened.crash();
        assert.equal(await speak(reopened, "u1", "c1", quota), "sender-quota");
        assert.equal(await speak(reopened, "u1", "c1", undefined), "answered");
        assert.equal(await speak(reopened, "u1", "c1", { ...quota, day: day + 1 }), "answered");
        assert.equal(await speak(reopened, "u1", "c1", { ...quota, day: day + 1 }), "answered");
        assert.equal(await speak(reopened, "u1", "c1", { ...quota, day: day + 1 }), "sender-quota");
      }),
    );

    test(
      "a turn that is begun again is counted once",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const lease = await take(store, "turn", conversation);
        for (let tries = 0; tries < 3; tries++) {
          const event = await store.nextEvent(conversation);
          assert.ok(event);
          const begin = { event, agent: "main" as AgentId, route: 0, call: newCall(), quota: { day, turns: 1 }, at: noon };
          const { turn } = value(await store.beginTurn(lease, begin));
          value(await store.retryTurn(lease, turn, { fault: { code: "turn-failed", message: "no" }, dueAt: noon, at: noon, calls: [] }));
        }
      }),
    );

    /** A refused event with a notice; gives the texts that are queued for its conversation. */
    async function notify(store: Store, onceOn?: number): Promise<{ readonly event: string; readonly texts: readonly string[] }> {
      const { conversation, event } = await arrive(store);
      const lease = await take(store, "turn", conversation);
      const queued = await store.nextEvent(conversation);
      assert.ok(queued);
      const content = { text: "Slow down", visible: "Slow down" };
      const message = newId("message", noon);
      const notice = { message, parts: [textPart("Slow down")], deliveries: [{ content, onUnknown: "hold" as const }], onceOn };
      value(await store.ignoreEvent(lease, queued, "sender-quota", noon, notice));
      await store.release(lease);
      const found = await store.records.trace(tenant, event);
      assert.equal(found?.event?.state, "ignored");
      return { event, texts: found?.deliveries.map(({ content }) => content.text) ?? [] };
    }

    test(
      "a notice is the event's answer from the system, and leaves like one",
      using(open, async (_, store) => {
        const { event, texts } = await notify(store);
        assert.deepEqual(texts, ["Slow down"]);
        assert.deepEqual(await stages(store, event), ["received", "ignored (sender-quota)", "delivery-queued"]);
        const trace = await store.records.trace(tenant, event);
        assert.deepEqual(
          trace?.messages.map(({ direction, author }) => [direction, author]),
          [
            ["in", undefined],
            ["out", "system"],
          ],
        );
        const { conversation } = trace ?? assert.fail();
        await store.records.setControl(tenant, conversation.id, "human", conversation.controlVersion, by, noon);
        const lease = await take(store, "send", conversation.id);
        assert.equal((await store.beginAttempt(lease, conversation.id, noon + 1)).kind, "empty", "after a takeover it doesn't leave");
      }),
    );

    test(
      "one that is told once a day isn't told twice, also across a crash",
      using(open, async (opened, store) => {
        await speak(store, "u1", "c1", { day, turns: 1 });
        assert.deepEqual((await notify(store, day)).texts, ["Slow down"]);
        assert.deepEqual((await notify(store, day)).texts, []);
        const reopened = await opened.crash();
        assert.deepEqual((await notify(reopened, day)).texts, []);
        assert.deepEqual((await notify(reopened, day + 1)).texts, ["Slow down"]);
      }),
    );

    test(
      "whoever lost the lane refuses nothing",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("hi", { chat: { id: "c9", kind: "direct" } }));
        const lease = await take(store, "turn", conversation);
        const queued = await store.nextEvent(conversation);
        assert.ok(queued);
        await store.release(lease);
        refused(await store.ignoreEvent(lease, queued, "sender-rate", noon), "fenced");
      }),
    );
  });
}
