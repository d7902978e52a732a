import type { DeliveryContent, OnUnknown } from "../../core/delivery.ts";
import { type ConversationId, type DeliveryId, newId, type TenantId, type TraceId } from "../../core/ids.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { Instant } from "../../core/terms.ts";
import type { Turn } from "../../core/turn.ts";
import type { Prepare } from "./database.ts";
import { type Deliveries, type DeliveryRow, selectDelivery } from "./deliveries.ts";
import type { Ledger } from "./ledger.ts";

/**
 * Visible drafts: deliveries in state `streaming`. A turn has one at most. With a receipt it is on the platform and the
 * final text goes over it; without one it is on its way, or nobody knows.
 */
export interface Drafts {
  begin(
    turn: Turn,
    draft: { readonly content: DeliveryContent; readonly onUnknown: OnUnknown; readonly at: Instant },
  ): DeliveryId | undefined;
  sent(draft: DeliveryRow, receipt: string, at: Instant): readonly LedgerEntry[];
  refused(draft: DeliveryRow, at: Instant): readonly LedgerEntry[];
  find(id: DeliveryId): DeliveryRow | undefined;
  /** The draft of a story, if it has one. */
  of(conversation: ConversationId, trace: TraceId): DeliveryRow | undefined;
  /** Nobody knows whether it arrived, and nobody will: the turn is over or starts again. */
  lose(draft: DeliveryRow, reason: string, at: Instant): LedgerEntry;
  /** It stays on the platform as it is. */
  keep(draft: DeliveryRow, reason: string, at: Instant): LedgerEntry;
}

export function draftTable(prepare: Prepare, deliveries: Deliveries, ledger: Ledger): Drafts {
  const busy = prepare("SELECT 1 FROM deliveries WHERE conversation = ? AND ended_at IS NULL LIMIT 1");
  const depart = prepare<{ departures: number; account: DeliveryRow["account"]; control_version: number }>(`
    UPDATE conversations SET departures = departures + 1
    WHERE tenant = ? AND id = ? AND control = 'agent'
      AND control_version = (SELECT control_version FROM events WHERE tenant = ? AND id = ? AND state = 'running' AND tries = ?)
    RETURNING departures, account, control_version`);
  const sent = prepare("UPDATE deliveries SET receipt = ? WHERE seq = ?");
  const remove = prepare("DELETE FROM deliveries WHERE seq = ?");
  const find = prepare<DeliveryRow>(`${selectDelivery} WHERE d.id = ? AND d.state = 'streaming'`);
  const of = prepare<DeliveryRow>(
    `${selectDelivery} WHERE d.conversation = ? AND d.ended_at IS NULL AND d.state = 'streaming' AND d.trace = ? LIMIT 1`,
  );

  return {
    begin(turn, { content, onUnknown, at }) {
      const { tenant, conversation } = turn;
      if (busy.get(conversation)) return undefined;
      const place = depart.get(tenant, conversation, tenant, turn.event, turn.tries);
      if (!place) return undefined;
      const id = newId("delivery", at);
      deliveries.add({
        tenant,
        id,
        trace: turn.event,
        account: place.account,
        conversation,
        n: place.departures,
        turn: turn.id,
        state: "streaming",
        content,
        onUnknown,
        writtenUnder: place.control_version,
        at,
      });
      ledger.append([{ tenant, trace: turn.event, stage: "delivery-start", at, detail: { delivery: id, draft: true } }]);
      return id;
    },
    sent(draft, receipt, at) {
      sent.run(receipt, draft.seq);
      return ledger.append([entry(draft, "delivery-sent", at, { receipt })]);
    },
    refused(draft, at) {
      remove.run(draft.seq);
      return ledger.append([entry(draft, "delivery-drop", at, {}, "draft-refused")]);
    },
    find: (id) => find.get(id),
    of: (conversation, trace) => of.get(conversation, trace),
    lose(draft, reason, at) {
      deliveries.end(draft.seq, "unknown", at, { code: "channel-unknown", message: "A draft of the answer may be visible." });
      return entry(draft, "delivery-unknown", at, {}, reason);
    },
    keep(draft, reason, at) {
      deliveries.end(draft.seq, "sent", at);
      return entry(draft, "delivery-sent", at, { receipt: draft.receipt ?? "" }, reason);
    },
  };
}

function entry(
  { tenant, trace, id }: { tenant: TenantId; trace: TraceId; id: DeliveryId },
  stage: LedgerEntry["stage"],
  at: Instant,
  detail: { readonly [key: string]: string },
  reason?: string,
): LedgerEntry {
  return { tenant, trace, stage, at, detail: { delivery: id, draft: true, ...detail }, ...(reason && { reason }) };
}
