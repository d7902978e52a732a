import type { ConversationId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";

/**
 * Notices that two machines answer each other, although the other one doesn't say that it is one. What gives it away is that
 * it answers our answers, one after the other, sooner than a person can have written what it says, or again and again
 * with the same words. A person who writes ahead of our answers, however much, is none; a pause, or somebody else who
 * speaks, ends the row.
 */
export interface LoopGuard {
  /** The event is about to be answered; true when it is the one too many. */
  sees(queued: QueuedEvent, most: number): boolean;
  /** Our answer to the event is stored. */
  answered(queued: QueuedEvent, at: Instant): void;
}

interface Row {
  sender: string;
  /** Of our last answer. */
  answeredAt: Instant | undefined;
  /** The event that was counted last: one may be looked at more than once. */
  event: string;
  words: string;
  length: number;
}

/** Past so many conversations the one that was quiet longest is forgotten: its row begins anew. */
const mostConversations = 20_000;
/** A second to read and reach for the keys, then 20 characters a second (four times what a good typist does); at most this. */
const reachMs = 1_000;
const charactersPerSecond = 20;
const mostTypingMs = 10_000;
/** The same words, this long at least, within a minute of our answer: nobody types them over and over. */
const sameWords = 20;
const sameWithinMs = 60_000;
/** Characters of a text that are kept to compare. */
const keptCharacters = 200;

export function createLoopGuard(): LoopGuard {
  /** In the order of our last answers. */
  const rows = new Map<ConversationId, Row>();

  function keep(conversation: ConversationId, row: Row): void {
    rows.delete(conversation);
    rows.set(conversation, row);
    if (rows.size > mostConversations) rows.delete(rows.keys().next().value as ConversationId);
  }

  return {
    sees({ id, conversation, event, receivedAt }, most) {
      const said = event.kind === "message" ? textOf(event.parts) : "";
      const words = said.slice(0, keptCharacters).toLowerCase().replace(/\s+/g, " ").trim();
      const sender = event.sender.id;
      const row = rows.get(conversation.id);
      if (!row) {
        keep(conversation.id, { sender, event: id, words, length: 0, answeredAt: undefined });
        return false;
      }
      if (row.event === id) return false;
      row.event = id;
      const sinceAnswer = row.answeredAt === undefined ? -1 : receivedAt - row.answeredAt;
      // Said before our answer: it doesn't answer that.
      if (row.sender === sender && sinceAnswer < 0) return false;
      const same = words.length >= sameWords && words === row.words && sinceAnswer < sameWithinMs;
      const typingMs = Math.min(mostTypingMs, reachMs + (said.length / charactersPerSecond) * 1_000);
      const machine = row.sender === sender && (same || sinceAnswer < typingMs);
      row.length = machine ? row.length + 1 : 0;
      row.words = words;
      row.sender = sender;
      if (row.length < most) return false;
      rows.delete(conversation.id);
      return true;
    },

    answered({ conversation: { id } }, at) {
      const row = rows.get(id);
      if (!row) return;
      row.answeredAt = at;
      keep(id, row);
    },
  };
}

function textOf(parts: readonly Part[]): string {
  let text = "";
  for (const part of parts) if (part.type === "text") text += part.text;
  return text;
}
