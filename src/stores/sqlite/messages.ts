import type { PastMessage } from "../../core/conversation.ts";
import type { Sender } from "../../core/event.ts";
import type { ConversationId, MessageId, TenantId, TraceId } from "../../core/ids.ts";
import type { Part } from "../../core/message.ts";
import type { Instant } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";
import type { Tally } from "./tally.ts";

export interface NewMessage {
  readonly tenant: TenantId;
  readonly id: MessageId;
  readonly conversation: ConversationId;
  readonly arrival: number;
  readonly trace: TraceId;
  readonly direction: "in" | "out";
  readonly author?: "agent" | "operator" | "system";
  readonly sender?: Sender;
  readonly platformId?: string;
  readonly parts: readonly Part[];
  readonly at: Instant;
}

export interface MessageRow {
  readonly id: MessageId;
  readonly conversation: ConversationId;
  readonly direction: "in" | "out";
  readonly author: "agent" | "operator" | "system" | null;
  readonly sender: string | null;
  readonly parts: string;
  readonly at: Instant;
}

/** The columns of `MessageRow`, for the table under the name `m`. */
export const messageColumns = "m.id, m.conversation, m.direction, m.author, m.sender, m.parts, m.at";

export function messageOf(row: MessageRow): PastMessage {
  return {
    id: row.id,
    conversation: row.conversation,
    direction: row.direction,
    ...(row.author !== null && { author: row.author }),
    ...(row.sender !== null && { sender: JSON.parse(row.sender) as Sender }),
    parts: JSON.parse(row.parts) as readonly Part[],
    at: row.at,
  };
}

export interface Messages {
  add(message: NewMessage): void;
  /** False when there is none. */
  setParts(id: MessageId, parts: readonly Part[]): boolean;
  /** Writes an edit into the message that it changes, if the same sender wrote that. */
  edit(conversation: ConversationId, platformId: string, sender: string, parts: readonly Part[]): MessageId | undefined;
  /** See `TurnStore.history`. */
  history(conversation: ConversationId, before: string | undefined, limit: number): readonly PastMessage[];
  get(tenant: TenantId, id: string): PastMessage | undefined;
}

export function messageTable(prepare: Prepare, tally: Tally): Messages {
  const add = prepare(`
    INSERT INTO messages (tenant, id, conversation, arrival, trace, direction, author, sender, platform_id, parts, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const setParts = prepare("UPDATE messages SET parts = ? WHERE id = ?");
  const byPlatform = prepare<{ id: MessageId; sender: string }>(`
    SELECT id, sender FROM messages
    WHERE platform_id = ? AND conversation = ? AND direction = 'in' AND sender IS NOT NULL ORDER BY seq DESC LIMIT 1`);
  const place = prepare<{ arrival: number; seq: number }>("SELECT arrival, seq FROM messages WHERE id = ?");
  // By sequence, so that the index serves it; what arrived later is passed over, what answers earlier events is not.
  const history = prepare<MessageRow & { readonly arrival: number }>(`
    SELECT ${messageColumns}, m.arrival FROM messages m
    WHERE m.conversation = ? AND (m.arrival < ? OR (m.arrival = ? AND m.seq < ?)) ORDER BY m.seq DESC LIMIT ?`);
  const get = prepare<MessageRow>(`SELECT ${messageColumns} FROM messages m WHERE m.tenant = ? AND m.id = ?`);
  return {
    add(message) {
      tally.message(message.tenant);
      add.run(
        message.tenant,
        message.id,
        message.conversation,
        message.arrival,
        message.trace,
        message.direction,
        message.author ?? null,
        message.sender ? JSON.stringify(message.sender) : null,
        message.platformId ?? null,
        JSON.stringify(message.parts),
        message.at,
      );
    },
    setParts: (id, parts) => setParts.run(JSON.stringify(parts), id).changes !== 0,
    edit(conversation, platformId, sender, parts) {
      const row = byPlatform.get(platformId, conversation);
      if (!row || (JSON.parse(row.sender) as Sender).id !== sender) return undefined;
      setParts.run(JSON.stringify(parts), row.id);
      return row.id;
    },
    history(conversation, before, limit) {
      const end = before === undefined ? undefined : place.get(before);
      const arrival = end?.arrival ?? Number.MAX_SAFE_INTEGER;
      const rows = history.all(conversation, arrival, arrival, end?.seq ?? Number.MAX_SAFE_INTEGER, limit).reverse();
      return rows.sort((a, b) => a.arrival - b.arrival).map(messageOf);
    },
    get(tenant, id) {
      const row = get.get(tenant, id);
      return row && messageOf(row);
    },
  };
}
