import assert from "node:assert/strict";
import { test } from "node:test";
import type { Budget, BudgetState } from "../core/budget.ts";
import type { AgentId, TenantId } from "../core/ids.ts";
import { nanoUsd } from "../core/money.ts";
import type { Agent } from "../core/route.ts";
import { budgetFindings } from "./budget-findings.ts";
import { budgetReports, forecast, whatIf } from "./costs.ts";

const tenant = "default" as TenantId;
const now = Date.UTC(2026, 10, 26, 12);
const agent = (models: string[], id = "main") => [id as AgentId, { id, models } as unknown as Agent] as const;
const budget = (more: Partial<Budget> = {}): Budget => {
  return { id: "month", per: "tenant", every: "month", atLimit: "stop", models: [], amount: nanoUsd(10), ...more };
};
const state = (dollars: number, more: Partial<BudgetState> = {}): BudgetState => {
  const none = { tokens: 0, reservedTokens: 0, reservedAmount: 0, extraTokens: 0, extraAmount: 0 };
  return { budget: "month", key: "", window: "2026-11", ...none, amount: nanoUsd(dollars), ...more };
};
const prices = {
  cost: ({ provider }: { provider: string }, { input, output }: { input: number; output: number }) =>
    provider === "local" ? undefined : { amount: (input + output) * 1_000, price: { source: "test", perMillion: {} } },
};

async function found(of: Budget, states: readonly BudgetState[], models = ["openai/one"]): Promise<readonly string[]> {
  const asked: string[] = [];
  const records = {
    async budgetStates(_: TenantId, id: string, window: string) {
      asked.push(`${id} ${window}`);
      return states;
    },
  };
  const findings = await budgetFindings(records, tenant, { budgets: [of], agents: new Map([agent(models)]) }, prices, now);
  assert.deepEqual(asked, [`${of.id} ${of.every === "day" ? "2026-11-26" : "2026-11"}`]);
  return findings.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`);
}

test("a budget is told of at the highest level that it has reached", async () => {
  for (const [dollars, level] of [
    [4.99, undefined],
    [5, "warning budget-used budgets.month.50"],
    [8.5, "warning budget-used budgets.month.80"],
    [9.99, "warning budget-used budgets.month.90"],
    [10, "error budget-used budgets.month.100"],
    [25, "error budget-used budgets.month.100"],
  ] as const) {
    assert.deepEqual(await found(budget(), [state(dollars)]), level === undefined ? [] : [level]);
  }
});

test("what an operator allowed in addition counts, and so do tokens", async () => {
  assert.deepEqual(await found(budget(), [state(10, { extraAmount: nanoUsd(10) })]), ["warning budget-used budgets.month.50"]);
  assert.deepEqual(await found(budget({ every: "day", tokens: 100 }), [state(0, { tokens: 95 })]), [
    "warning budget-used budgets.month.90",
  ]);
  assert.deepEqual(await found(budget({ amount: 0 }), [state(0)]), ["error budget-used budgets.month.100"]);
});

test("one of many is told of only when its share is used up", async () => {
  const states = [state(10, { key: "bot/ada" }), state(9.9, { key: "bot/ben" })];
  assert.deepEqual(await found(budget({ per: "sender" }), states), ["error budget-used budgets.month.bot/ada.100"]);
});

test("models without a price are named where money is what counts", async () => {
  assert.deepEqual(await found(budget(), [], ["local/llama", "openai/one"]), ["warning budget-unpriced models.local/llama"]);
  assert.deepEqual(await found(budget({ amount: undefined, tokens: 5 }), [], ["local/llama"]), []);
  assert.deepEqual(await found(budget({ agent: "other" as AgentId }), [], ["local/llama"]), []);
  assert.deepEqual(await found(budget({ models: ["local/small"] }), []), ["warning budget-unpriced models.local/small"]);
});

const row = (of: object, more: object = {}) => {
  return { of, calls: 10, failed: 0, unpriced: 0, input: 900, cachedInput: 0, output: 100, amount: nanoUsd(1), ...more };
};

test("the same traffic on another model costs what its mean calls would", async () => {
  const asked: object[] = [];
  const records = {
    async usage(_: TenantId, filter: object) {
      asked.push(filter);
      return [row({ day: "2026-11-25", provider: "openai", model: "one" }), row({ day: "2026-11-26" }, { calls: 1, input: 5 })];
    },
  };
  const days = { from: "2026-11-01", to: "2026-11-26", now, prices };
  assert.deepEqual(await whatIf(records as never, tenant, { ...days, model: "openai/two" }), {
    amount: nanoUsd(2),
    calls: 11,
    instead: 10 * 100_000 + 105_000,
  });
  assert.equal((await whatIf(records as never, tenant, { ...days, model: "local/llama" })).instead, undefined);
  assert.deepEqual((asked[0] as { by: string[] }).by, ["day", "provider", "model", "purpose"]);
});

test("a forecast looks back four weeks, and over the whole month at least", async () => {
  const asked: { from: string; to: string }[] = [];
  const records = {
    async usage(_: TenantId, filter: { from: string; to: string }) {
      asked.push(filter);
      return [row({ day: "2026-11-24" }), row({ day: "2026-11-25" })];
    },
  };
  const month = await forecast(records as never, tenant, now);
  assert.deepEqual([month?.spent, month?.expected, month?.days], [nanoUsd(2), nanoUsd(7), 2]);
  assert.deepEqual([asked[0]?.from, asked[0]?.to], ["2026-10-29", "2026-11-26"]);
});

test("reports are of the windows of now", async () => {
  const records = { budgetStates: async (_: TenantId, id: string, window: string) => [state(1, { budget: id, window })] };
  const [report] = await budgetReports(records, tenant, [budget({ every: "day" })], now, 5);
  assert.equal(report?.states[0]?.window, "2026-11-26");
});
