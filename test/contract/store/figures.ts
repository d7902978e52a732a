import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../src/core/errors.ts";
import { type FigureFilter, quantileOf } from "../../../src/core/figures.ts";
import { type AgentId, type ConversationId, type MessageId, newId, type TenantId } from "../../../src/core/ids.ts";
import type { Store, TurnFinish } from "../../../src/core/store.ts";
import { account, answerOf, by, newCall, noon, type Open, operatorSays, other, said, take, tenant, using, value } from "./fixture.ts";

const second = 1_000;
const hour = 3_600_000;
const day = 24 * hour;

async function write(store: Store, chat: string, at: number, of: TenantId = tenant): Promise<ConversationId> {
  const event = said("Hello", { chat: { id: chat, kind: "direct" } });
  const [received] = await store.receive({ tenant: of, account, channel: "test", at, events: [event] });
  assert.ok(received);
  return received.conversation;
}

/** The agent takes the oldest message up at `at` and is done two seconds later. */
async function reply(store: Store, conversation: ConversationId, at: number, more: Partial<TurnFinish> = {}): Promise<void> {
  const lease = await take(store, "turn", conversation);
  const event = await store.nextEvent(conversation);
  assert.ok(event);
  const call = newCall({ startedAt: at });
  const { turn } = value(await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, at }));
  const finish = answerOf({ lease, event, turn, call }, "An answer", { message: newId("message", at), at: at + 2 * second, ...more });
  value(await store.finishTurn(lease, finish));
  await store.release(lease);
}

/** What is next to be sent arrives then. */
async function send(store: Store, conversation: ConversationId, at: number): Promise<void> {
  const lease = await take(store, "send", conversation);
  const begun = await store.beginAttempt(lease, conversation, at);
  assert.ok(begun.kind === "begun");
  value(await store.endAttempt(lease, begun.delivery, { outcome: { kind: "sent", receipt: `r-${begun.delivery.id}` }, at }));
  await store.release(lease);
}

async function ask(store: Store, chat: string, at: number): Promise<ConversationId> {
  const conversation = await write(store, chat, at);
  await reply(store, conversation, at + second);
  await send(store, conversation, at + 4 * second);
  return conversation;
}

async function count(store: Store, now: number): Promise<void> {
  while (await store.countFigures(now));
}

const everything = { from: 0, to: 1e9, by: undefined } as const;

async function figures(store: Store, filter: FigureFilter = everything, of = tenant): Promise<{ readonly [figure: string]: number }> {
  const { rows, behind } = await store.records.figures(of, filter);
  assert.equal(behind, false);
  const sums = new Map<string, number>();
  const add = (figure: string, n: number) => n > 0 && sums.set(figure, (sums.get(figure) ?? 0) + n);
  for (const { counts, waits } of rows) {
    for (const [figure, n] of Object.entries(counts)) add(figure, n);
    for (const n of waits.values()) add("wait", n);
  }
  return Object.fromEntries(sums);
}

export function figuresContract(open: Open): void {
  describe("figures", () => {
    test(
      "are what anybody counts by hand, hour by hour, and the same when they are counted again",
      using(open, async ({ crash }, first) => {
        let store = first;
        // Anna is answered; an hour later a turn fails, and she is told so.
        const anna = await ask(store, "anna", noon);
        await write(store, "anna", noon + hour);
        const why = fault("provider-unavailable", "503");
        await reply(store, anna, noon + hour + second, { state: "failed", fault: why });
        await send(store, anna, noon + hour + 4 * second);
        // Three days later she writes again, and is answered: the first period is over, and was reopened.
        await ask(store, "anna", noon + 3 * day);
        // Ben is handed over in an answer, writes to people, and is answered by one.
        const ben = await write(store, "ben", noon);
        await reply(store, ben, noon + second, { handOver: { reason: "refund" } });
        await send(store, ben, noon + 10 * second);
        await write(store, "ben", noon + 60 * second);
        const lease = await take(store, "turn", ben);
        const waiting = await store.nextEvent(ben);
        assert.ok(waiting);
        value(await store.ignoreEvent(lease, waiting, "control-human", noon + 61 * second));
        await store.release(lease);
        const message = newId("message", noon) as MessageId;
        await store.enqueue(operatorSays("I am a person", { chat: { id: "ben", kind: "direct" }, message, at: noon + 90 * second }));
        await send(store, ben, noon + 91 * second);
        // Of somebody else's.
        await write(store, "carl", noon, other);

        const expected = {
          ...{ received: 5, turns: 4, answered: 3, people: 1, failed: 1, wait: 3 },
          ...{ periods: 2, reopened: 1, handed: 1 },
        };
        await count(store, noon + 3 * day + hour);
        assert.deepEqual(await figures(store), expected, "the last period goes on");
        assert.deepEqual(await figures(store, everything, other), { received: 1 });
        await count(store, noon + 4 * day + hour);
        assert.deepEqual(await figures(store), { ...expected, periods: 3, resolved: 1 });

        const at = Math.floor(noon / hour);
        assert.deepEqual(await figures(store, { from: at, to: at, by: "hour" }), {
          ...{ received: 3, turns: 2, answered: 2, people: 1, wait: 2 },
          // Ben's period, whose last message is of this hour.
          ...{ periods: 1, handed: 1 },
        });
        assert.deepEqual(await figures(store, { ...everything, only: { agent: "main" } }), {
          ...{ turns: 4, answered: 3, failed: 1, wait: 3, periods: 3, reopened: 1, handed: 1, resolved: 1 },
        });
        assert.deepEqual(await figures(store, { ...everything, only: { account: "elsewhere" } }), {});

        const { rows } = await store.records.figures(tenant, { ...everything, by: "agent" });
        const waits = rows.find(({ of }) => of === "main")?.waits ?? new Map();
        // 4, 4 and 10 seconds, to a tenth.
        assert.ok(Math.abs((quantileOf(waits, 0.5) ?? 0) - 4_000) <= 400, `${quantileOf(waits, 0.5)}`);
        assert.ok(Math.abs((quantileOf(waits, 0.95) ?? 0) - 10_000) <= 1_000, `${quantileOf(waits, 0.95)}`);

        const before = (await store.records.figures(tenant, { ...everything, by: "hour" })).rows;
        store = await crash();
        await store.recountFigures();
        assert.equal((await store.records.figures(tenant, everything)).behind, true);
        await store.countFigures(noon + 4 * day + hour);
        store = await crash();
        await count(store, noon + 4 * day + hour);
        assert.deepEqual((await store.records.figures(tenant, { ...everything, by: "hour" })).rows, before);
        await count(store, noon + 4 * day + hour);
        assert.deepEqual((await store.records.figures(tenant, { ...everything, by: "hour" })).rows, before, "counted once");
      }),
    );

    test(
      "minute by minute for the last 27 hours, and the same when they are counted again",
      using(open, async ({ crash }, first) => {
        let store = first;
        const minute = 60 * second;
        const at = (minutes: number) => noon + minutes * minute;
        const within = (from: number, to: number): FigureFilter => ({
          ...{ unit: "minute", from: Math.floor(at(from) / minute), to: Math.floor(at(to) / minute), by: undefined },
        });
        await ask(store, "anna", at(0));
        await count(store, at(1));
        await write(store, "ben", at(20));
        await write(store, "carl", at(20), other);
        await count(store, at(21));
        assert.deepEqual(await figures(store, within(0, 0)), { received: 1, turns: 1, answered: 1, wait: 1 });
        assert.deepEqual(await figures(store, within(1, 19)), {});
        assert.deepEqual(await figures(store, within(10, 20)), { received: 1 });
        assert.deepEqual(await figures(store, within(10, 20), other), { received: 1 });
        assert.deepEqual(await figures(store, { ...within(0, 20), only: { agent: "main" } }), { turns: 1, answered: 1, wait: 1 });

        store = await crash();
        await store.recountFigures();
        await count(store, at(21));
        assert.deepEqual(await figures(store, within(0, 20)), { received: 2, turns: 1, answered: 1, wait: 1 });

        const byMinute = (await store.records.figures(tenant, { ...within(0, 21), by: "minute" })).rows;
        assert.deepEqual(
          byMinute.map(({ of, counts }) => [Number(of) - Math.floor(noon / minute), counts.received]),
          [
            [0, 1],
            [20, 1],
          ],
        );

        const later = 27 * 60 + 10;
        await write(store, "dora", at(later));
        await count(store, at(later));
        const { received } = await figures(store, within(0, later));
        assert.equal(received, 2, "what is older is gone");
        assert.equal((await figures(store, within(0, later), other)).received, 1);
        assert.equal((await figures(store)).received, 3, "and stays in its hour");
      }),
    );

    test(
      "a message that is tried again, is said in several parts or gets no answer counts once, or not",
      using(open, async (_, store) => {
        const conversation = await write(store, "dora", noon);
        const lease = await take(store, "turn", conversation);
        const event = await store.nextEvent(conversation);
        assert.ok(event);
        const call = newCall();
        const { turn } = value(await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, at: noon }));
        const again = { fault: fault("provider-unavailable", "503"), dueAt: noon, at: noon, calls: [{ ...call, endedAt: noon }] };
        value(await store.retryTurn(lease, turn, again));
        await store.release(lease);
        const part = { content: { text: "a", visible: "a" }, onUnknown: "hold" } as const;
        await reply(store, conversation, noon, { deliveries: [part, part] });
        await send(store, conversation, noon + 3 * second);
        await send(store, conversation, noon + 4 * second);

        // Who isn't let in is told so, which is no answer.
        const eve = await write(store, "eve", noon);
        const held = await take(store, "turn", eve);
        const refused = await store.nextEvent(eve);
        assert.ok(refused);
        const notice = { message: newId("message", noon), parts: [], deliveries: [part] };
        value(await store.ignoreEvent(held, refused, "sender-not-allowed", noon, notice));
        await store.release(held);
        await send(store, eve, noon + second);
        await count(store, noon + 2 * day);
        assert.deepEqual(await figures(store), { received: 2, turns: 1, answered: 1, wait: 1, periods: 1, resolved: 1 });
      }),
    );

    test(
      "what retention dropped stays counted, and nothing is dropped that isn't",
      using(open, async (_, store) => {
        let up = 1_000;
        const age = async () => {
          for (let passed = 0; passed < 3 * day; passed += 6 * hour) {
            up += 6 * hour;
            await store.tellTime({ now: noon, upMs: up, boot: "boot" });
          }
        };
        await store.tellTime({ now: noon, upMs: up, boot: "boot" });
        await ask(store, "anna", noon);
        await age();
        await ask(store, "ben", noon + 3 * day);
        const keep = { ledgerDays: 1, newestMessages: 0, dedupeDays: 8 };
        const sweep = async () => {
          for (let place = await store.sweep(keep); place; place = await store.sweep(keep, place));
        };
        await sweep();
        await count(store, noon + 5 * day);
        assert.equal((await figures(store)).received, 2, "nothing was dropped before it was counted");
        await sweep();
        const before = await figures(store);
        await store.recountFigures();
        await count(store, noon + 5 * day);
        const after = await figures(store);
        assert.equal(after.received, before.received);
        assert.equal(after.answered, before.answered);
        await store.records.setControl(tenant, await write(store, "carl", noon + 6 * day), "paused", 1, by, noon + 6 * day);
        await count(store, noon + 6 * day);
        assert.equal((await figures(store)).received, 3);
      }),
    );
  });
}
