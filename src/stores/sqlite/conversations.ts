import type { Conversation } from "../../core/conversation.ts";
import type { Chat } from "../../core/event.ts";
import { type AccountId, type ConversationId, newId, type TenantId } from "../../core/ids.ts";
import type { Control, Instant } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";

export interface ConversationRow {
  readonly tenant: TenantId;
  readonly id: ConversationId;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: string;
  readonly thread: string;
  readonly kind: Chat["kind"];
  readonly title: string | null;
  readonly control: Control;
  readonly control_version: number;
}

/** The columns of `ConversationRow` but the id's, for joins under the name `c`. */
export const conversationColumns = "c.chat, c.thread, c.kind, c.title, c.control, c.control_version";

export function chatOf(row: Pick<ConversationRow, "chat" | "thread" | "kind" | "title">): Chat {
  const chat: { id: string; thread?: string; kind: Chat["kind"]; title?: string } = { id: row.chat, kind: row.kind };
  if (row.thread !== "") chat.thread = row.thread;
  if (row.title !== null) chat.title = row.title;
  return chat;
}

export function conversationOf(row: ConversationRow): Conversation {
  return {
    tenant: row.tenant,
    id: row.id,
    account: row.account,
    channel: row.channel,
    chat: chatOf(row),
    control: row.control,
    controlVersion: row.control_version,
  };
}

export interface Place {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: Chat;
  readonly at: Instant;
}

export interface Conversations {
  /**
   * Finds or makes the conversation of the chat. `event` becomes its newest story; null leaves its list as it is (a
   * reaction has no message and gets none). `before` is the newest one so far.
   */
  touch(place: Place, event: number | null): { readonly id: ConversationId; readonly before: number | null; readonly isNew: boolean };
  get(id: string): ConversationRow | undefined;
  find(tenant: TenantId, account: AccountId, chat: string, thread: string): ConversationRow | undefined;
}

const select = `SELECT c.tenant, c.id, c.account, c.channel, ${conversationColumns} FROM conversations c`;

export function conversationTable(prepare: Prepare): Conversations {
  const touch = prepare<{ id: ConversationId; event_before: number | null }>(`
    INSERT INTO conversations (id, tenant, account, channel, chat, thread, kind, title, last_event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, account, chat, thread) DO UPDATE SET
      channel = excluded.channel, kind = excluded.kind, title = coalesce(excluded.title, title),
      event_before = last_event, last_event = coalesce(excluded.last_event, last_event)
    RETURNING id, event_before`);
  const get = prepare<ConversationRow>(`${select} WHERE c.id = ?`);
  const find = prepare<ConversationRow>(`${select} WHERE c.tenant = ? AND c.account = ? AND c.chat = ? AND c.thread = ?`);
  return {
    touch({ tenant, account, channel, chat, at }, event) {
      const id = newId("conversation", at);
      const row = touch.get(id, tenant, account, channel, chat.id, chat.thread ?? "", chat.kind, chat.title ?? null, event);
      if (!row) throw new Error("The upsert of a conversation returned no row");
      return { id: row.id, before: row.event_before, isNew: row.id === id };
    },
    get: (id) => get.get(id),
    find: (tenant, account, chat, thread) => find.get(tenant, account, chat, thread),
  };
}
