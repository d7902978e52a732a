import { LRUCache } from "lru-cache";
import type { Conversation, Summary } from "../core/conversation.ts";
import type { Chat } from "../core/event.ts";
import type { HandedBack, Handover } from "../core/handover.ts";
import { type AccountId, type AgentId, type ConversationId, type EventId, type MessageId, newId, type TenantId } from "../core/ids.ts";
import type { Control, Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

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
  /** 1: nothing reaches it. */
  readonly gone: number;
  /** When somebody last wrote there, by the platform's clock. */
  readonly heard_at: Instant | null;
  readonly model: string | null;
  readonly agent: AgentId | null;
  readonly summary: string | null;
  readonly summary_until: MessageId | EventId | null;
  /** JSON. */
  readonly handover: string | null;
  readonly handed_back: string | null;
}

/** The columns of `ConversationRow` but the id's, for joins under the name `c`. */
export const conversationColumns =
  "c.chat, c.thread, c.kind, c.title, c.control, c.control_version, c.gone, c.heard_at, c.model, c.agent, c.summary, c.summary_until, c.handover, c.handed_back";

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
    ...(row.agent !== null && { agent: row.agent }),
    ...(row.model !== null && { model: row.model }),
    ...(row.summary_until !== null && { summary: { text: row.summary ?? "", until: row.summary_until } }),
    ...(row.handover !== null && { handover: JSON.parse(row.handover) as Handover }),
    ...(row.handed_back !== null && { handedBack: JSON.parse(row.handed_back) as HandedBack }),
  };
}

export interface Place {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: Chat;
  readonly at: Instant;
  /** Somebody there has written, at that time. */
  readonly heardAt?: Instant | undefined;
}

export interface Conversations {
  /**
   * Finds or makes the conversation of the chat. `event` becomes its newest story; null leaves its list as it is (a
   * reaction has no message and gets none). `before` is the newest one so far. `gone`: whether anything reaches it, where that
   * is known now.
   */
  touch(
    place: Place,
    event: number | null,
    gone?: boolean,
  ): Work<{ readonly id: ConversationId; readonly before: number | null; readonly isNew: boolean }>;
  /** The chat goes on under another id. Where something was said under that already, each stays what it is. */
  move(tenant: TenantId, account: AccountId, from: string, to: string): Work<void>;
  setGone(id: ConversationId, gone: boolean): Work<void>;
  /** What is kept may be wrong: another process wrote, or a transaction was given up. */
  forget(): void;
  get(id: string): Work<ConversationRow | undefined>;
  /** What was said up to that event's story is no past any more, and its route's agent answers again. */
  reset(tenant: TenantId, id: ConversationId, event: EventId): Work<void>;
  /** Something that was said there is another now (`PlaceInPast.version`). */
  changePast(tenant: TenantId, id: ConversationId): Work<void>;
  choose(tenant: TenantId, id: ConversationId, model: string): Work<void>;
  /** See `TurnStore.saveSummary`. */
  sumUp(of: Conversation, summary: Summary): Work<void>;
  /** That story goes, and with its messages the summary that ends with one of them. */
  dropStory(id: ConversationId, story: number, messages: readonly number[]): Work<void>;
  find(tenant: TenantId, account: AccountId, chat: string, thread: string): Work<ConversationRow | undefined>;
}

const select = `SELECT c.tenant, c.id, c.account, c.channel, ${conversationColumns} FROM conversations c`;

/** What an arrival needn't write again. */
interface Known extends Pick<ConversationRow, "id" | "channel" | "kind"> {
  readonly title: string | undefined;
}

const keptConversations = 20_000;

export function conversationTable(prepare: Prepare): Conversations {
  const touch = prepare<{ id: ConversationId; event_before: number | null }>(`
    INSERT INTO conversations (id, tenant, account, channel, chat, thread, kind, title, last_event, gone, heard_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce(?10, 0), ?11)
    ON CONFLICT (tenant, account, chat, thread) DO UPDATE SET
      channel = excluded.channel, kind = excluded.kind, title = coalesce(excluded.title, conversations.title),
      event_before = conversations.last_event, last_event = coalesce(excluded.last_event, conversations.last_event),
      gone = coalesce(?10, conversations.gone),
      heard_at = CASE WHEN ?11 > coalesce(conversations.heard_at, 0) THEN ?11 ELSE conversations.heard_at END
    RETURNING id, event_before`);
  const touchKnown = prepare<{ event_before: number | null }>(`
    UPDATE conversations SET event_before = last_event, last_event = coalesce(?1, last_event), gone = coalesce(?2, gone),
      heard_at = CASE WHEN ?3 > coalesce(heard_at, 0) THEN ?3 ELSE heard_at END
    WHERE id = ?4 AND tenant = ?5
    RETURNING event_before`);
  const get = prepare<ConversationRow>(`${select} WHERE c.id = ?`);
  const reset = prepare(`
    UPDATE conversations SET history_from = (SELECT e.seq FROM events e WHERE e.id = ?), summary = NULL, summary_until = ?, agent = NULL,
      handed_back = NULL
    WHERE tenant = ? AND id = ?`);
  // Where its past was begun anew, what ends the last one is the event that did so.
  const sumUp = prepare(`
    UPDATE conversations SET summary = ?, summary_until = ? WHERE tenant = ? AND id = ? AND summary_until IS NOT DISTINCT FROM ?`);
  const forgetSummary = prepare(`
    UPDATE conversations SET summary = NULL, summary_until = NULL
    WHERE id = ? AND summary_until = (SELECT m.id FROM messages m WHERE m.seq = ?)`);
  const dropStory = prepare(`
    UPDATE conversations SET past_version = past_version + 1, last_event = CASE WHEN last_event = ? THEN NULL ELSE last_event END
    WHERE id = ?`);
  const changePast = prepare("UPDATE conversations SET past_version = past_version + 1 WHERE tenant = ? AND id = ?");
  const choose = prepare("UPDATE conversations SET model = ? WHERE tenant = ? AND id = ?");
  const setGone = prepare("UPDATE conversations SET gone = ? WHERE id = ?");
  const move = prepare(`
    UPDATE conversations SET chat = ?4, gone = 0 WHERE tenant = ?1 AND account = ?2 AND chat = ?3 AND NOT EXISTS (
      SELECT 1 FROM conversations o WHERE o.tenant = ?1 AND o.account = ?2 AND o.chat = ?4 AND o.thread = conversations.thread)`);
  const find = prepare<ConversationRow>(`${select} WHERE c.tenant = ? AND c.account = ? AND c.chat = ? AND c.thread = ?`);
  const kept = new LRUCache<string, Known>({ max: keptConversations });
  return {
    *touch({ tenant, account, channel, chat, at, heardAt = null as Instant | null }, event, gone) {
      const bit = gone === undefined ? null : Number(gone);
      const key = `${tenant}\0${account}\0${chat.id}\0${chat.thread ?? ""}`;
      const known = kept.get(key);
      if (known && known.channel === channel && known.kind === chat.kind && (chat.title === undefined || chat.title === known.title)) {
        const row = yield* touchKnown.get(event, bit, heardAt, known.id, tenant);
        if (row) return { id: known.id, before: row.event_before, isNew: false };
      }
      const id = newId("conversation", at);
      const row = yield* touch.get(
        id,
        tenant,
        account,
        channel,
        chat.id,
        chat.thread ?? "",
        chat.kind,
        chat.title ?? null,
        event,
        bit,
        heardAt,
      );
      if (!row) throw new Error("The upsert of a conversation returned no row");
      kept.set(key, { id: row.id, channel, kind: chat.kind, title: chat.title });
      return { id: row.id, before: row.event_before, isNew: row.id === id };
    },
    *move(tenant, account, from, to) {
      if ((yield* move.run(tenant, account, from, to)).changes > 0) kept.clear();
    },
    *setGone(id, gone) {
      yield* setGone.do(Number(gone), id);
    },
    forget: () => kept.clear(),
    get: (id) => get.get(id),
    *reset(tenant, id, event) {
      yield* reset.do(event, event, tenant, id);
    },
    *sumUp({ tenant, id, summary }, { text, until }) {
      yield* sumUp.do(text, until, tenant, id, summary?.until ?? null);
    },
    *dropStory(id, story, messages) {
      for (const message of messages) yield* forgetSummary.do(id, message);
      yield* dropStory.do(story, id);
    },
    *changePast(tenant, id) {
      yield* changePast.do(tenant, id);
    },
    *choose(tenant, id, model) {
      yield* choose.do(model, tenant, id);
    },
    find: (tenant, account, chat, thread) => find.get(tenant, account, chat, thread),
  };
}
