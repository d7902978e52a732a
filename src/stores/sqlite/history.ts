import type { PastMessage } from "../../core/conversation.ts";
import type { Sender } from "../../core/event.ts";
import type { ConversationId, MessageId, TenantId } from "../../core/ids.ts";
import type { Part } from "../../core/message.ts";
import type { Prepare } from "./database.ts";
import { eventOf } from "./derived-ids.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";

/**
 * A conversation's past along its list of stories: an answer stands with what it answers, however late it came and
 * whatever arrived in between.
 */
export interface History {
  /** See `TurnStore.history`. */
  before(conversation: ConversationId, before: MessageId | undefined, limit: number): readonly PastMessage[];
  /** Writes an edit into the message that it changes, if the same sender wrote that. */
  edit(
    tenant: TenantId,
    conversation: ConversationId,
    edit: { readonly platformId: string; readonly sender: Sender; readonly parts: readonly Part[] },
  ): MessageId | undefined;
}

/** How many stories back the message of an edit is looked for. */
const editReach = 500;

export function historyOf(prepare: Prepare): History {
  const newest = prepare<{ seq: number | null }>("SELECT last_event AS seq FROM conversations WHERE id = ?");
  const storyBefore = prepare<{ seq: number | null }>("SELECT before AS seq FROM events WHERE id = ? AND conversation = ?");
  const storyOf = prepare<{ seq: number; question: number | null }>(`
    SELECT e.seq, e.message AS question FROM messages m JOIN events e ON e.id = m.trace WHERE m.id = ? AND m.conversation = ?`);
  // The depth is counted, not limited: SQLite prepares a statement anew whenever a parameter of LIMIT is bound.
  // CROSS JOIN: the stories come first, whatever the planner thinks of the other way round.
  const back = `
    WITH RECURSIVE story (depth, seq, before, message, answer) AS (
      SELECT 1, seq, before, message, answer FROM events WHERE seq = ?
      UNION ALL
      SELECT s.depth + 1, e.seq, e.before, e.message, e.answer FROM story s JOIN events e ON e.seq = s.before WHERE s.depth < ?)`;
  const messages = prepare<MessageRow & { readonly story: number; readonly seq: number }>(`${back}
    SELECT ${messageColumns}, m.seq, s.seq AS story FROM story s CROSS JOIN messages m WHERE m.seq IN (s.message, s.answer)`);
  const question = prepare<{ id: MessageId; sender: string }>(`${back}
    SELECT m.id, m.sender FROM story s CROSS JOIN messages m
    WHERE m.seq = s.message AND m.platform_id = ? AND m.tenant = ? AND m.direction = 'in' ORDER BY s.seq DESC LIMIT 1`);
  const setParts = prepare("UPDATE messages SET parts = ? WHERE id = ?");

  function from(conversation: ConversationId, before: MessageId | undefined): { seq: number | null; without?: MessageId } | undefined {
    if (before === undefined) return newest.get(conversation);
    const inbound = storyBefore.get(eventOf(before), conversation);
    if (inbound) return inbound;
    const own = storyOf.get(before, conversation);
    return own && { seq: own.seq, without: before };
  }

  return {
    before(conversation, before, limit) {
      const start = from(conversation, before);
      if (!start?.seq || limit <= 0) return [];
      // Each has a message at least, unless it is the press of a button that isn't answered yet.
      const rows = messages.all(start.seq, limit + 1);
      rows.sort((a, b) => a.story - b.story || a.seq - b.seq);
      return rows
        .filter((row) => row.id !== start.without)
        .slice(-limit)
        .map(messageOf);
    },
    edit(tenant, conversation, { platformId, sender, parts }) {
      const start = newest.get(conversation);
      const row = start && start.seq !== null ? question.get(start.seq, editReach, platformId, tenant) : undefined;
      if (!row || (JSON.parse(row.sender) as Sender).id !== sender.id) return undefined;
      setParts.run(JSON.stringify(parts), row.id);
      return row.id;
    },
  };
}
