import { type FigureName, stepOf } from "../core/figures.ts";
import type { ConversationId, TenantId, TraceId } from "../core/ids.ts";
import type { Stage } from "../core/ledger.ts";
import type { Instant } from "../core/terms.ts";
import type { FigureHours } from "./figure-hours.ts";
import { readMark } from "./ledger.ts";
import type { Happening, Periods } from "./periods.ts";
import type { Prepare, Work } from "./work.ts";

/** What is counted out of the ledger. It follows behind the path, and says the same whenever and however often it counts. */
export interface FigureCount {
  step(now: Instant): Work<boolean>;
  /** Whether a step has something to do. */
  pending(now: Instant): Work<boolean>;
  /** Whether something that is stored isn't in it yet. */
  behind(): Work<boolean>;
  recount(): Work<void>;
  /** The last row of the ledger that is counted: what comes after it may not be dropped. */
  upto(): Work<number>;
  /** Retention dropped rows up to that one. */
  swept(row: number): Work<void>;
}

interface State {
  readonly upto: number;
  readonly swept: number;
  readonly since: number;
  readonly anew: number | null;
}

interface Entry {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly trace: TraceId;
  readonly stage: Stage;
  readonly at: Instant;
  readonly reason: string | null;
  /** Of `turn-start`: how many times the turn was begun. */
  /** A number, as JSON has it: text where the database has no number of it. */
  readonly tries: number | string | null;
}

interface StoryRow {
  readonly account: string;
  readonly channel: string;
  readonly conversation: ConversationId;
  readonly kind: string;
  readonly agent: string | null;
  readonly received_at: Instant;
  readonly author: string | null;
  readonly ledger: string;
}

/** Rows of the ledger that are looked at in one step: it shares its transaction with the path. */
const stepRows = 200;
const hourMs = 3_600_000;

const bad: ReadonlySet<Stage> = new Set(["turn-fail", "delivery-fail", "delivery-dead", "delivery-unknown"]);
const counted: ReadonlySet<Stage> = new Set(["received", "ignored", "joined", "turn-start", "delivery-sent", ...bad]);
const ends: ReadonlySet<Stage> = new Set(["delivery-sent", "ignored", "turn-fail"]);
/** Nobody answered because people do. */
const toPeople: ReadonlySet<string> = new Set(["control-human", "handed-over"]);

export function figureCount(prepare: Prepare, hours: FigureHours, periods: Periods): FigureCount {
  const state = prepare<State>("SELECT upto, swept, since, anew FROM figures WHERE one = 1");
  const setUpto = prepare("UPDATE figures SET upto = ? WHERE one = 1");
  const setSwept = prepare("UPDATE figures SET swept = ?1 WHERE one = 1 AND swept < ?1");
  const setAnew = prepare("UPDATE figures SET anew = ? WHERE one = 1");
  const begin = prepare("UPDATE figures SET upto = swept, since = anew, anew = NULL WHERE one = 1");
  const newest = prepare<{ seq: number }>("SELECT coalesce(max(seq), 0) AS seq FROM ledger");
  const entries = prepare<Entry>(`
    SELECT seq, tenant, trace, stage, at, reason, CASE WHEN stage = 'turn-start' THEN detail ->> 'try' END AS tries
    FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`);
  const first = prepare<{ at: Instant }>("SELECT at FROM ledger WHERE seq > ? ORDER BY seq LIMIT 1");
  const story = prepare<StoryRow>(`
    SELECT e.account, c.channel, e.conversation, e.kind, e.agent, e.received_at, e.ledger,
      (SELECT m.author FROM messages m WHERE m.seq = e.message) AS author
    FROM events e JOIN conversations c ON c.id = e.conversation WHERE e.id = ? AND e.tenant = ?`);
  const marks = prepare<{ ledger: string }>("SELECT ledger FROM deliveries WHERE trace = ? AND tenant = ?");
  const stages = prepare<{ seq: number; stage: Stage }>("SELECT stage FROM ledger WHERE seq BETWEEN ? AND ? AND tenant = ? AND trace = ?");

  /** Something arrived before that row, or was decided after which nothing that arrives is an answer. */
  function* earlier({ tenant, trace, seq }: Entry, { ledger }: StoryRow): Work<boolean> {
    const ranges = [ledger, ...(yield* marks.all(trace, tenant)).map((delivery) => delivery.ledger)].flatMap(readMark);
    for (const [from, to] of ranges) {
      if (from < seq && (yield* stages.all(from, Math.min(to, seq - 1), tenant, trace)).some(({ stage }) => ends.has(stage))) return true;
    }
    return false;
  }

  function* count(entry: Entry): Work<void> {
    const { tenant, trace, stage, at, reason } = entry;
    const row = counted.has(stage) ? yield* story.get(trace, tenant) : undefined;
    if (!row) return;
    const { account, channel, conversation, kind } = row;
    const agent = row.agent ?? "";
    const add = (figure: FigureName, of = agent) => hours.add({ tenant, account, channel, agent: of }, figure, at);
    const note = (happening: Happening) => periods.note({ tenant, account, channel, conversation }, happening, agent, at);
    if (bad.has(stage)) {
      add("failed");
      yield* note("failed");
    } else if (stage === "received") {
      if (kind === "message") add("received", "");
    } else if (stage === "ignored") {
      if (kind === "message" && toPeople.has(reason ?? "")) yield* note("asked");
    } else if (stage === "joined") yield* note("asked");
    else if (stage === "turn-start") {
      if (Number(entry.tries) !== 1) return;
      add("turns");
      yield* note("asked");
    } else if (yield* earlier(entry, row)) return;
    else if (kind === "send" && row.author === "operator") {
      add("people", "");
      yield* note("people");
    } else if (agent) {
      add("answered");
      hours.addWait({ tenant, account, channel, agent }, stepOf(Math.max(0, at - row.received_at)), at);
      yield* note("answered");
    }
  }

  function* behind() {
    const { upto, anew } = (yield* state.get()) as State;
    return anew !== null || upto < ((yield* newest.get())?.seq ?? 0);
  }

  return {
    *step(now) {
      const { upto, since, anew } = (yield* state.get()) as State;
      if (anew !== null) {
        if ((yield* hours.forget(anew)) || (yield* periods.forget())) return true;
        yield* begin.do();
        return true;
      }
      hours.start(now);
      const rows = yield* entries.all(upto, stepRows);
      for (const entry of rows) if (entry.at >= since * hourMs) yield* count(entry);
      const last = rows.at(-1);
      if (last) yield* setUpto.do(last.seq);
      // What is still to be counted may go on with a period that would be over by now.
      const more = rows.length === stepRows || (yield* periods.close(now));
      yield* hours.write();
      return more;
    },
    *pending(now) {
      return (yield* behind()) || (yield* periods.over(now));
    },
    behind,
    *recount() {
      const { swept } = (yield* state.get()) as State;
      const from = swept === 0 ? 0 : Math.ceil(((yield* first.get(swept))?.at ?? 0) / hourMs);
      yield* setAnew.do(from);
    },
    *upto() {
      return (yield* state.get())?.upto ?? 0;
    },
    *swept(row) {
      yield* setSwept.do(row);
    },
  };
}
