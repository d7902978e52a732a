import type { Conversation } from "../../core/conversation.ts";
import type { DeliveryState } from "../../core/delivery.ts";
import type { ConversationId, TenantId, TraceId } from "../../core/ids.ts";
import { type Part, plainText } from "../../core/message.ts";
import type { ConversationSummary, Records, StoredMessage } from "../../core/records.ts";
import { type ConversationRow, type Conversations, conversationColumns, conversationOf } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import type { RecordsDoor } from "./records-door.ts";

type ConversationRecords = Pick<Records, "conversations" | "conversation" | "findConversation" | "messages" | "setControl">;

interface SummaryRow extends ConversationRow {
  readonly cursor: number;
  readonly parts: string | null;
  readonly at: number;
}

type MessageOfStory = MessageRow & { readonly seq: number; readonly story: number; readonly trace: TraceId };

/** Stories that are walked back for a page of conversations before all conversations are sorted instead. */
const reach = 5_000;
/** Characters of a preview. */
export const previewLength = 140;

/** From the worst: an operator wants to see that first. */
const worstFirst: readonly DeliveryState[] = ["dead", "failed", "unknown", "dropped", "sending", "queued", "streaming", "sent"];

export function conversationRecords(
  prepare: Prepare,
  {
    read,
    write,
    touch,
    conversations,
  }: RecordsDoor & { readonly touch: (tenant: TenantId) => void; readonly conversations: Conversations },
): ConversationRecords {
  const columns = `c.tenant, c.id, c.account, c.channel, ${conversationColumns}, c.last_event AS cursor, e.received_at AS at, m.parts`;
  const last = "LEFT JOIN messages m ON m.seq = coalesce(e.answer, e.message)";
  const recent = prepare<SummaryRow>(`
    SELECT ${columns} FROM (SELECT * FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ${reach}) e
      JOIN conversations c ON c.id = e.conversation AND c.last_event = e.seq ${last}
    WHERE e.tenant = ? ORDER BY e.seq DESC LIMIT ?`);
  const sorted = prepare<SummaryRow>(`
    SELECT ${columns} FROM conversations c JOIN events e ON e.seq = c.last_event ${last}
    WHERE c.tenant = ? AND c.last_event < ? ORDER BY c.last_event DESC LIMIT ?`);
  const newest = prepare<{ seq: number | null }>("SELECT last_event AS seq FROM conversations WHERE tenant = ? AND id = ?");
  const storyOf = prepare<{ seq: number }>(`
    SELECT e.seq FROM messages m JOIN events e ON e.id = m.trace WHERE m.tenant = ? AND m.seq = ? AND m.conversation = ?`);
  const back = prepare<MessageOfStory>(`
    WITH RECURSIVE story (seq, before, message, answer) AS (
      SELECT seq, before, message, answer FROM events WHERE seq = ?
      UNION ALL
      SELECT e.seq, e.before, e.message, e.answer FROM story s JOIN events e ON e.seq = s.before LIMIT ?)
    SELECT ${messageColumns}, m.seq, m.trace, s.seq AS story FROM story s JOIN messages m ON m.seq = s.message OR m.seq = s.answer
    ORDER BY s.seq DESC, m.seq DESC`);
  const states = prepare<{ state: DeliveryState }>("SELECT state FROM deliveries WHERE trace = ? AND message = ?");
  const setControl = prepare(`
    UPDATE conversations SET control = ?, control_version = control_version + 1 WHERE tenant = ? AND id = ? AND control_version = ?`);

  function stored(row: MessageOfStory): StoredMessage {
    const found = row.direction === "out" ? states.all(row.trace, row.id).map(({ state }) => state) : [];
    const worst = worstFirst.find((state) => found.includes(state));
    return { ...messageOf(row), seq: row.seq, trace: row.trace, ...(worst && { delivery: worst }) };
  }

  function get(tenant: TenantId, id: string): Conversation | undefined {
    const row = conversations.get(id);
    return row?.tenant === tenant ? conversationOf(row) : undefined;
  }

  return {
    conversations: (tenant, { before = Number.MAX_SAFE_INTEGER, limit }) =>
      read(() => {
        const rows = recent.all(before, tenant, limit);
        return (rows.length === limit ? rows : sorted.all(tenant, before, limit)).map(summaryOf);
      }),
    conversation: (tenant, id) => read(() => get(tenant, id)),
    findConversation: (tenant, account, chat, thread) =>
      read(() => {
        const row = conversations.find(tenant, account, chat, thread ?? "");
        return row && conversationOf(row);
      }),
    messages: (tenant, conversation, { before, limit }) =>
      read(() => {
        const start = before === undefined ? newest.get(tenant, conversation) : storyOf.get(tenant, before, conversation);
        if (!start?.seq) return [];
        const rows = back.all(start.seq, limit + 1);
        const older = rows.filter((row) => before === undefined || row.story < (start.seq as number) || row.seq < before);
        return older.slice(0, limit).map(stored);
      }),
    setControl: (tenant, conversation: ConversationId, control, version) =>
      write(() => {
        if (setControl.run(control, tenant, conversation, version).changes === 0) return undefined;
        touch(tenant);
        return get(tenant, conversation);
      }),
  };
}

function summaryOf(row: SummaryRow): ConversationSummary {
  return { ...conversationOf(row), cursor: row.cursor, lastAt: row.at, lastPreview: previewOf(row.parts) };
}

export function previewOf(parts: string | null): string {
  if (parts === null) return "";
  const text = plainText(JSON.parse(parts) as readonly Part[])
    .replace(/\s+/g, " ")
    .trim();
  return text.length > previewLength ? `${text.slice(0, previewLength - 1).toWellFormed()}…` : text;
}
