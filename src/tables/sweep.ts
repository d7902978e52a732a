import type { AccountId, ConversationId, EventId, TenantId, TraceId } from "../core/ids.ts";
import type { Retention, SweepPlace } from "../core/retention.ts";
import type { Attachments } from "./attachments.ts";
import type { Conversations } from "./conversations.ts";
import type { FigureCount } from "./figures.ts";
import { readMark } from "./ledger.ts";
import type { Receipts } from "./receipts.ts";
import type { SearchIndex } from "./search-index.ts";
import type { SenderDays } from "./sender-days.ts";
import type { Tally } from "./tally.ts";
import type { Prepare, Work } from "./work.ts";

/** See `RetentionStore.sweep`. */
export type Sweep = (keep: Retention & { readonly dedupeDays: number }, place?: SweepPlace) => Work<SweepPlace | undefined>;

interface Parts {
  readonly conversations: Conversations;
  readonly attachments: Attachments;
  readonly receipts: Receipts;
  readonly senders: SenderDays;
  readonly tally: Tally;
  readonly words: Pick<SearchIndex, "change">;
  readonly figures: Pick<FigureCount, "upto" | "swept" | "step">;
}

interface Bounds {
  readonly event: number;
  readonly ledger: number;
  readonly call: number;
}

interface StoryRow {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly id: TraceId;
  readonly conversation: ConversationId;
  readonly kind: string;
  readonly message: number | null;
  readonly answer: number | null;
  /** The last event that joined its turn: the answer stands with that one. */
  readonly joined: number | null;
  /** The one whose turn answered it, if that isn't its own: what was sent belongs to that one. */
  readonly lead: TraceId | null;
  readonly ended_at: number | null;
  readonly ledger: string;
}

const dayMs = 86_400_000;
/** Rows looked at in one step: it shares its transaction with the path, so it is to take a few milliseconds at most. */
const keyRows = 400;
const plainRows = 400;
const storyRows = 200;
const storyDrops = 40;
/** Days that a sender's quota is kept: by the age of the store, so that no set clock drops what counts today. */
const senderDays = 2;

/**
 * A pass goes through the tables by their rows' numbers, oldest first, up to what is old enough. A table's newest row
 * always stays: the next number comes from it, and numbers must not come again.
 *
 * A dropped story leaves `events.before` of the next one as it is: it names a row that isn't there any more, and for
 * everybody who follows the list that is its end. A story that stays because it is open is still found by its id.
 */
export function sweepTable(prepare: Prepare, { conversations, attachments, receipts, senders, tally, words, figures }: Parts): Sweep {
  const bounds = prepare<Bounds>(`
    SELECT event, ledger, call FROM ages WHERE age_ms <= (SELECT age_ms FROM owner WHERE one = 1) - ? ORDER BY age_ms DESC LIMIT 1`);
  const newest = prepare<Bounds & { readonly message: number }>(`
    SELECT (SELECT coalesce(max(seq), 0) FROM events) AS event, (SELECT coalesce(max(seq), 0) FROM messages) AS message,
      (SELECT coalesce(max(seq), 0) FROM ledger) AS ledger, (SELECT coalesce(max(seq), 0) FROM model_calls) AS call`);
  const newestEntry = prepare<{ trace: TraceId }>("SELECT trace FROM ledger ORDER BY seq DESC LIMIT 1");
  const dropKeys = prepare(`
    DELETE FROM dedupe WHERE (tenant, account, key) IN (SELECT tenant, account, key FROM dedupe WHERE story <= ? ORDER BY story LIMIT ?)`);
  const entries = prepare<{ seq: number; trace: TraceId }>("SELECT seq, trace FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?");
  const dropEntries = prepare("DELETE FROM ledger WHERE seq BETWEEN ? AND ?");
  const usageSeen = prepare<{ usage_seen: number }>("SELECT usage_seen FROM owner WHERE one = 1");
  const calls = prepare<{ seq: number; trace: EventId }>(
    "SELECT seq, event AS trace FROM model_calls WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
  );
  const dropCalls = prepare("DELETE FROM model_calls WHERE seq BETWEEN ? AND ?");
  const stories = prepare<StoryRow>(`
    SELECT e.seq, e.tenant, e.id, e.conversation, e.kind, e.message, e.answer, e.joined, e.ended_at, e.ledger,
      (SELECT l.id FROM events l WHERE l.seq = e.turn_of) AS lead
    FROM events e WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`);
  const unended = prepare("SELECT 1 FROM events WHERE id = ? AND ended_at IS NULL");
  const waiting = prepare("SELECT 1 FROM deliveries WHERE trace = ? AND (ended_at IS NULL OR state IN ('unknown', 'dead')) LIMIT 1");
  const dropEvent = prepare("DELETE FROM events WHERE seq = ?");
  const dropMessage = prepare("DELETE FROM messages WHERE seq = ?");
  const dropDeliveries = prepare<{ ledger: string; account: AccountId; receipt: string | null }>(
    "DELETE FROM deliveries WHERE trace = ? AND tenant = ? RETURNING ledger, account, receipt",
  );
  const dropOwnEntries = prepare("DELETE FROM ledger WHERE seq BETWEEN ? AND ? AND trace = ?");
  const dropMarks = prepare("DELETE FROM ages WHERE event < ? AND age_ms < (SELECT max(age_ms) FROM ages)");
  const dropHandovers = prepare("DELETE FROM handovers WHERE story <= ?");
  const dropNotes = prepare("DELETE FROM notes WHERE story <= ?");
  const listEnd = prepare<{ seq: number | null }>("SELECT last_event AS seq FROM conversations WHERE id = ?");
  const link = prepare<{ before: number | null; message: number | null; answer: number | null }>(
    "SELECT before, message, answer FROM events WHERE seq = ?",
  );

  /** For one pass: a floor only moves on, so an older one keeps a little more. */
  const floors = new Map<ConversationId, number>();

  /** Numbers of rows that are at least so old. */
  function* boundsOf(days: number | undefined): Work<Bounds> {
    return (days === undefined ? undefined : yield* bounds.get(days * dayMs)) ?? { event: 0, ledger: 0, call: 0 };
  }

  /** Drops rows between two of the newest, but for those whose story goes on. */
  function* dropRows(
    rows: readonly { seq: number; trace: TraceId }[],
    stays: (trace: TraceId) => Work<boolean>,
    drop: typeof dropEntries,
  ): Work<void> {
    const known = new Map<TraceId, boolean>();
    let from: number | undefined;
    let to = 0;
    function* cut() {
      if (from !== undefined) yield* drop.do(from, to);
      from = undefined;
    }
    for (const { seq, trace } of rows) {
      const kept = known.get(trace) ?? (yield* stays(trace));
      known.set(trace, kept);
      if (kept) yield* cut();
      else {
        from ??= seq;
        to = seq;
      }
    }
    yield* cut();
  }

  /** The oldest story of the conversation that its newest messages reach back to. */
  function* floorOf(conversation: ConversationId, messages: number): Work<number> {
    const known = floors.get(conversation);
    if (known !== undefined) return known;
    let seq = (yield* listEnd.get(conversation))?.seq;
    let floor = Number.MAX_SAFE_INTEGER;
    for (let count = 0; seq && count < messages; ) {
      const at = yield* link.get(seq);
      if (!at) break;
      floor = seq;
      // One without any counts too: a list of such must come to an end.
      count += Math.max(1, Number(at.message !== null) + Number(at.answer !== null));
      seq = at.before;
    }
    floors.set(conversation, floor);
    return floor;
  }

  /** Nothing is dropped that isn't counted yet: a step of that comes first. What is over is closed by whoever knows the time. */
  function* countFirst(upTo: number): Work<boolean> {
    if ((yield* figures.upto()) >= upTo) return false;
    yield* figures.step(0);
    return true;
  }

  function* dropStory({ seq, tenant, id, conversation, message, answer, joined, ledger }: StoryRow): Work<void> {
    yield* dropEvent.do(seq);
    const own = [message, joined === null ? answer : null].filter((row) => row !== null);
    yield* conversations.dropStory(conversation, seq, own);
    for (const row of own) {
      yield* dropMessage.do(row);
      yield* attachments.release(row);
      yield* words.change(row);
      tally.messageGone(tenant);
    }
    const sent = yield* dropDeliveries.all(id, tenant);
    for (const { account, receipt } of sent) if (receipt !== null) yield* receipts.forget(tenant, account, receipt);
    const marks = [ledger, ...sent.map((delivery) => delivery.ledger)];
    for (const [from, to] of marks.flatMap(readMark)) {
      yield* dropOwnEntries.do(from, to, id);
      yield* figures.swept(to);
    }
  }

  function* sweepStories(after: number, upTo: number, keepNewest: number): Work<number | undefined> {
    const { message: newestMessage } = (yield* newest.get()) as Bounds & { message: number };
    const lastTold = (yield* newestEntry.get())?.trace;
    const rows = yield* stories.all(after, upTo, storyRows);
    let dropped = 0;
    for (const row of rows) {
      if (row.ended_at === null || row.message === newestMessage || row.answer === newestMessage || row.id === lastTold) continue;
      if (keepNewest > 0 && isListed(row) && row.seq >= (yield* floorOf(row.conversation, keepNewest))) continue;
      if (yield* waiting.get(row.lead ?? row.id)) continue;
      yield* dropStory(row);
      dropped += 1;
      if (dropped === storyDrops) return row.seq;
    }
    return rows.length === storyRows ? rows.at(-1)?.seq : undefined;
  }

  return function* (keep, place = { of: "keys", after: 0 }) {
    const last = (yield* newest.get()) as Bounds;
    const old = yield* boundsOf(keep.messagesDays);
    switch (place.of) {
      case "keys": {
        floors.clear();
        const { event } = yield* boundsOf(keep.dedupeDays);
        const full = Number((yield* dropKeys.run(event, keyRows)).changes) === keyRows;
        yield* receipts.sweep(event, keyRows);
        return (yield* senders.sweep((yield* boundsOf(senderDays)).event, keyRows)) === keyRows || full
          ? place
          : { of: "ledger", after: 0 };
      }
      case "ledger": {
        const upTo = Math.min((yield* boundsOf(keep.ledgerDays)).ledger, last.ledger - 1);
        if (yield* countFirst(upTo)) return place;
        const rows = yield* entries.all(place.after, upTo, plainRows);
        yield* dropRows(
          rows,
          function* (trace) {
            return (yield* unended.get(trace)) !== undefined || (yield* waiting.get(trace)) !== undefined;
          },
          dropEntries,
        );
        const swept = rows.at(-1)?.seq;
        if (swept !== undefined) yield* figures.swept(swept);
        return rows.length === plainRows ? { of: "ledger", after: rows.at(-1)?.seq ?? 0 } : { of: "calls", after: 0 };
      }
      case "calls": {
        // What hasn't been added up yet stays.
        const added = (yield* usageSeen.get())?.usage_seen ?? 0;
        const rows = yield* calls.all(place.after, Math.min(old.call, last.call - 1, added), plainRows);
        yield* dropRows(
          rows,
          function* (trace) {
            return (yield* unended.get(trace)) !== undefined;
          },
          dropCalls,
        );
        return rows.length === plainRows ? { of: "calls", after: rows.at(-1)?.seq ?? 0 } : { of: "stories", after: 0 };
      }
      default: {
        if (yield* countFirst(Math.min(old.ledger, last.ledger - 1))) return place;
        const after = yield* sweepStories(place.after, Math.min(old.event, last.event - 1), keep.newestMessages);
        if (after !== undefined) return { of: "stories", after };
        floors.clear();
        // Marks that no policy reaches back to: all that was there then is gone.
        if (keep.messagesDays !== undefined) {
          yield* dropHandovers.do(old.event);
          yield* dropNotes.do(old.event);
        }
        if (keep.messagesDays !== undefined)
          yield* dropMarks.do(Math.min(old.event, (yield* boundsOf(keep.dedupeDays)).event, yield* ledgerReach(keep)));
        return undefined;
      }
    }
  };

  function* ledgerReach({ ledgerDays }: Retention): Work<number> {
    return ledgerDays === undefined ? Number.MAX_SAFE_INTEGER : (yield* boundsOf(ledgerDays)).event;
  }
}

/** Whether it stands in its conversation's list: reactions and the like don't. */
function isListed({ kind, message, answer }: StoryRow): boolean {
  return message !== null || answer !== null || kind === "press";
}
