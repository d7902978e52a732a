import type { PastMessage } from "../core/conversation.ts";
import type { DeleteEvent, EditEvent } from "../core/event.ts";
import type { ConversationId, EventId, MessageId, TenantId } from "../core/ids.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Conversations } from "./conversations.ts";
import { eventOf } from "./derived-ids.ts";
import type { Messages } from "./messages.ts";
import type { Prepare, Work } from "./work.ts";

/**
 * A conversation's past along its list of stories: an answer stands with what it answers, however late it came and
 * whatever arrived in between.
 */
export interface History {
  /** See `TurnStore.past`. */
  past(event: QueuedEvent, limit: number, after?: number): Work<readonly PastMessage[]>;
  /** See `TurnStore.history`. */
  before(conversation: ConversationId, before: MessageId | EventId | undefined, limit: number): Work<readonly PastMessage[]>;
  /** See `TurnStore.interrupted`. */
  interrupted(conversation: ConversationId, before: MessageId): Work<number>;
  /** See `TurnStore.failedBefore`. */
  failedBefore(event: QueuedEvent, most: number): Work<number>;
  /** Writes an edit into the message that it changes, if the same sender wrote that; forgets the words of one that was taken back. */
  change(tenant: TenantId, conversation: ConversationId, change: EditEvent | DeleteEvent): Work<MessageId | undefined>;
}

interface Story {
  readonly before: number | null;
  readonly message: number | null;
  readonly answer: number | null;
}

interface Start {
  readonly seq: number | null;
  /** Where somebody began anew: it, and what was before it, is no past. */
  readonly from: number | null;
}

/** How many stories back the message of an edit is looked for, and what was interrupted. */
const reach = 500;

interface Outcome {
  readonly before: number | null;
  readonly state: string;
  readonly turn: number;
}

export function historyOf(prepare: Prepare, messages: Messages, conversations: Pick<Conversations, "changePast">): History {
  const newest = prepare<Start>('SELECT last_event AS seq, history_from AS "from" FROM conversations WHERE id = ?');
  const storyBefore = prepare<Start>(`
    SELECT e.before AS seq, c.history_from AS "from" FROM events e JOIN conversations c ON c.id = e.conversation
    WHERE e.id = ? AND e.conversation = ?`);
  const storyOf = prepare<Start>(`
    SELECT coalesce(e.joined, e.seq) AS seq, c.history_from AS "from"
    FROM messages m JOIN events e ON e.id = m.trace JOIN conversations c ON c.id = m.conversation WHERE m.id = ? AND m.conversation = ?`);
  const story = prepare<Story>(`
    SELECT before, CASE WHEN reason IN ('command', 'rating') THEN NULL ELSE message END AS message, CASE WHEN joined IS NULL THEN answer END AS answer
    FROM events WHERE seq = ?`);
  const broken = prepare<Story & { readonly ignored: number; readonly interrupted: number }>(`
    SELECT before, message, CASE WHEN joined IS NULL THEN answer END AS answer,
      state = 'ignored' AS ignored, state = 'cancelled' AND reason = 'interrupted' AS interrupted FROM events WHERE seq = ?`);

  // What joined a turn ends with it, and is counted once. What operators and the system send stands between two turns.
  const outcome = prepare<Outcome>(`
    SELECT before, CASE WHEN kind IN ('send', 'notice') THEN 'sent' ELSE state END AS state, turn_of IS NULL AS turn FROM events WHERE seq = ?`);

  function* start(conversation: ConversationId, before: MessageId | EventId | undefined): Work<(Start & { within?: true }) | undefined> {
    if (before === undefined) return yield* newest.get(conversation);
    // The message of an event is its first; one that answers has what it answers before it.
    const inbound = yield* storyBefore.get(eventOf(before), conversation);
    if (inbound) return inbound;
    const own = yield* storyOf.get(before, conversation);
    return own && { ...own, within: true };
  }

  /** From that story back to, and without, the story `end`. */
  function* walk(newest: number, end: number, limit: number, without?: string): Work<readonly PastMessage[]> {
    const past: PastMessage[] = [];
    for (let seq: number | null = newest; seq && seq > end && past.length < limit; ) {
      const at: Story | undefined = yield* story.get(seq);
      if (!at) break;
      for (const row of [at.answer, at.message]) {
        const message = row === null ? undefined : yield* messages.read(row);
        if (message && message.id !== without && past.length < limit) past.push(message);
      }
      seq = at.before;
    }
    return past.reverse();
  }

  return {
    past: ({ past: { behind, from } }, limit, after = 0) => walk(behind, Math.max(from, after), limit),

    *before(conversation, before, limit) {
      const from = yield* start(conversation, before);
      return yield* walk(from?.seq ?? 0, from?.from ?? 0, limit, before);
    },

    *interrupted(conversation, before) {
      let count = 0;
      let passed = 0;
      let seq = (yield* start(conversation, before))?.seq;
      for (let i = 0; seq && i < reach; i++) {
        const at = yield* broken.get(seq);
        if (!at || !(at.interrupted || at.ignored)) break;
        passed += Number(at.message !== null) + Number(at.answer !== null);
        if (at.interrupted) count = passed;
        seq = at.before;
      }
      return count;
    },

    *failedBefore({ past: { behind, from } }, most) {
      let count = 0;
      for (let seq: number | null = behind, i = 0; seq && seq > from && i < reach && count < most; i++) {
        const at: Outcome | undefined = yield* outcome.get(seq);
        if (!at || at.state === "done") break;
        if (at.state === "failed" && at.turn === 1) count += 1;
        seq = at.before;
      }
      return count;
    },

    *change(tenant, conversation, event) {
      let seq = (yield* newest.get(conversation))?.seq;
      for (let i = 0; seq && i < reach; i++) {
        const at: Story | undefined = yield* story.get(seq);
        const found = at?.message != null && (yield* messages.editable(at.message, tenant, event.platformId));
        if (found) {
          if (event.kind === "delete") yield* messages.empty(found.id);
          else if (found.sender !== event.sender.id) return undefined;
          else yield* messages.setParts(found.id, event.parts);
          yield* conversations.changePast(tenant, conversation);
          return found.id;
        }
        seq = at?.before;
      }
      return undefined;
    },
  };
}
