import type { PlatformEvent } from "../core/event.ts";
import { type AccountId, type ConversationId, type EventId, type MessageId, newId, type TenantId } from "../core/ids.ts";
import type { InboundBatch, Received } from "../core/store.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { Conversations } from "./conversations.ts";
import { messageOfEvent } from "./derived-ids.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { Sequences } from "./sequences.ts";
import type { Tally } from "./tally.ts";
import { each, type Prepare, type Work } from "./work.ts";

export interface InboxTable {
  receive(batch: InboundBatch): Work<readonly Received[]>;
  cursor(tenant: TenantId, account: AccountId): Work<string | undefined>;
  /** See `RetentionStore.probe`. */
  probe(): Work<void>;
}

interface Parts {
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly sequences: Sequences;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

/** What a message with its answer takes: a page or two may still fit into a disk that is full for everybody else. */
const probeLetters = 65_536;

export function inboxTable(prepare: Prepare, { conversations, messages, sequences, ledger, tally }: Parts): InboxTable {
  const addKey = prepare(
    "INSERT INTO dedupe (tenant, account, key, event, at, story) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, account, key) DO NOTHING",
  );
  const countKey = prepare<{ event: EventId }>(
    "UPDATE dedupe SET repeats = repeats + 1 WHERE tenant = ? AND account = ? AND key = ? RETURNING event",
  );
  const known = prepare<{ conversation: ConversationId; kind: string }>(
    "SELECT conversation, kind FROM events WHERE tenant = ? AND id = ?",
  );
  const addEvent = prepare(`
    INSERT INTO events (seq, tenant, id, account, conversation, before, kind, state, payload, message, received_at, due_at, ledger)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)`);
  const putCursor = prepare(`
    INSERT INTO cursors (tenant, account, cursor, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, account) DO UPDATE SET cursor = excluded.cursor, at = excluded.at`);
  const getCursor = prepare<{ cursor: string }>("SELECT cursor FROM cursors WHERE tenant = ? AND account = ?");
  const addNothing = prepare("INSERT INTO dedupe (tenant, account, key, event, at) VALUES ('', '', '', ?, 0)");
  const dropNothing = prepare("DELETE FROM dedupe WHERE tenant = '' AND account = '' AND key = ''");

  function* receiveOne(batch: InboundBatch, event: PlatformEvent): Work<Received> {
    const { tenant, account, at } = batch;
    const id = newId("event", at);
    const seq = sequences.event();
    if ((yield* addKey.run(tenant, account, event.key, id, at, seq)).changes === 0) return yield* repeated(batch, event);
    if (event.kind === "move") yield* conversations.move(tenant, account, event.from, event.chat.id);
    const {
      id: conversation,
      before,
      isNew,
    } = yield* conversations.touch(
      { ...batch, chat: event.chat, heardAt: heardOf(event, at) },
      hasMessages(event) ? seq : null,
      goneOf(event),
    );
    if (isNew) tally.conversation(tenant);
    const message = event.kind === "message" ? messageOfEvent(id) : undefined;
    let row: number | null = null;
    if (message && event.kind === "message") {
      const { sender, platformId, parts } = event;
      row = yield* messages.add({ tenant, id: message, conversation, trace: id, direction: "in", sender, platformId, parts, at });
    }
    const entries = [{ tenant, trace: id, stage: "received", at, detail: detailOf(batch, event) }] as const;
    const mark = ledger.append(entries);
    yield* addEvent.do(seq, tenant, id, account, conversation, before, event.kind, payloadOf(event), row, at, at, mark);
    return { event: id, conversation, duplicate: false, entries, ...(message && { message }) };
  }

  function* repeated({ tenant, account }: InboundBatch, { key, chat }: PlatformEvent): Work<Received> {
    const event = (yield* countKey.get(tenant, account, key))?.event as EventId;
    const first = yield* known.get(tenant, event);
    // The key outlives an event that someone had erased.
    const conversation =
      first?.conversation ?? (yield* conversations.find(tenant, account, chat.id, chat.thread ?? ""))?.id ?? ("" as ConversationId);
    const message: MessageId | undefined = first?.kind === "message" ? messageOfEvent(event) : undefined;
    return { event, conversation, duplicate: true, entries: [], ...(message && { message }) };
  }

  return {
    *receive(batch) {
      const received = yield* each(batch.events, (event) => receiveOne(batch, event));
      if (batch.cursor !== undefined) yield* putCursor.do(batch.tenant, batch.account, batch.cursor, batch.at);
      return received;
    },
    *cursor(tenant, account) {
      return (yield* getCursor.get(tenant, account))?.cursor;
    },
    *probe() {
      yield* addNothing.do("0".repeat(probeLetters));
      yield* dropNothing.do();
    },
  };
}

/** The chat is the conversation's; sender and parts of a message are the message's. */
function payloadOf(event: PlatformEvent): string {
  if (event.kind === "message") return JSON.stringify({ ...event, chat: undefined, sender: undefined, parts: undefined });
  return JSON.stringify({ ...event, chat: undefined });
}

function detailOf({ channel, account }: InboundBatch, event: PlatformEvent): { [key: string]: Json } {
  const detail: { [key: string]: Json } = { kind: event.kind, channel, account };
  if ("platformId" in event && event.platformId !== undefined) detail.platformId = event.platformId;
  return detail;
}

/** Who writes there can be written to; who blocked us, or threw us out, can't. */
function goneOf(event: PlatformEvent): boolean | undefined {
  if (event.kind === "membership" && !event.member) return event.change !== "joined";
  return event.kind === "move" || (hasMessages(event) && !event.sender.self) ? false : undefined;
}

/** When its sender wrote; what the platform tells by itself says nothing of them. */
function heardOf({ kind, sender, at }: PlatformEvent, now: Instant): Instant | undefined {
  return sender.self || kind === "receipt" || kind === "membership" || kind === "move" ? undefined : Math.min(at, now);
}

/** A press gets an answer; the others get none, and must not fill the past that a model is shown. */
function hasMessages({ kind }: PlatformEvent): boolean {
  return kind === "message" || kind === "press";
}
