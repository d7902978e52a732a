import type { Delivery } from "../core/delivery.ts";
import type { DeliveryId, TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Audit } from "./audit.ts";
import type { Conversations } from "./conversations.ts";
import { type Deliveries, type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { entryOf } from "./entries.ts";
import type { Ledger } from "./ledger.ts";
import type { Prepare, Work } from "./work.ts";

/** See `OutboxStore.settle`. Gives back the deliveries that it changed, as they are now. */
export type Settle = (
  tenant: TenantId,
  ids: readonly DeliveryId[],
  verdict: "retry" | "drop",
  by: string,
  at: Instant,
) => Work<readonly Delivery[]>;

export type SettleOne = (row: DeliveryRow, verdict: "retry" | "drop", by: string, at: Instant) => Work<void>;

const waiting = new Set(["unknown", "failed", "dead"]);

interface Parts {
  readonly deliveries: Deliveries;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly conversations: Conversations;
}

export function settleDeliveries(
  prepare: Prepare,
  { deliveries, ledger, audit, conversations }: Parts,
): { readonly settle: Settle; readonly settleOne: SettleOne } {
  const find = prepare<DeliveryRow>(`${selectDelivery} WHERE d.tenant = ? AND d.id = ?`);
  // The operator answers for it from here on: no takeover stops it, and its tries and its age start anew.
  const again = prepare(`
    UPDATE deliveries SET state = 'queued', attempts = 0, spared = 0, due_at = ?, created_at = ?, put_off_at = NULL, ended_at = NULL, control_version = NULL,
      error_code = NULL, error_message = NULL, ledger = ledger || ? WHERE seq = ?`);

  function* settleOne(row: DeliveryRow, verdict: "retry" | "drop", by: string, at: Instant): Work<void> {
    const detail = { delivery: row.id, by };
    // A lost draft has no final text: the turn's answer went, or goes, its own way.
    if (verdict === "retry" && (row.message !== null || row.said !== null)) {
      if (row.gone === 1) yield* conversations.setGone(row.conversation, false);
      yield* again.do(at, at, ledger.append([entryOf(row, "delivery-queued", at, detail, "operator-retry")]), row.seq);
    } else {
      const reason = verdict === "drop" ? "operator-drop" : "draft-superseded";
      yield* deliveries.end(row.seq, "dropped", at, ledger.append([entryOf(row, "delivery-drop", at, detail, reason)]));
    }
  }

  function* settle(
    tenant: TenantId,
    ids: readonly DeliveryId[],
    verdict: "retry" | "drop",
    by: string,
    at: Instant,
  ): Work<readonly Delivery[]> {
    const settled: Delivery[] = [];
    for (const id of ids) {
      const row = yield* find.get(tenant, id);
      if (!row || !(waiting.has(row.state) || (verdict === "drop" && row.state === "queued"))) continue;
      yield* settleOne(row, verdict, by, at);
      yield* audit.add({ tenant, at, actor: by, action: `delivery-${verdict}`, subject: id });
      const now = yield* find.get(tenant, id);
      if (now) settled.push(deliveryOf(now));
    }
    return settled;
  }
  return { settle, settleOne };
}
