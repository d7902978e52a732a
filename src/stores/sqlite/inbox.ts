import type { PlatformEvent } from "../../core/event.ts";
import { type AccountId, type ConversationId, type EventId, type MessageId, newId, type TenantId } from "../../core/ids.ts";
import type { InboundBatch, Received } from "../../core/store.ts";
import type { Json } from "../../core/terms.ts";
import type { Conversations } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { Tally } from "./tally.ts";

export interface InboxTable {
  receive(batch: InboundBatch): readonly Received[];
  cursor(tenant: TenantId, account: AccountId): string | undefined;
  /** Drops dedupe keys. */
  sweep(before: number, limit: number): number;
}

interface Parts {
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

export function inboxTable(prepare: Prepare, { conversations, messages, ledger, tally }: Parts): InboxTable {
  const addKey = prepare(
    "INSERT INTO dedupe (tenant, account, key, event, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, account, key) DO NOTHING",
  );
  const countKey = prepare<{ event: EventId }>(
    "UPDATE dedupe SET repeats = repeats + 1 WHERE tenant = ? AND account = ? AND key = ? RETURNING event",
  );
  const known = prepare<{ conversation: ConversationId; message: MessageId | null }>(
    "SELECT conversation, message FROM events WHERE tenant = ? AND id = ?",
  );
  const addEvent = prepare(`
    INSERT INTO events (tenant, id, account, channel, conversation, arrival, kind, key, state, payload, message, received_at, due_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`);
  const putCursor = prepare(`
    INSERT INTO cursors (tenant, account, cursor, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, account) DO UPDATE SET cursor = excluded.cursor, at = excluded.at`);
  const getCursor = prepare<{ cursor: string }>("SELECT cursor FROM cursors WHERE tenant = ? AND account = ?");
  const sweep = prepare(`
    DELETE FROM dedupe WHERE (tenant, account, key) IN (SELECT tenant, account, key FROM dedupe WHERE at < ? ORDER BY at LIMIT ?)`);

  function receiveOne(batch: InboundBatch, event: PlatformEvent): Received {
    const { tenant, account, channel, at } = batch;
    const id = newId("event", at);
    if (addKey.run(tenant, account, event.key, id, at).changes === 0) return repeated(batch, event);
    const conversation = conversations.touch({ tenant, account, channel, chat: event.chat, at }, 1, 0);
    if (conversation.isNew) tally.conversation(tenant);
    let message: MessageId | undefined;
    if (event.kind === "message") {
      message = newId("message", at);
      messages.add({
        tenant,
        id: message,
        conversation: conversation.id,
        arrival: conversation.arrivals,
        trace: id,
        direction: "in",
        sender: event.sender,
        platformId: event.platformId,
        parts: event.parts,
        at,
      });
    }
    const place = conversation.arrivals;
    addEvent.run(tenant, id, account, channel, conversation.id, place, event.kind, event.key, payloadOf(event), message ?? null, at, at);
    const entries = ledger.append([{ tenant, trace: id, stage: "received", at, detail: detailOf(batch, event) }], "first");
    return message
      ? { event: id, conversation: conversation.id, duplicate: false, message, entries }
      : { event: id, conversation: conversation.id, duplicate: false, entries };
  }

  function repeated({ tenant, account, channel, at }: InboundBatch, { key, chat }: PlatformEvent): Received {
    const event = countKey.get(tenant, account, key)?.event as EventId;
    const first = known.get(tenant, event);
    // The key outlives the event when someone had it erased.
    const conversation = first?.conversation ?? conversations.touch({ tenant, account, channel, chat, at }, 0, 0).id;
    const message = first?.message ?? undefined;
    return { event, conversation, duplicate: true, entries: [], ...(message && { message }) };
  }

  return {
    receive(batch) {
      const received = batch.events.map((event) => receiveOne(batch, event));
      if (batch.cursor !== undefined) putCursor.run(batch.tenant, batch.account, batch.cursor, batch.at);
      return received;
    },
    cursor: (tenant, account) => getCursor.get(tenant, account)?.cursor,
    sweep: (before, limit) => Number(sweep.run(before, limit).changes),
  };
}

/** The chat is the conversation's, the parts of a message are the message's. */
function payloadOf(event: PlatformEvent): string {
  if (event.kind === "message") return JSON.stringify({ ...event, chat: undefined, parts: undefined });
  return JSON.stringify({ ...event, chat: undefined });
}

function detailOf({ channel, account }: InboundBatch, event: PlatformEvent): { [key: string]: Json } {
  const detail: { [key: string]: Json } = { kind: event.kind, channel, account };
  if ("platformId" in event && event.platformId !== undefined) detail["platformId"] = event.platformId;
  return detail;
}
