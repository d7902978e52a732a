import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BudgetState, Hold } from "../../../src/core/budget.ts";
import type { AgentId, ConversationId } from "../../../src/core/ids.ts";
import { newId } from "../../../src/core/ids.ts";
import { nanoUsd } from "../../../src/core/money.ts";
import type { Store } from "../../../src/core/store.ts";
import type { ModelCall } from "../../../src/core/turn.ts";
import {
  account,
  answerOf,
  arrive,
  by,
  newCall,
  noon,
  type Open,
  other,
  refused,
  said,
  stages,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

const window = "2026-11";
const usage = { input: 60, cachedInput: 0, output: 20, reported: true } as const;
const cost = { amount: 30, price: { source: "test", perMillion: { input: 1 } } };
const fault = { code: "provider-quota", message: "slow down" } as const;

const hold = (more: Partial<Hold> = {}): Hold => ({ budget: "all", key: "", window, tokens: 100, amount: 50, ...more });
const holding = (holds: readonly Hold[], more: Partial<ModelCall> = {}) => newCall({ holds, ...more });

/** Begins a turn in a chat of its own; what was refused, or the turn. */
async function beginIn(store: Store, chat: string, call: ModelCall) {
  const { conversation } = await arrive(store, said("Hello", { chat: { id: chat, kind: "direct" } }));
  return { conversation, ...(await beginAgain(store, conversation, call)) };
}

async function beginAgain(store: Store, conversation: ConversationId, call: ModelCall) {
  const lease = await take(store, "turn", conversation);
  const event = await store.nextEvent(conversation);
  assert.ok(event);
  const begun = await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, at: noon + 1 });
  return { lease, event, call, begun, running: { lease, event, call, turn: begun.ok ? begun.value.turn : ({} as never) } };
}

async function state(store: Store, budget = "all"): Promise<Partial<BudgetState> | undefined> {
  const [found] = await store.records.budgetStates(tenant, budget, window, 10);
  return (
    found && { tokens: found.tokens, amount: found.amount, reservedTokens: found.reservedTokens, reservedAmount: found.reservedAmount }
  );
}

/** Budgets: reserved with a call's intent, settled with its end. */
export function budgetContract(open: Open): void {
  describe("budgets", () => {
    test(
      "a call holds what it may come to, and in the end counts what it came to",
      using(open, async (_, store) => {
        const { running } = await beginIn(store, "c1", holding([hold(), hold({ budget: "mine", key: "u1" })]));
        assert.deepEqual(await state(store), { tokens: 0, amount: 0, reservedTokens: 100, reservedAmount: 50 });
        value(
          await store.finishTurn(running.lease, answerOf(running, "yes", { calls: [{ ...running.call, endedAt: noon + 2, usage, cost }] })),
        );
        assert.deepEqual(await state(store), { tokens: 80, amount: 30, reservedTokens: 0, reservedAmount: 0 });
        assert.deepEqual(await state(store, "mine"), { tokens: 80, amount: 30, reservedTokens: 0, reservedAmount: 0 });
        assert.deepEqual(await store.records.budgetStates(other, "all", window, 10), []);
      }),
    );

    test(
      "what is spent and held keeps further calls out; nothing is written for them",
      using(open, async (_, store) => {
        const limited = (tokens: number) => holding([hold({ tokens, tokenLimit: 150 }), hold({ budget: "other" })]);
        assert.ok((await beginIn(store, "c1", limited(100))).begun.ok);
        // The second may begin, as the limit isn't reached; the third may not.
        assert.ok((await beginIn(store, "c2", limited(100))).begun.ok);
        const third = await beginIn(store, "c3", limited(1));
        refused(third.begun, "budget-spent");
        assert.deepEqual(await stages(store, third.event.id), ["received"]);
        assert.equal((await store.overBudget(tenant, third.call.holds ?? []))?.budget, "all");
        assert.deepEqual(await state(store, "other"), { tokens: 0, amount: 0, reservedTokens: 200, reservedAmount: 100 });
        const inMoney = await beginIn(store, "c4", holding([hold({ budget: "other", amountLimit: 100 })]));
        refused(inMoney.begun, "budget-spent");
      }),
    );

    test(
      "the next call of a turn is refused alone: the turn can still end",
      using(open, async (_, store) => {
        const { running } = await beginIn(store, "c1", holding([hold({ tokenLimit: 120 })]));
        const ended = { ...running.call, endedAt: noon + 2, usage: { ...usage, input: 130 }, cost };
        const next = holding([hold({ tokenLimit: 120 })]);
        // Its own hold and what is spent so far leave no room.
        await beginIn(store, "c2", holding([hold()]));
        const step = { ended, tools: [], at: noon + 2 };
        refused(await store.stepTurn(running.lease, running.turn, { ...step, next }), "budget-spent");
        assert.equal((await state(store))?.tokens, 0, "nothing was written");
        value(await store.stepTurn(running.lease, running.turn, step));
        assert.deepEqual(await state(store), { tokens: 150, amount: 30, reservedTokens: 100, reservedAmount: 50 });
        value(await store.finishTurn(running.lease, answerOf(running, "so far", { calls: [] })));
      }),
    );

    test(
      "what a call held is free for the next one of its turn",
      using(open, async (_, store) => {
        // It may come to far more than there is; it came to nothing.
        const much = () => holding([hold({ tokens: 5_000, tokenLimit: 100 })]);
        const { running } = await beginIn(store, "c1", much());
        const next = much();
        const step = { ended: { ...running.call, endedAt: noon + 2, fault }, tools: [], next, at: noon + 2 };
        value(await store.stepTurn(running.lease, running.turn, step));
        assert.deepEqual(await state(store), { tokens: 0, amount: 0, reservedTokens: 5_000, reservedAmount: 50 });
        const again = {
          ended: { ...next, endedAt: noon + 3, usage: { ...usage, input: 90 }, cost },
          tools: [],
          next: much(),
          at: noon + 3,
        };
        refused(await store.stepTurn(running.lease, running.turn, again), "budget-spent");
      }),
    );

    test(
      "what was refused before anything came costs nothing; what was cut off counts in full",
      using(open, async (_, store) => {
        for (const [chat, end, tokens] of [
          ["c1", { fault }, 0],
          ["c2", { fault, began: true }, 100],
          ["c3", { usage: { input: 0, cachedInput: 0, output: 0, reported: false } }, 200],
        ] as const) {
          const { running } = await beginIn(store, chat, holding([hold()]));
          const calls = [{ ...running.call, endedAt: noon + 2, ...end }];
          value(await store.finishTurn(running.lease, answerOf(running, "sorry", { calls })));
          assert.deepEqual(await state(store), { tokens, amount: tokens / 2, reservedTokens: 0, reservedAmount: 0 }, chat);
        }
        const { running } = await beginIn(store, "c4", holding([hold()]));
        const calls = [{ ...running.call, endedAt: noon + 2, fault }];
        value(await store.retryTurn(running.lease, running.turn, { fault, dueAt: noon, at: noon + 2, calls }));
        assert.deepEqual(await state(store), { tokens: 200, amount: 100, reservedTokens: 0, reservedAmount: 0 });
      }),
    );

    test(
      "a process that dies may have spent all that its calls held",
      using(open, async (opened, store) => {
        const { conversation } = await beginIn(store, "c1", holding([hold()]));
        const after = await opened.crash();
        assert.deepEqual(await state(after), { tokens: 0, amount: 0, reservedTokens: 100, reservedAmount: 50 });
        assert.equal((await after.recover(noon + 5)).turns, 1);
        assert.deepEqual(await state(after), { tokens: 100, amount: 50, reservedTokens: 0, reservedAmount: 0 });
        const { running } = await beginAgain(after, conversation, holding([hold()]));
        value(
          await after.finishTurn(running.lease, answerOf(running, "yes", { calls: [{ ...running.call, endedAt: noon + 9, usage, cost }] })),
        );
        assert.deepEqual(await state(after), { tokens: 180, amount: 80, reservedTokens: 0, reservedAmount: 0 });
      }),
    );

    test(
      "an operator allows more, in one window, and the audit log says so",
      using(open, async (_, store) => {
        const spent = () => holding([hold({ tokenLimit: 100, amountLimit: nanoUsd(1) })]);
        await beginIn(store, "c1", spent());
        const { conversation, begun, lease } = await beginIn(store, "c2", spent());
        refused(begun, "budget-spent");
        await store.release(lease);
        await store.records.raiseBudget(tenant, { budget: "all", key: "", window, tokens: 50, amount: 0 }, by, noon);
        const [entry] = await store.records.auditLog(tenant, { limit: 1 });
        assert.deepEqual([entry?.action, entry?.subject, entry?.actor], ["budget-raise", "all", by]);
        assert.ok((await beginAgain(store, conversation, spent())).begun.ok);
      }),
    );

    test(
      "an event that is held stays queued for later, and its sender is told once a day",
      using(open, async (_, store) => {
        const { conversation, event: id } = await arrive(store);
        const lease = await take(store, "turn", conversation);
        const holdIt = async (dueAt: number, onceOn: number) => {
          const event = await store.nextEvent(conversation);
          assert.ok(event);
          const content = { text: "later", visible: "later" };
          const message = {
            ...{
              tenant,
              account,
              channel: "test",
              chat: event.event.chat,
              author: "system",
              message: newId("message", noon),
              parts: [],
              at: noon,
            },
            author: "system",
            deliveries: [{ content, onUnknown: "hold" }],
          } as const;
          return value(await store.holdEvent(lease, event, { dueAt, at: noon, reason: "budget-spent", notice: { message, onceOn } }));
        };
        assert.equal((await holdIt(noon + 60, 20_000)).notice?.deliveries.length, 1);
        assert.equal((await store.nextEvent(conversation))?.dueAt, noon + 60);
        const again = await holdIt(noon + 120, 20_000);
        assert.deepEqual([again.notice, again.entries], [undefined, []]);
        assert.ok((await holdIt(noon + 180, 20_001)).notice);
        assert.deepEqual(await stages(store, id), ["received", "held (budget-spent)"]);
        await store.release(lease);
        const { begun } = await beginAgain(store, conversation, newCall());
        assert.ok(begun.ok, "it is answered like any other");
      }),
    );

    test(
      "usage is added up by day and by everything that is asked for, and outlives the senders' names",
      using(open, async (opened, store) => {
        const priced = { usage, cost, agent: "main" as AgentId };
        for (const [chat, more] of [
          ["c1", priced],
          ["c2", { usage, agent: "main" as AgentId }],
          ["c3", { fault }],
        ] as const) {
          const { running } = await beginIn(store, chat, newCall(more as Partial<ModelCall>));
          value(
            await store.finishTurn(running.lease, answerOf(running, "yes", { calls: [{ ...running.call, endedAt: noon + 2, ...more }] })),
          );
        }
        const days = { from: "2026-11-01", to: "2026-11-30", limit: 10 };
        const sum = { calls: 3, failed: 1, unpriced: 1, input: 120, cachedInput: 0, output: 40, amount: 30 };
        assert.deepEqual(await store.records.usage(tenant, { ...days, by: [] }), [{ of: {}, ...sum }]);
        assert.deepEqual(await store.records.usage(tenant, { ...days, by: ["day", "channel", "agent", "model", "sender"] }), [
          { of: { day: "2026-11-22", channel: "test", agent: "main", model: "demo-1", sender: "u1" }, ...sum },
        ]);
        assert.deepEqual(await store.records.usage(tenant, { ...days, by: ["month"], only: { agent: "nobody" } }), []);
        assert.deepEqual((await store.records.usage(other, { ...days, by: ["month"] })).length, 0);
        const guest = await opened.guest();
        assert.equal((await guest.records.usage(tenant, { ...days, by: ["month"] }))[0]?.calls, 3, "nothing is added twice");
        while (await store.foldUsage("2026-11-23"));
        assert.deepEqual(await store.records.usage(tenant, { ...days, by: ["sender"] }), [{ of: { sender: "" }, ...sum }]);
      }),
    );

    test(
      "two hundred turns at once, with one call's worth left, overspend by no more than that call",
      using(open, async (_, store) => {
        const limit = 10_000;
        const call = () => holding([hold({ tokens: 100, amount: 0, tokenLimit: limit })]);
        const { running } = await beginIn(store, "first", call());
        const spent = { ...usage, input: limit - 100, output: 0 };
        value(
          await store.finishTurn(running.lease, answerOf(running, "yes", { calls: [{ ...running.call, endedAt: noon, usage: spent }] })),
        );
        const began = await Promise.all(Array.from({ length: 200 }, (_, n) => beginIn(store, `r${n}`, call())));
        const running200 = began.filter(({ begun }) => begun.ok);
        assert.equal(running200.length, 1);
        for (const { begun } of began) if (!begun.ok) refused(begun, "budget-spent");
      }),
    );
  });
}
