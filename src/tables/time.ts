import type { ClockReading } from "../core/retention.ts";
import type { Instant } from "../core/terms.ts";
import type { Handovers } from "./handovers.ts";
import type { Prepare, Work } from "./work.ts";

/** See `RetentionStore.tellTime`. */
export type TellTime = (reading: ClockReading) => Work<number>;

export interface TimeTable {
  readonly tellTime: TellTime;
  /** The clock was set by so many milliseconds, as somebody knows who lived through it: what waits is moved. */
  clockWasSet(now: Instant, byMs: number): Work<void>;
  /** What was stored under a time that is still to come, by those who hadn't heard yet that the clock was set back, counts as stored now. */
  bringBack(now: Instant): Work<void>;
}

/** The wall clock is put right by less than this all the time. */
const toleranceMs = 1_000;
/** Between two marks: what is dropped may be older by as much. */
const markMs = 6 * 3_600_000;

interface Seen {
  readonly age_ms: number;
  readonly seen_at: number | null;
  readonly seen_up: number;
  readonly seen_boot: string;
}

/** `shared`: by gateways on several machines, whose clocks go alike: who tells first after another tells of the time between, too. */
export function timeTable(prepare: Prepare, handovers: Pick<Handovers, "move">, shared: boolean): TimeTable {
  const last = prepare<Seen>("SELECT age_ms, seen_at, seen_up, seen_boot FROM owner WHERE one = 1");
  const see = prepare("UPDATE owner SET age_ms = ?, seen_at = ?, seen_up = ?, seen_boot = ? WHERE one = 1");
  const lastMark = prepare<{ age_ms: number | null }>("SELECT max(age_ms) AS age_ms FROM ages");
  const mark = prepare(`
    INSERT INTO ages (age_ms, event, ledger, call)
    SELECT ?, (SELECT coalesce(max(seq), 0) FROM events), (SELECT coalesce(max(seq), 0) FROM ledger),
      (SELECT coalesce(max(seq), 0) FROM model_calls)`);
  // What was due before the clock was moved stays due, what wasn't doesn't become so.
  const moveEvents = prepare(
    "UPDATE events SET due_at = due_at + ?, put_off_at = put_off_at + ? WHERE state = 'queued' AND ended_at IS NULL",
  );
  const moveDeliveries = prepare(`
    UPDATE deliveries SET due_at = due_at + ?, put_off_at = put_off_at + ?, created_at = created_at + ?
    WHERE state IN ('queued', 'sending', 'streaming') AND ended_at IS NULL`);
  // What was moved already is due before it was received.
  const bringEvents = prepare(`
    UPDATE events SET due_at = due_at - (coalesce(put_off_at, received_at) - ?1), put_off_at = ?1
    WHERE state = 'queued' AND ended_at IS NULL AND due_at >= coalesce(put_off_at, received_at)
      AND coalesce(put_off_at, received_at) > CAST(?1 AS BIGINT) + ${toleranceMs}`);
  const bringDeliveries = prepare(`
    UPDATE deliveries SET due_at = due_at - (coalesce(put_off_at, created_at) - ?1), put_off_at = ?1,
      created_at = CASE WHEN created_at > ?1 THEN ?1 ELSE created_at END
    WHERE state IN ('queued', 'sending', 'streaming') AND ended_at IS NULL
      AND coalesce(put_off_at, created_at) > CAST(?1 AS BIGINT) + ${toleranceMs}`);
  const noteMove = prepare("UPDATE owner SET moved_ms = moved_ms + ? WHERE one = 1");

  function* lastSeen(): Work<Seen> {
    const seen = yield* last.get();
    if (!seen) throw new Error("The owner's row is missing");
    return seen;
  }

  function* move(ms: number): Work<void> {
    yield* moveEvents.do(ms, ms);
    yield* moveDeliveries.do(ms, ms, ms);
    yield* handovers.move(ms);
    yield* noteMove.do(ms);
  }

  return {
    *tellTime({ now, upMs, boot }) {
      const seen = yield* lastSeen();
      const up = Math.floor(upMs);
      const since = boot === seen.seen_boot ? up - seen.seen_up : shared && seen.seen_at !== null ? now - seen.seen_at : 0;
      const passed = Math.max(0, since);
      const age = seen.age_ms + passed;
      yield* see.do(age, now, up, boot);
      const marked = (yield* lastMark.get())?.age_ms ?? null;
      if (marked === null || age - marked >= markMs) yield* mark.do(age);
      const moved = seen.seen_at === null ? 0 : now - seen.seen_at - passed;
      if (Math.abs(moved) < toleranceMs) return 0;
      yield* move(moved);
      return moved;
    },

    *clockWasSet(now, byMs) {
      const { age_ms, seen_at, seen_up, seen_boot } = yield* lastSeen();
      if (seen_at !== null) {
        const passed = Math.max(0, now - byMs - seen_at);
        yield* see.do(age_ms + passed, now, seen_up + passed, seen_boot);
      }
      yield* move(byMs);
    },

    *bringBack(now) {
      yield* bringEvents.do(now);
      yield* bringDeliveries.do(now);
    },
  };
}
