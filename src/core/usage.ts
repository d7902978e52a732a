import type { CallPurpose, Tokens } from "./cost.ts";
import type { AccountId, AgentId, ConversationId } from "./ids.ts";
import type { NanoUsd } from "./money.ts";
import type { Instant } from "./terms.ts";

/** What usage is counted by. A `day` is one of UTC, `month` the same without its last part. */
export const usageKeys = ["day", "month", "account", "channel", "agent", "sender", "provider", "model", "purpose"] as const;
export type UsageKey = (typeof usageKeys)[number];

export interface UsageFilter {
  /** Days, both included: `2026-11-01`. */
  readonly from: string;
  readonly to: string;
  readonly by: readonly UsageKey[];
  /** Only rows that have exactly this. */
  readonly only?: { readonly [key in UsageKey]?: string | undefined };
  readonly limit: number;
}

/** A call that was billed, as it is on record. */
export interface LoggedCall extends Tokens {
  /** Calls of one turn have the same; those outside of turns have none. */
  readonly turn?: string | undefined;
  /** When the message came that it was for; without one, when it began. */
  readonly at: Instant;
  /** Milliseconds that it took. */
  readonly ms: number;
  readonly purpose: CallPurpose;
  readonly provider: string;
  readonly model: string;
  readonly agent?: AgentId | undefined;
  readonly channel?: string | undefined;
  readonly account?: AccountId | undefined;
  readonly conversation?: ConversationId | undefined;
  readonly sender?: string | undefined;
}

/** Sums over the calls of a group. */
export interface UsageRow {
  readonly of: { readonly [key in UsageKey]?: string };
  readonly calls: number;
  readonly failed: number;
  /** Calls of which nobody knows what they cost; `amount` is without them. */
  readonly unpriced: number;
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly amount: NanoUsd;
}
