import type { TenantId } from "../core/ids.ts";
import type { Stage } from "../core/ledger.ts";
import type { Live } from "../core/live.ts";

/** Stages with which what a budget counts is settled. */
const spends: ReadonlySet<Stage> = new Set(["model-end", "model-fail", "turn-done", "turn-fail", "turn-cancel", "turn-retry"]);

export interface FindingCues {
  readonly tenant: TenantId;
  /** What happens in this process: another looks itself. */
  readonly live: Pick<Live, "subscribe">;
  /** Whether anything is budgeted. */
  readonly budgets: () => boolean;
  /** Calls to it are many, and must be cheap. */
  readonly look: () => void;
}

/**
 * Calls `look` at whatever may make a finding come or go: somebody asks to be let in, a budget is spent from, a model fails or
 * answers again. What operators decide says so itself. Returns how to stop.
 */
export function watchFindingCues({ tenant, live, budgets, look }: FindingCues): () => void {
  return live.subscribe(tenant, ["ledger", "model"], (event) => {
    if (event.type === "model") return look();
    const { stage, reason } = event.entry;
    if (reason === "sender-unpaired" || (spends.has(stage) && budgets())) look();
  });
}
