import { type Budget, windowEnd } from "../core/budget.ts";
import type { TenantId } from "../core/ids.ts";
import type { TurnStore } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { ModelCall } from "../core/turn.ts";
import type { Breakers } from "./breakers.ts";
import { type Chain, chainOf } from "./chain.ts";
import type { Meter } from "./meter.ts";

/** What becomes of a turn whose next call a budget doesn't allow. */
export type Instead =
  /** Meanwhile there is room again. */
  | { readonly kind: "again" }
  | { readonly kind: "ask"; readonly chain: Chain }
  | { readonly kind: "stop"; readonly say: string }
  | { readonly kind: "wait"; readonly say: string; readonly dueAt: Instant };

export interface OverBudgetDoor {
  readonly store: Pick<TurnStore, "overBudget">;
  readonly budgets: () => readonly Budget[];
  readonly meter: Pick<Meter, "pass">;
  readonly breakers: Pick<Breakers, "wait" | "why" | "keys">;
  readonly tenant: TenantId;
}

const stopped = "I'm sorry, I can't answer any more: what may be spent on answers is used up for now. Please try again later.";
const waiting = "What may be spent on answers is used up for now. Your message is kept, and I'll answer it as soon as I can.";

/** A budget may be raised at any time: who waits looks again so often. */
const lookMs = 60_000;

export async function overBudget(
  { store, budgets, meter, breakers, tenant }: OverBudgetDoor,
  { holds = [] }: Pick<ModelCall, "holds">,
  at: Instant,
): Promise<Instead> {
  const spent = await store.overBudget(tenant, holds);
  const budget = spent && budgets().find(({ id }) => id === spent.budget);
  // What the configuration no longer says stops nobody.
  if (spent && !budget) meter.pass(spent.budget);
  if (!spent || !budget) return { kind: "again" };
  switch (budget.atLimit) {
    case "downgrade": {
      meter.pass(budget.id);
      return { kind: "ask", chain: chainOf(budget, breakers) };
    }
    case "stop":
      return { kind: "stop", say: budget.say ?? stopped };
    case "wait":
    case "ask":
      return { kind: "wait", say: budget.say ?? waiting, dueAt: Math.min(at + lookMs, windowEnd(budget.every, at)) };
  }
}

/** A turn that runs can't wait: it ends with what it has, and says why it goes no further. */
export function sentenceOf(instead: Exclude<Instead, { readonly kind: "again" | "ask" }>): string {
  return instead.kind === "stop" ? instead.say : stopped;
}
