import { windowOf } from "../core/budget.ts";
import type { Clock } from "../core/clock.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import type { UsageRow } from "../core/usage.ts";

/** What models were used for today (UTC), and what it cost. */
export type Today = Pick<UsageRow, "calls" | "unpriced" | "input" | "output" | "amount">;

const nothing: Today = { calls: 0, unpriced: 0, input: 0, output: 0, amount: 0 };
/** The sums of a busy day take a while to add up: at most this share of the time goes into it. */
const share = 1 / 20;
const leastMs = 500;

/** Asks the store again only after a while, however often it is asked: many windows cost as much as one. */
export function watchToday({
  tenant,
  records,
  clock,
}: {
  readonly tenant: TenantId;
  readonly records: Pick<Records, "usage">;
  readonly clock: Clock;
}): () => Promise<Today> {
  let known: { readonly day: string; readonly until: number; readonly sums: Promise<Today> } | undefined;

  async function ask(day: string): Promise<Today> {
    const begun = clock.elapsed();
    const [row = nothing] = await records.usage(tenant, { from: day, to: day, by: [], limit: 1 });
    if (known?.day === day) known = { ...known, until: clock.elapsed() + Math.max(leastMs, (clock.elapsed() - begun) / share) };
    return row;
  }

  return () => {
    const day = windowOf("day", clock.now());
    if (known?.day === day && clock.elapsed() < known.until) return known.sums;
    const sums = ask(day);
    known = { day, until: Number.POSITIVE_INFINITY, sums };
    sums.catch(() => {
      known = undefined;
    });
    return sums;
  };
}
