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

/** What a conversation became by an arrival or a departure. */
export interface Arrived {
  readonly id: ConversationId;
  readonly arrivals: number;
  readonly departures: number;
  readonly isNew: boolean;
}

export interface Conversations {
  /** Finds or makes the conversation of the chat and counts what arrives there or departs from there. */
  touch(place: Place, arriving: number, departing: number): Arrived;
  get(id: string): ConversationRow | undefined;
}

export function conversationTable(prepare: Prepare): Conversations {
  const touch = prepare<{ id: ConversationId; arrivals: number; departures: number }>(`
    INSERT INTO conversations (id, tenant, account, channel, chat, thread, kind, title, arrivals, departures, active)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM events))
    ON CONFLICT (tenant, account, chat, thread) DO UPDATE SET
      channel = excluded.channel, kind = excluded.kind, title = coalesce(excluded.title, title),
      arrivals = arrivals + excluded.arrivals, departures = departures + excluded.departures, active = excluded.active
    RETURNING id, arrivals, departures`);
  const get = prepare<ConversationRow>(
    `SELECT c.tenant, c.id, c.account, c.channel, ${conversationColumns} FROM conversations c WHERE c.id = ?`,
  );
  return {
    touch({ tenant, account, channel, chat, at }, arriving, departing) {
      const id = newId("conversation", at);
      const row = touch.get(id, tenant, account, channel, chat.id, chat.thread ?? "", chat.kind, chat.title ?? null, arriving, departing);
      if (!row) throw new Error("The upsert of a conversation returned no row");
      return { id: row.id, arrivals: row.arrivals, departures: row.departures, isNew: row.id === id };
    },
    get: (id) => get.get(id),
  };
}
