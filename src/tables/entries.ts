import type { Delivery } from "../core/delivery.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import type { Instant, Json } from "../core/terms.ts";

export function entryOf(
  { tenant, trace }: Pick<Delivery, "tenant" | "trace">,
  stage: Stage,
  at: Instant,
  detail: { readonly [key: string]: Json },
  reason?: string,
): LedgerEntry {
  return reason === undefined ? { tenant, trace, stage, at, detail } : { tenant, trace, stage, at, reason, detail };
}
