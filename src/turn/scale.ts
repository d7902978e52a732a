import { type Budget, holdsOf, type Spender } from "../core/budget.ts";
import type { Agent } from "../core/route.ts";
import type { TurnStore } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";

export interface ScaleDoor {
  readonly store: Pick<TurnStore, "overBudget">;
  readonly budgets: () => readonly Budget[];
  /** Turns that wait. */
  readonly waiting: () => number;
}

export interface Scaled {
  readonly models: readonly string[];
  /** For the ledger. */
  readonly why: string;
}

/** The models of the first rule that holds. Nothing where none does: the agent's own. */
export async function scaleOf(door: ScaleDoor, { scale }: Agent, spender: Spender, at: Instant): Promise<Scaled | undefined> {
  for (const { budget, above = 0.8, waiting, models } of scale) {
    if (waiting !== undefined && door.waiting() >= waiting) return { models, why: `${waiting} turns wait` };
    if (budget === undefined) continue;
    const counted = door.budgets().filter(({ id }) => id === budget);
    const holds = holdsOf(counted, spender, { tokens: 0, amount: 0 }, at).map(({ tokenLimit, amountLimit, ...hold }) => ({
      ...hold,
      ...(tokenLimit !== undefined && { tokenLimit: tokenLimit * above }),
      ...(amountLimit !== undefined && { amountLimit: amountLimit * above }),
    }));
    if (holds.length > 0 && (await door.store.overBudget(spender.tenant, holds))) {
      return { models, why: `${Math.round(above * 100)} % of the budget ${budget} is spent` };
    }
  }
  return undefined;
}
