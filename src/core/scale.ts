import { type Budget, type Hold, holdsOf, type Spender } from "./budget.ts";
import type { TenantId } from "./ids.ts";
import type { Agent } from "./route.ts";
import type { Instant } from "./terms.ts";

export interface ScaleDoor {
  /** The first of them whose budget is used up. */
  readonly store: { overBudget(tenant: TenantId, holds: readonly Hold[]): Promise<Hold | undefined> | Hold | undefined };
  readonly budgets: () => readonly Budget[];
  /** Turns that wait. */
  readonly waiting: () => number;
}

export interface Scaled {
  readonly models: readonly string[];
  /** Which of the agent's rules it is, from 0. */
  readonly rule: number;
  /** For the ledger. */
  readonly why: string;
}

/** Cheaper models while something is scarce: those of the first rule that holds. Nothing where none does: the agent's own. */
export async function scaleOf(door: ScaleDoor, { scale }: Agent, spender: Spender, at: Instant): Promise<Scaled | undefined> {
  for (const [rule, { budget, above = 0.8, waiting, models }] of scale.entries()) {
    if (waiting !== undefined && door.waiting() >= waiting) return { models, rule, why: `${waiting} turns wait` };
    if (budget === undefined) continue;
    const counted = door.budgets().filter(({ id }) => id === budget);
    const holds = holdsOf(counted, spender, { tokens: 0, amount: 0 }, at).map(({ tokenLimit, amountLimit, ...hold }) => ({
      ...hold,
      ...(tokenLimit !== undefined && { tokenLimit: tokenLimit * above }),
      ...(amountLimit !== undefined && { amountLimit: amountLimit * above }),
    }));
    if (holds.length > 0 && (await door.store.overBudget(spender.tenant, holds))) {
      return { models, rule, why: `${Math.round(above * 100)} % of the budget ${budget} is spent` };
    }
  }
  return undefined;
}
