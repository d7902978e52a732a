import type { EventId, TenantId, TraceId } from "../../core/ids.ts";
import type { EventState, Records, Trace } from "../../core/records.ts";
import { type ConversationRow, conversationColumns, conversationOf } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import { type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { eventOf } from "./derived-ids.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import type { RecordsDoor } from "./records-door.ts";

interface StoryRow extends ConversationRow {
  readonly what: string;
  readonly state: EventState;
  readonly key: string | null;
  readonly message: number | null;
  readonly answer: number | null;
  readonly marks: string;
}

/** How many of the newest messages and deliveries are looked through for a platform's own id, which has no index. */
const reach = 100_000;

/** The whole story behind any id that somebody has in hand. */
export function traceRecords(prepare: Prepare, { read, ledger }: RecordsDoor): Pick<Records, "trace"> {
  const story = prepare<StoryRow>(`
    SELECT c.tenant, c.id, c.account, c.channel, ${conversationColumns}, e.kind AS what, e.state, e.payload ->> 'key' AS key,
      e.message, e.answer, e.ledger AS marks
    FROM events e JOIN conversations c ON c.id = e.conversation AND c.tenant = e.tenant
    WHERE e.tenant = ? AND e.id = ?`);
  const ofMessage = prepare<{ trace: TraceId }>("SELECT trace FROM messages WHERE tenant = ? AND id = ?");
  const ofDelivery = prepare<{ trace: TraceId }>("SELECT trace FROM deliveries WHERE tenant = ? AND id = ?");
  const ofReceipt = prepare<{ trace: TraceId }>(`
    SELECT trace FROM deliveries WHERE seq > (SELECT max(seq) FROM deliveries) - ${reach} AND tenant = ? AND receipt = ? ORDER BY seq DESC LIMIT 1`);
  const ofPlatform = prepare<{ trace: TraceId }>(`
    SELECT trace FROM messages WHERE seq > (SELECT max(seq) FROM messages) - ${reach} AND tenant = ? AND platform_id = ? ORDER BY seq DESC LIMIT 1`);
  const messages = prepare<MessageRow>(`SELECT ${messageColumns} FROM messages m WHERE m.tenant = ? AND m.seq IN (?, ?) ORDER BY m.seq`);
  const deliveries = prepare<DeliveryRow & { readonly marks: string }>(`
    SELECT d.*, marked.ledger AS marks FROM (${selectDelivery} WHERE d.trace = ? AND d.tenant = ?) d
      JOIN deliveries marked ON marked.seq = d.seq ORDER BY d.seq`);
  const repeats = prepare<{ repeats: number }>("SELECT repeats FROM dedupe WHERE tenant = ? AND account = ? AND key = ?");

  function traceOf(tenant: TenantId, id: string): TraceId | undefined {
    switch (id.slice(0, 3)) {
      case "ev_":
        return id as EventId;
      case "tn_":
        return eventOf(id);
      case "ms_":
        return ofMessage.get(tenant, id)?.trace;
      case "dl_":
        return ofDelivery.get(tenant, id)?.trace;
      default:
        return (ofReceipt.get(tenant, id) ?? ofPlatform.get(tenant, id))?.trace;
    }
  }

  return {
    trace: (tenant, id) =>
      read((): Trace | undefined => {
        const trace = traceOf(tenant, id);
        const row = trace && story.get(tenant, trace);
        if (!row) return undefined;
        const sent = deliveries.all(trace, tenant);
        const seen = row.key === null ? undefined : repeats.get(tenant, row.account, row.key);
        const { what: kind, state } = row;
        return {
          trace,
          conversation: conversationOf(row),
          ...(row.key !== null && { event: { id: trace as EventId, kind, key: row.key, state, repeats: seen?.repeats ?? 0 } }),
          messages: messages.all(tenant, row.message, row.answer).map(messageOf),
          entries: ledger.read(tenant, trace, [row.marks, ...sent.map(({ marks }) => marks)]),
          deliveries: sent.map((delivery) => deliveryOf(delivery)),
        };
      }),
  };
}
