import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AgentId, type DeliveryId, type FileId, newId } from "../../../src/core/ids.ts";
import type { Retention } from "../../../src/core/retention.ts";
import type { Store } from "../../../src/core/store.ts";
import {
  account,
  answer,
  answerOf,
  arrive,
  attempt,
  begin,
  beginWith,
  by,
  due,
  newCall,
  noon,
  type Open,
  operatorSays,
  receive,
  said,
  send,
  stages,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

const day = 86_400_000;
const hour = 3_600_000;

/** Keeps nothing that is a day old, but what it must. */
const strict = { messagesDays: 1, ledgerDays: 1, newestMessages: 0, dedupeDays: 8 } as const;

/** Clocks as the machine has them: the wall clock can be set, the counter only runs. */
function clocksOf(store: () => Store) {
  let up = 1_000;
  let wall = noon;
  return {
    tell: (boot = "first boot") => store().tellTime({ now: wall, upMs: up, boot }),
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 6 * hour) {
        up += Math.min(left, 6 * hour);
        wall += Math.min(left, 6 * hour);
        await this.tell();
      }
    },
    set(ms: number): void {
      wall += ms;
    },
    get wall() {
      return wall;
    },
  };
}

async function sweepAll(store: Store, keep: Retention & { readonly dedupeDays: number } = strict): Promise<number> {
  let steps = 0;
  for (let place = await store.sweep(keep); place; place = await store.sweep(keep, place)) assert.ok(++steps < 10_000, "a pass ends");
  return steps;
}

async function answered(store: Store, text: string, chat = "c1"): Promise<{ event: string; delivery: string; message: string }> {
  const { event, conversation, message = "" } = await arrive(store, said(text, { chat: { id: chat, kind: "direct" } }));
  const [delivery = ""] = await answer(store, conversation, `re: ${text}`);
  await send(store, conversation);
  return { event, delivery, message };
}

/** The last rows always stay: what a test wants to see dropped mustn't be among them. */
const somethingLater = (store: Store) => answered(store, "later", "somewhere else");

/** One event, and whether a quota of one turn on that day leaves it any. */
async function ask(store: Store, sender: string, on: number): Promise<"answered" | "refused"> {
  const { conversation } = await arrive(store, said("hi", { sender: { id: sender, bot: false, self: false } }));
  const lease = await take(store, "turn", conversation);
  const event = await store.nextEvent(conversation);
  assert.ok(event);
  const call = newCall();
  const begun = await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, quota: { day: on, turns: 1 }, at: noon });
  if (begun.ok) value(await store.finishTurn(lease, answerOf({ lease, event, turn: begun.value.turn, call }, "yes")));
  else value(await store.ignoreEvent(lease, event, "sender-quota", noon));
  await store.release(lease);
  return begun.ok ? "answered" : "refused";
}

export function retentionContract(open: Open): void {
  describe("retention", () => {
    test(
      "what senders had goes after days that passed, not after a clock that was set",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const today = Math.floor(noon / day);
        assert.equal(await ask(store, "u1", today), "answered");
        assert.equal(await ask(store, "u1", today), "refused");
        clocks.set(400 * day);
        await clocks.pass(6 * hour);
        await sweepAll(store);
        assert.equal(await ask(store, "u1", today), "refused");
        await clocks.pass(3 * day);
        assert.equal(await ask(store, "u2", today), "answered");
        await sweepAll(store);
        assert.equal(await ask(store, "u1", today), "answered", "it is long over");
        assert.equal(await ask(store, "u2", today), "refused", "it isn't over yet");
      }),
    );

    test(
      "drops what is old enough and over, whole, and counts right; its ids answer like ids that never were",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const old = await answered(store, "old");
        await clocks.pass(7 * hour);
        const young = await answered(store, "young");
        await somethingLater(store);
        await clocks.pass(18 * hour);
        await sweepAll(store);
        assert.ok(await store.records.trace(tenant, old.event), "it is not a day old for sure");
        await clocks.pass(6 * hour);
        await sweepAll(store);
        for (const id of Object.values(old)) assert.equal(await store.records.trace(tenant, id), undefined, id);
        assert.equal(await store.records.delivery(tenant, old.delivery as DeliveryId), undefined);
        assert.equal(await store.message(tenant, old.message), undefined);
        assert.equal((await stages(store, young.event)).at(-1), "delivery-sent");
        assert.equal((await store.records.counts(tenant)).messages, 4);
        const { conversation = "" } = { conversation: (await store.records.trace(tenant, young.event))?.conversation.id };
        const texts = await store.history(conversation as never, undefined, 10);
        assert.deepEqual(
          texts.map(({ parts }) => (parts[0] as { text: string }).text),
          ["young", "re: young"],
        );
        assert.equal((await store.records.messages(tenant, conversation as never, { limit: 10 })).length, 2);
        assert.equal((await store.records.stories(tenant, { limit: 10 })).length, 2);
      }),
    );

    test(
      "never drops what is open or waits for an operator, nor its story",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const waiting = await arrive(store, said("nobody came yet", { chat: { id: "w", kind: "direct" } }));
        const running = await arrive(store, said("it runs", { chat: { id: "r", kind: "direct" } }));
        await begin(store, running.conversation);
        const unsure = await arrive(store, said("unsure", { chat: { id: "u", kind: "direct" } }));
        await answer(store, unsure.conversation, "did it arrive?");
        await send(store, unsure.conversation, { kind: "unknown", code: "channel-unknown", message: "?" });
        const given = await arrive(store, said("given up", { chat: { id: "d", kind: "direct" } }));
        const [dead = ""] = await answer(store, given.conversation, "dead");
        await send(store, given.conversation, { kind: "retry", code: "channel-retry", message: "no" });
        const queued = await arrive(store, said("queued", { chat: { id: "q", kind: "direct" } }));
        await answer(store, queued.conversation, "still to send");
        await somethingLater(store);
        await clocks.pass(20 * day);
        await sweepAll(store);
        for (const { event } of [waiting, running, unsure, given, queued]) {
          const trace = await store.records.trace(tenant, event);
          assert.equal(trace?.entries[0]?.stage, "received", event);
          assert.equal(trace?.messages.length, event === waiting.event || event === running.event ? 1 : 2);
        }
        await store.settle(tenant, [dead as DeliveryId], "retry", by, clocks.wall);
        const { lease, delivery } = await attempt(store, given.conversation, clocks.wall);
        value(await store.endAttempt(lease, delivery, { outcome: { kind: "sent", receipt: "r" }, at: clocks.wall }));
        await somethingLater(store);
        await sweepAll(store);
        assert.equal(await store.records.trace(tenant, given.event), undefined, "now it is over");
      }),
    );

    test(
      "events that share a turn go as it does: what waits keeps all of them, and each message counts once",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const [lead, joined] = await receive(store, said("first"), said("second"));
        assert.ok(lead && joined);
        const { conversation } = lead;
        const running = await beginWith(store, conversation, [joined.event]);
        value(await store.finishTurn(running.lease, answerOf(running, "to both")));
        await store.release(running.lease);
        const { id } = await send(store, conversation, { kind: "unknown", code: "channel-unknown", message: "?" });
        await somethingLater(store);
        await clocks.pass(20 * day);
        await sweepAll(store);
        for (const { event } of [lead, joined]) {
          const trace = (await store.records.trace(tenant, event)) ?? assert.fail();
          assert.deepEqual([trace.messages.length, trace.deliveries.length], [2, 1]);
        }
        await store.settle(tenant, [id], "drop", by, clocks.wall);
        await somethingLater(store);
        await sweepAll(store);
        for (const { event } of [lead, joined]) assert.equal(await store.records.trace(tenant, event), undefined);
        assert.equal((await store.records.counts(tenant)).messages, 2, "what was said somewhere else");
      }),
    );

    test(
      "the stages may go before the message; a trace without them is still a trace",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const old = await answered(store, "old");
        await somethingLater(store);
        await clocks.pass(3 * day);
        await sweepAll(store, { ledgerDays: 1, newestMessages: 0, dedupeDays: 8 });
        const trace = await store.records.trace(tenant, old.event);
        assert.deepEqual(trace?.entries, []);
        assert.equal(trace?.messages.length, 2);
        assert.equal(trace?.deliveries[0]?.state, "sent");
      }),
    );

    test(
      "without a policy nothing but keys is dropped",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const old = await answered(store, "old");
        await somethingLater(store);
        await clocks.pass(20 * day);
        await sweepAll(store, { newestMessages: 0, dedupeDays: 8 });
        assert.equal((await stages(store, old.event)).at(-1), "delivery-sent");
      }),
    );

    test(
      "a conversation's newest messages stay as the policy says, until newer ones come",
      using(open, async (_, store) => {
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const events: string[] = [];
        for (const text of ["1", "2", "3"]) events.push((await answered(store, text)).event);
        await somethingLater(store);
        await clocks.pass(10 * day);
        const keep = { ...strict, newestMessages: 4 };
        await sweepAll(store, keep);
        const kept = async () => (await Promise.all(events.map((id) => store.records.trace(tenant, id)))).map(Boolean);
        assert.deepEqual(await kept(), [false, true, true]);
        await answered(store, "4");
        await somethingLater(store);
        await sweepAll(store, keep);
        assert.deepEqual(await kept(), [false, false, true]);
      }),
    );

    test(
      "a platform's ids are known for as many days as asked, whatever the wall clock says and whoever restarts",
      using(open, async (opened, first) => {
        let store = first;
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const event = said("once");
        await arrive(store, event);
        const known = async () => {
          await sweepAll(store);
          return (await store.receive({ tenant, account, channel: "test", at: clocks.wall, events: [event] }))[0]?.duplicate;
        };
        clocks.set(400 * day);
        await clocks.tell();
        assert.equal(await known(), true, "the clock was put on while running");
        store = await opened.crash();
        clocks.set(400 * day);
        await clocks.tell("second boot");
        assert.equal(await known(), true, "the clock was put on between two boots");
        clocks.set(-900 * day);
        await clocks.tell("second boot");
        assert.equal(await known(), true, "the clock was put back");
        clocks.set(100 * day);
        for (let hours = 0; hours < 8 * 24 - 1; hours += 1) {
          await store.tellTime({ now: clocks.wall, upMs: 1_000 + hours * hour, boot: "third boot" });
        }
        assert.equal(await known(), true, "eight days aren't over");
        await somethingLater(store);
        await store.tellTime({ now: clocks.wall, upMs: 1_000 + 8.5 * day, boot: "third boot" });
        assert.equal(await known(), false, "they are");
      }),
    );

    test(
      "a wrong clock makes no message old",
      using(open, async (opened, first) => {
        let store = first;
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const { event } = await answered(store, "not old");
        await somethingLater(store);
        for (const jump of [400 * day, -800 * day, hour, 400 * day]) {
          clocks.set(jump);
          await clocks.tell();
          await sweepAll(store);
        }
        store = await opened.crash();
        clocks.set(400 * day);
        await clocks.tell("another boot");
        await sweepAll(store);
        assert.ok(await store.records.trace(tenant, event));
      }),
    );

    test(
      "the files of a dropped message are to go after its rows, over a crash too; what another message holds stays",
      using(open, async (opened, first) => {
        const clocks = clocksOf(() => first);
        await clocks.tell();
        const [own, shared, stray] = Array.from({ length: 3 }, () => newId("file", noon)) as [FileId, FileId, FileId];
        const parts = (...ids: FileId[]) =>
          ids.map((id) => ({ type: "file", source: { at: "store", id, mediaType: "text/plain", size: 1 } }) as const);
        const old = await arrive(first, said("see", { parts: [] }));
        assert.ok(old.message);
        const lease = await take(first, "turn", old.conversation);
        value(await first.saveParts(lease, old.event, old.message, parts(own, shared), []));
        await first.release(lease);
        await answer(first, old.conversation, "seen");
        await send(first, old.conversation);
        assert.deepEqual(await first.strayFiles(tenant, [own, shared, stray]), [stray]);
        await clocks.pass(7 * hour);
        await first.enqueue(operatorSays("again", { parts: parts(shared), chat: { id: "c9", kind: "direct" } }));
        assert.deepEqual(await first.droppedFiles(10), []);
        await clocks.pass(3 * day);
        await sweepAll(first);
        const store = await opened.crash();
        assert.deepEqual(
          (await store.droppedFiles(10)).map(({ id }) => id),
          [own],
        );
        await store.forgetFiles([own]);
        assert.deepEqual(await store.droppedFiles(10), []);
        assert.deepEqual(await store.strayFiles(tenant, [own, shared]), [own]);
      }),
    );

    test(
      "what waits for a time waits as long as before when the wall clock is moved",
      using(open, async (opened, first) => {
        let store = first;
        const clocks = clocksOf(() => store);
        await clocks.tell();
        const { conversation } = await arrive(store);
        await answer(store, conversation, "not before time");
        await send(store, conversation, { kind: "retry", code: "channel-retry", message: "wait" }, noon + 30 * 60_000);
        const wait = async () => ((await store.nextDelivery(conversation))?.dueAt ?? 0) - clocks.wall;
        const other = await arrive(store, said("retry this", { chat: { id: "c2", kind: "direct" } }));
        const running = await begin(store, other.conversation);
        const fault = { code: "provider-unavailable", message: "busy" } as const;
        value(await store.retryTurn(running.lease, running.turn, { fault, dueAt: noon + 60_000, at: noon, calls: [] }));
        await store.release(running.lease);
        for (const [jump, boot] of [
          [hour, "first boot"],
          [-hour, "first boot"],
          [400 * day, "first boot"],
          [-800 * day, "first boot"],
          [400 * day, "second boot"],
          [-400 * day, "second boot"],
        ] as const) {
          if (boot !== "first boot" && store === first) store = await opened.crash();
          clocks.set(jump);
          assert.equal(await clocks.tell(boot), jump);
          assert.equal(await wait(), 30 * 60_000, `${jump} ms, ${boot}`);
          assert.equal(((await store.nextEvent(other.conversation))?.dueAt ?? 0) - clocks.wall, 60_000);
          assert.deepEqual(await due(store, clocks.wall, 10), []);
          const lease = await take(store, "send", conversation);
          assert.equal((await store.beginAttempt(lease, conversation, clocks.wall)).kind, "wait");
          await store.release(lease);
          const [delivery] = await store.records.deliveries(tenant, { limit: 1 });
          assert.equal((delivery?.createdAt ?? 0) - clocks.wall, 2, "nor does it get older");
        }
        assert.deepEqual(await due(store, clocks.wall + 31 * 60_000, 10), [`turn:${other.conversation}`, `send:${conversation}`]);
      }),
    );
  });
}
