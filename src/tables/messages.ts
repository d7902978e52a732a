import type { PastMessage } from "../core/conversation.ts";
import type { Sender } from "../core/event.ts";
import type { ConversationId, MessageId, TenantId, TraceId } from "../core/ids.ts";
import { type Part, textPart } from "../core/message.ts";
import type { Instant } from "../core/terms.ts";
import type { Attachments } from "./attachments.ts";
import type { SearchIndex } from "./search-index.ts";
import type { Sequences } from "./sequences.ts";
import type { Tally } from "./tally.ts";
import type { Prepare, Work } from "./work.ts";

export interface NewMessage {
  readonly tenant: TenantId;
  readonly id: MessageId;
  readonly conversation: ConversationId;
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
  /** Gives the row's number. */
  add(message: NewMessage): Work<number>;
  setParts(id: MessageId, parts: readonly Part[]): Work<void>;
  /** It was taken back: that there was one is all that stays, and its files go. */
  empty(id: MessageId): Work<void>;
  get(tenant: TenantId, id: string): Work<PastMessage | undefined>;
  /** By the row's number. */
  read(row: number): Work<PastMessage | undefined>;
  /** The message in that row, if it came in under this id of the platform's. */
  editable(row: number, tenant: TenantId, platformId: string): Work<{ readonly id: MessageId; readonly sender: string } | undefined>;
  /** Where the message of this story was said. */
  conversationOf(trace: TraceId, id: MessageId): Work<ConversationId | undefined>;
}

/** What is left of a message that was taken back. */
const deleted = JSON.stringify([textPart("[deleted]")]);

interface Parts {
  readonly sequences: Sequences;
  readonly tally: Tally;
  readonly attachments: Attachments;
  readonly words: Pick<SearchIndex, "change">;
}

export function messageTable(prepare: Prepare, { sequences, tally, attachments, words }: Parts): Messages {
  const add = prepare(`
    INSERT INTO messages (seq, tenant, id, conversation, trace, direction, author, sender, platform_id, parts, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const setParts = prepare<{ seq: number; tenant: TenantId }>("UPDATE messages SET parts = ? WHERE id = ? RETURNING seq, tenant");
  const get = prepare<MessageRow>(`SELECT ${messageColumns} FROM messages m WHERE m.tenant = ? AND m.id = ?`);
  const read = prepare<MessageRow>(`SELECT ${messageColumns} FROM messages m WHERE m.seq = ?`);
  const editable = prepare<{ id: MessageId; sender: string | null }>(
    "SELECT id, sender FROM messages WHERE seq = ? AND tenant = ? AND platform_id = ? AND direction = 'in'",
  );
  const place = prepare<{ conversation: ConversationId }>("SELECT conversation FROM messages WHERE id = ? AND trace = ?");

  return {
    *add({ tenant, id, conversation, trace, direction, author = null, sender, platformId = null, parts, at }) {
      tally.message(tenant);
      const seq = sequences.message();
      const from = sender ? JSON.stringify(sender) : null;
      yield* attachments.hold(tenant, seq, parts);
      yield* add.do(seq, tenant, id, conversation, trace, direction, author, from, platformId, JSON.stringify(parts), at);
      return seq;
    },
    *setParts(id, parts) {
      const row = yield* setParts.get(JSON.stringify(parts), id);
      if (!row) return;
      yield* attachments.hold(row.tenant, row.seq, parts);
      yield* words.change(row.seq);
    },
    *empty(id) {
      const row = yield* setParts.get(deleted, id);
      if (!row) return;
      yield* attachments.release(row.seq);
      yield* words.change(row.seq);
    },
    *get(tenant, id) {
      const row = yield* get.get(tenant, id);
      return row && messageOf(row);
    },
    *read(seq) {
      const row = yield* read.get(seq);
      return row && messageOf(row);
    },
    *editable(seq, tenant, platformId) {
      const row = yield* editable.get(seq, tenant, platformId);
      return row && { id: row.id, sender: row.sender === null ? "" : (JSON.parse(row.sender) as Sender).id };
    },
    *conversationOf(trace, id) {
      return (yield* place.get(id, trace))?.conversation;
    },
  };
}
