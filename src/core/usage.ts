import type { NanoUsd } from "./money.ts";

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
