import { type Budget, type BudgetState, windowOf } from "../core/budget.ts";
import type { PriceList } from "../core/cost.ts";
import { type Forecast, forecastMonth } from "../core/forecast.ts";
import type { TenantId } from "../core/ids.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import type { UsageFilter, UsageRow } from "../core/usage.ts";

type UsageRecords = Pick<Records, "usage">;

const dayMs = 86_400_000;
/** Days that a forecast looks back on, whole ones. */
const lookBack = 28;
/** Groups that are looked at for a what-if: each provider's models, and purposes. */
const mostGroups = 10_000;

/** The days of the month of `now`, from its first to today. */
export function thisMonth(now: Instant): { readonly from: string; readonly to: string } {
  const to = windowOf("day", now);
  return { from: `${to.slice(0, 7)}-01`, to };
}

/** What this month comes to in the end. Nothing before there is a whole day to go by. */
export async function forecast(
  records: UsageRecords,
  tenant: TenantId,
  now: Instant,
  only: UsageFilter["only"] = {},
): Promise<Forecast | undefined> {
  const { from: first, to } = thisMonth(now);
  const before = windowOf("day", now - lookBack * dayMs);
  const from = before < first ? before : first;
  const rows = await records.usage(tenant, { from, to, by: ["day"], only, limit: 100 });
  return forecastMonth(new Map(rows.map(({ of, amount }) => [of.day ?? "", amount])), to);
}

export interface WhatIf {
  /** What was paid, as far as prices were known. */
  readonly amount: NanoUsd;
  /** What the same calls would cost now on the other model. Absent: nobody knows its price. */
  readonly instead: NanoUsd | undefined;
  readonly calls: number;
}

/**
 * The traffic of those days on another model: the same tokens at its prices of today. Other models count tokens somewhat
 * differently and answer at other lengths: it is an estimate. Each group is priced by its mean call, so that steps in a price
 * count as they would for a call and not for all of them together.
 */
export async function whatIf(
  records: UsageRecords,
  tenant: TenantId,
  {
    prices,
    model,
    now,
    ...days
  }: { readonly prices: PriceList; readonly model: string; readonly now: Instant; readonly from: string; readonly to: string },
): Promise<WhatIf> {
  const slash = model.indexOf("/");
  const call = { provider: model.slice(0, slash), model: model.slice(slash + 1), at: now };
  const rows = await records.usage(tenant, { ...days, by: ["day", "provider", "model", "purpose"], limit: mostGroups });
  let amount = 0;
  let calls = 0;
  let instead: NanoUsd | undefined = prices.cost(call, { input: 1, cachedInput: 0, output: 1 }) && 0;
  for (const row of rows) {
    amount += row.amount;
    calls += row.calls;
    const cost = prices.cost(call, meanOf(row));
    instead = instead === undefined || cost === undefined ? undefined : instead + cost.amount * row.calls;
  }
  return { amount, instead, calls };
}

function meanOf({ calls, input, cachedInput, output }: UsageRow) {
  const each = (sum: number) => Math.round(sum / Math.max(1, calls));
  return { input: each(input), cachedInput: each(cachedInput), output: each(output) };
}

export interface BudgetReport {
  readonly budget: Budget;
  /** Those that spent most in its window of now. */
  readonly states: readonly BudgetState[];
}

export function budgetReports(
  records: Pick<Records, "budgetStates">,
  tenant: TenantId,
  budgets: readonly Budget[],
  now: Instant,
  limit: number,
): Promise<readonly BudgetReport[]> {
  return Promise.all(
    budgets.map(async (budget) => ({ budget, states: await records.budgetStates(tenant, budget.id, windowOf(budget.every, now), limit) })),
  );
}

/** How much of it is spent; 1 is all. */
export function usedOf({ tokens, amount }: Budget, state: BudgetState): number {
  const shares = [
    ...(tokens === undefined ? [] : [share(state.tokens, tokens + state.extraTokens)]),
    ...(amount === undefined ? [] : [share(state.amount, amount + state.extraAmount)]),
  ];
  return Math.max(0, ...shares);
}

function share(spent: number, limit: number): number {
  return limit > 0 ? spent / limit : 1;
}
