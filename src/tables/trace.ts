import type { AccountId, ConversationId, DeliveryId, EventId, TenantId, TraceId } from "../core/ids.ts";
import type { EventState, Trace } from "../core/records.ts";
import { type Conversations, conversationOf } from "./conversations.ts";
import { type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { eventOf } from "./derived-ids.ts";
import type { Ledger } from "./ledger.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import type { Prepare, Read, Work } from "./work.ts";

/** See `Records.trace`. */
export type FindTrace = (tenant: TenantId, id: string) => Promise<Trace | undefined>;

interface StoryRow {
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly kind: string;
  readonly state: EventState;
  readonly payload: string;
  readonly message: number | null;
  readonly answer: number | null;
  readonly ledger: string;
  readonly turn_of: number | null;
}

/** Rows looked at between two turns of the event loop. */
const stride = 20_000;

export function traces(prepare: Prepare, read: Read, conversations: Conversations, ledger: Ledger): FindTrace {
  const story = prepare<StoryRow>(
    "SELECT account, conversation, kind, state, payload, message, answer, ledger, turn_of FROM events WHERE tenant = ? AND id = ?",
  );
  const leadOf = prepare<{ id: EventId; answer: number | null }>("SELECT id, answer FROM events WHERE tenant = ? AND seq = ?");
  const ofMessage = prepare<{ trace: TraceId }>("SELECT trace FROM messages WHERE tenant = ? AND id = ?");
  const ofDelivery = prepare<{ trace: TraceId }>("SELECT trace FROM deliveries WHERE tenant = ? AND id = ?");
  const messages = prepare<MessageRow>(`SELECT ${messageColumns} FROM messages m WHERE m.seq IN (?, ?) ORDER BY m.seq`);
  const deliveries = prepare<DeliveryRow & { readonly ledger: string }>(
    `${selectDelivery.replace("SELECT ", "SELECT d.ledger, ")} WHERE d.trace = ? AND d.tenant = ? ORDER BY d.seq`,
  );
  const repeats = prepare<{ repeats: number }>("SELECT repeats FROM dedupe WHERE tenant = ? AND account = ? AND key = ?");
  const newest = prepare<{ messages: number; deliveries: number }>(`
    SELECT (SELECT coalesce(max(seq), 0) FROM messages) AS messages, (SELECT coalesce(max(seq), 0) FROM deliveries) AS deliveries`);
  const inMessages = prepare<{ trace: TraceId }>(
    "SELECT trace FROM messages WHERE seq > ? AND seq <= ? AND tenant = ? AND platform_id = ? ORDER BY seq DESC LIMIT 1",
  );
  const inDeliveries = prepare<{ trace: TraceId }>(
    "SELECT trace FROM deliveries WHERE seq > ? AND seq <= ? AND tenant = ? AND receipt = ? ORDER BY seq DESC LIMIT 1",
  );

  async function traceOf(tenant: TenantId, id: string): Promise<TraceId | undefined> {
    if (id.startsWith("ev_")) return id as EventId;
    if (id.startsWith("tn_")) return eventOf(id);
    if (id.startsWith("ms_"))
      return read(function* () {
        return (yield* ofMessage.get(tenant, id))?.trace;
      });
    if (id.startsWith("dl_"))
      return read(function* () {
        return (yield* ofDelivery.get(tenant, id as DeliveryId))?.trace;
      });
    return byPlatformId(tenant, id);
  }

  /**
   * The newest message with the platform's id. It is looked for row by row: an index would cost a page with every message
   * for a question that people ask now and then. The path goes on in between.
   */
  async function byPlatformId(tenant: TenantId, id: string): Promise<TraceId | undefined> {
    const last = await read(() => newest.get());
    for (let back = 0; last && back < Math.max(last.messages, last.deliveries); back += stride) {
      const found = await read(function* () {
        const at = last.messages - back;
        const sent = last.deliveries - back;
        return (yield* inMessages.get(at - stride, at, tenant, id)) ?? (yield* inDeliveries.get(sent - stride, sent, tenant, id));
      });
      if (found) return found.trace;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return undefined;
  }

  function* load(tenant: TenantId, trace: TraceId): Work<Trace | undefined> {
    const row = yield* story.get(tenant, trace);
    const conversation = row && (yield* conversations.get(row.conversation));
    if (!row || !conversation) return undefined;
    const lead = row.turn_of === null ? undefined : yield* leadOf.get(tenant, row.turn_of);
    const sent = yield* deliveries.all(lead?.id ?? trace, tenant);
    const marks = sent.map((delivery) => delivery.ledger);
    return {
      trace,
      ...(lead && { joined: lead.id }),
      conversation: conversationOf(conversation),
      ...(trace.startsWith("ev_") && { event: yield* eventPart(tenant, trace as EventId, row) }),
      messages: (yield* messages.all(row.message, lead?.answer ?? row.answer)).map(messageOf),
      entries: yield* ledger.read(
        tenant,
        lead
          ? [
              { trace, marks: [row.ledger] },
              { trace: lead.id, marks },
            ]
          : [{ trace, marks: [row.ledger, ...marks] }],
      ),
      deliveries: sent.map((delivery) => deliveryOf(delivery)),
    };
  }

  function* eventPart(tenant: TenantId, id: EventId, { account, kind, state, payload }: StoryRow): Work<NonNullable<Trace["event"]>> {
    const { key } = JSON.parse(payload) as { key: string };
    return { id, kind, key, state, repeats: (yield* repeats.get(tenant, account, key))?.repeats ?? 0 };
  }

  return async (tenant, id) => {
    const trace = await traceOf(tenant, id);
    return trace && read(() => load(tenant, trace));
  };
}
