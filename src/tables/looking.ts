import type { Conversation } from "../core/conversation.ts";
import type { DeliveryState } from "../core/delivery.ts";
import type { AccountId, ConversationId, MessageId, TenantId, TraceId } from "../core/ids.ts";
import type { StoredMessage } from "../core/records.ts";
import { type Conversations, conversationOf } from "./conversations.ts";
import { worstState } from "./deliveries.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import { each, type Prepare, type Work } from "./work.ts";

type Page = { readonly before?: number; readonly limit: number };

/** Conversations and their messages as people look at them. */
export interface Looking {
  conversation(tenant: TenantId, id: string): Work<Conversation | undefined>;
  find(tenant: TenantId, account: AccountId, chat: string, thread?: string): Work<Conversation | undefined>;
  messages(tenant: TenantId, conversation: ConversationId, page: Page): Work<readonly StoredMessage[]>;
}

export function lookingAt(prepare: Prepare, conversations: Conversations): Looking {
  const start = prepare<{ seq: number | null }>("SELECT last_event AS seq FROM conversations WHERE tenant = ? AND id = ?");
  const startAt = prepare<{ seq: number | null }>(`
    SELECT CASE m.direction WHEN 'in' THEN e.seq ELSE coalesce(e.joined, e.seq) END AS seq
    FROM messages m JOIN events e ON e.id = m.trace WHERE m.tenant = ? AND m.conversation = ? AND m.seq = ?`);
  const messages = prepare<
    MessageRow & { readonly seq: number; readonly trace: TraceId; readonly story: number; readonly broken: number }
  >(`
    WITH RECURSIVE story (depth, seq, before, message, answer, state) AS (
      SELECT 1, seq, before, message, CASE WHEN joined IS NULL THEN answer END, state FROM events WHERE seq = ?
      UNION ALL
      SELECT s.depth + 1, e.seq, e.before, e.message, CASE WHEN e.joined IS NULL THEN e.answer END, e.state FROM story s JOIN events e ON e.seq = s.before WHERE s.depth < ?)
    SELECT ${messageColumns}, m.seq, m.trace, s.seq AS story,
      s.state IN ('cancelled', 'ignored') AND m.seq = s.answer AND m.author = 'agent' AS broken FROM story s CROSS JOIN messages m WHERE m.seq IN (s.message, s.answer)`);
  const states = prepare<{ message: MessageId; state: DeliveryState }>(
    "SELECT message, state FROM deliveries WHERE trace = ? AND tenant = ?",
  );

  function* deliveryOf(tenant: TenantId, trace: TraceId, message: MessageId): Work<DeliveryState | undefined> {
    const found = (yield* states.all(trace, tenant)).filter((row) => row.message === message);
    return worstState(found.map(({ state }) => state));
  }

  return {
    *conversation(tenant, id) {
      const row = yield* conversations.get(id);
      return row?.tenant === tenant ? conversationOf(row) : undefined;
    },
    *find(tenant, account, chat, thread = "") {
      const row = yield* conversations.find(tenant, account, chat, thread);
      return row && conversationOf(row);
    },
    *messages(tenant, conversation, { before, limit }) {
      const first = before === undefined ? yield* start.get(tenant, conversation) : yield* startAt.get(tenant, conversation, before);
      if (!first?.seq) return [];
      const rows = (yield* messages.all(first.seq, limit + 1))
        .filter((row) => before === undefined || row.story < (first.seq as number) || row.seq < before)
        .sort((a, b) => b.story - a.story || b.seq - a.seq)
        .slice(0, limit);
      return yield* each(rows, function* (row) {
        const delivery = row.direction === "out" ? yield* deliveryOf(tenant, row.trace, row.id) : undefined;
        return {
          ...messageOf(row),
          seq: row.seq,
          trace: row.trace,
          ...(delivery && { delivery }),
          ...(row.broken === 1 && { broken: true }),
        };
      });
    },
  };
}
