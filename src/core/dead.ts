import type { Chat } from "./event.ts";
import type { AccountId, ConversationId, DeliveryId, EventId, TenantId, TraceId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/**
 * Why something waits for an operator's word. Outbound: `unknown`, `failed`, `dead` (see `DeliveryState`). Inbound:
 * `poison`, an event that was set aside after its last try.
 */
export type DeadState = "unknown" | "failed" | "dead" | "poison";

export const deadStates = ["unknown", "failed", "dead", "poison"] as const satisfies readonly DeadState[];

/** What one of the two edges gave up. Everything behind it in its conversation goes on meanwhile. */
export interface DeadLetter {
  readonly id: DeliveryId | EventId;
  readonly state: DeadState;
  readonly trace: TraceId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly chat: Chat;
  /** Begun so often: attempts of a delivery, tries of an event. */
  readonly attempts: number;
  readonly createdAt: Instant;
  /** Since when it is given up. */
  readonly at: Instant;
  readonly preview: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Where in the list of what was given up a letter stands: the newest delivery and the newest event that come behind it. */
export interface DeadPlace {
  readonly delivery: number;
  readonly event: number;
}

export interface DeadFilter {
  readonly states?: readonly DeadState[];
  readonly account?: AccountId;
  readonly code?: string;
}

/**
 * - `retry`: queued again under its old number, so before everything that its conversation has queued since; its tries
 *   and its age begin anew. An event is then answered as of its arrival, and only once: it had no answer.
 * - `discard`: taken away for good; it stays in the trace.
 */
export type DeadVerdict = "retry" | "discard";

export type DeadChoice =
  | { readonly ids: readonly string[] }
  /** Those that were given up before `before`, at most `limit`, the oldest first. */
  | { readonly all: DeadFilter; readonly before: Instant; readonly limit: number };

export interface DeadStore {
  /** In one transaction with its ledger and audit entries. Gives the ids that it changed. */
  settleDead(
    tenant: TenantId,
    choice: DeadChoice,
    verdict: DeadVerdict,
    by: string,
    at: Instant,
  ): Promise<readonly (DeliveryId | EventId)[]>;
}

/** One transaction's share of a large number, so that the path never waits long. */
const share = 500;

/**
 * Everything that the filter fits, share by share; what fails again meanwhile isn't taken twice. Without states it
 * leaves out what may have arrived already when it retries: that may reach people twice, and must be asked for by name.
 */
export async function settleAllDead(
  store: DeadStore,
  { tenant, by, at }: { readonly tenant: TenantId; readonly by: string; readonly at: Instant },
  filter: DeadFilter,
  verdict: DeadVerdict,
): Promise<number> {
  const states = filter.states ?? deadStates.filter((state) => verdict === "discard" || state !== "unknown");
  let settled = 0;
  for (;;) {
    const some = await store.settleDead(tenant, { all: { ...filter, states }, before: at, limit: share }, verdict, by, at);
    settled += some.length;
    if (some.length === 0) return settled;
  }
}
