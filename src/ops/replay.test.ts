import assert from "node:assert/strict";
import { test } from "node:test";
import { type MonthCall, month } from "../../test/fixtures/costs/month.ts";
import { agentOf } from "../../test/support/agent.ts";
import type { Budget } from "../core/budget.ts";
import type { PriceList } from "../core/cost.ts";
import { defaultTenant as tenant } from "../core/ids.ts";
import type { Agent } from "../core/route.ts";
import type { LoggedCall } from "../core/usage.ts";
import { replay, withoutScale } from "./replay.ts";

/** A token costs 10 on the large model and 1 on the small one; of others nobody knows. */
const prices: PriceList = {
  cost({ model }, { input, output }) {
    const each = { large: 10, small: 1 }[model];
    return each === undefined ? undefined : { amount: each * (input + output), price: { source: "test", perMillion: {} } };
  },
};
const day = Date.UTC(2026, 5, 1);
const call = (at: number, more: Partial<LoggedCall> = {}): LoggedCall => ({
  ...{ turn: `t${at}`, at: day + at, ms: 1_000, purpose: "answer", provider: "p", model: "large", agent: "main" as never },
  ...{ input: 60, cachedInput: 0, output: 40, ...more },
});
const policy = (agent: Partial<Agent>, budget?: Partial<Budget>, concurrentTurns = 100) => ({
  agents: new Map([["main", agentOf({ models: ["p/large"], ...agent })]]) as never,
  budgets: budget ? [{ id: "month", per: "tenant", every: "month", atLimit: "stop", models: [], ...budget } as Budget] : [],
  limits: { concurrentTurns } as never,
});
const run = (log: readonly LoggedCall[], of: ReturnType<typeof policy>) => replay(log, of, { prices, tenant });
const ten = Array.from({ length: 10 }, (_, n) => call(n * 10_000));

test("a rule on a budget answers with its models from that share on, and saves what it saves", async () => {
  const of = policy({ scale: [{ budget: "month", above: 0.5, models: ["p/small"] }] }, { amount: 6_000 });
  const { models, rules, amount, turns } = await run(ten, of);
  assert.deepEqual([turns, amount], [10, 3 * 1_000 + 7 * 100]);
  assert.deepEqual(models, [
    { model: "p/small", turns: 7, amount: 700 },
    { model: "p/large", turns: 3, amount: 3_000 },
  ]);
  assert.deepEqual(rules, [{ agent: "main", rule: 0, turns: 7 }]);
  const plain = await run(ten, withoutScale(of) as typeof of);
  assert.deepEqual([plain.amount, plain.refused, plain.firstHeld], [6_000, 4, day + 60_000]);
});

test("what a used-up budget does is what it says: refuse, keep, or answer by other models", async () => {
  const summary = async (budget: Partial<Budget>) => {
    const { refused, kept, downgraded, amount } = await run(ten, policy({}, { amount: 3_000, ...budget }));
    return [refused, kept, downgraded, amount];
  };
  assert.deepEqual(await summary({ atLimit: "stop" }), [7, 0, 0, 3_000]);
  assert.deepEqual(await summary({ atLimit: "wait" }), [0, 7, 0, 3_000]);
  assert.deepEqual(await summary({ atLimit: "ask" }), [0, 7, 0, 3_000]);
  assert.deepEqual(await summary({ atLimit: "downgrade", models: ["p/small"] }), [0, 0, 7, 3_700]);
  assert.deepEqual(await summary({ atLimit: "stop", tokens: 500, amount: undefined }), [5, 0, 0, 5_000]);
});

test("budgets count by day and by sender as they do when it is live", async () => {
  const log = [0, 1, 2, 3].flatMap((n) =>
    ["ada", "bob"].map((sender) => call(n * 43_200_000 + (sender === "ada" ? 0 : 1), { sender, account: "bot" as never })),
  );
  const { refused } = await run(log, policy({}, { per: "sender", every: "day", amount: 1_000 }));
  assert.equal(refused, 4, "the second of each sender and day");
});

test("turns wait when more come than places are there, and a rule on that answers with its models", async () => {
  const burst = Array.from({ length: 10 }, (_, n) => call(n));
  const scale = [{ waiting: 3, models: ["p/small"] }];
  const { models } = await run(burst, policy({ scale }, undefined, 2));
  // Two run, three wait: from the sixth on three or more wait.
  assert.deepEqual(
    models.map(({ model, turns }) => [model, turns]),
    [
      ["p/large", 5],
      ["p/small", 5],
    ],
  );
  const later = [...burst, call(60_000)];
  assert.equal((await run(later, policy({ scale }, undefined, 2))).models.find(({ model }) => model === "p/large")?.turns, 6);
});

test("a turn's calls go together; what was made beside the answer stays what it was; unknown prices are no zeros", async () => {
  const log = [
    call(0, { turn: "a" }),
    call(5, { turn: "a" }),
    call(9, { turn: "a", purpose: "summary", model: "small" }),
    call(20, { turn: "b", purpose: "classify", model: "strange" }),
    call(21, { turn: "b" }),
    call(30, { turn: undefined, agent: "gone" as never }),
  ];
  const { turns, amount, unpriced, models } = await run(log, policy({ models: ["p/small"] }));
  assert.deepEqual([turns, unpriced, amount], [2, 1, 100 + 100 + 100 + 100 + 1_000]);
  assert.deepEqual(models, [{ model: "p/small", turns: 2, amount: 400 }]);
});

test("a month of a support desk: a cheaper model from 70 % on answers everybody within the budget", async () => {
  const log = [...month()].map(({ at, ...rest }: MonthCall) => ({ ...rest, at: Date.parse(at), purpose: "answer" }) as LoggedCall);
  const total = log.reduce((sum, { input, output }) => sum + 10 * (input + output), 0);
  const of = {
    ...policy({ models: ["p/large"], scale: [{ budget: "month", above: 0.7, models: ["p/small"] }] }, { amount: Math.round(total * 0.75) }),
  };
  const scaled = await run(log, of);
  const plain = await run(log, withoutScale(of) as typeof of);
  assert.deepEqual([scaled.refused, plain.refused > 1_000], [0, true]);
  assert.ok(scaled.amount < plain.amount);
  assert.ok(scaled.amount <= total * 0.75);
});
