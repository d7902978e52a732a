import { type FigureName, stepOf } from "../../core/figures.ts";
import type { ConversationId, TenantId, TraceId } from "../../core/ids.ts";
import type { Stage } from "../../core/ledger.ts";
import type { Instant } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";
import type { FigureHours } from "./figure-hours.ts";
import { readMark } from "./ledger.ts";
import type { Happening, Periods } from "./periods.ts";

/** What is counted out of the ledger. It follows behind the path, and says the same whenever and however often it counts. */
export interface FigureCount {
  step(now: Instant): boolean;
  /** Whether a step has something to do. */
  pending(now: Instant): boolean;
  /** Whether something that is stored isn't in it yet. */
  behind(): boolean;
  recount(): void;
  /** The last row of the ledger that is counted: what comes after it may not be dropped. */
  upto(): number;
  /** Retention dropped rows up to that one. */
  swept(row: number): void;
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
  readonly tries: number | null;
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
  const setSwept = prepare("UPDATE figures SET swept = max(swept, ?) WHERE one = 1");
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
  function earlier({ tenant, trace, seq }: Entry, { ledger }: StoryRow): boolean {
    const ranges = [ledger, ...marks.all(trace, tenant).map((delivery) => delivery.ledger)].flatMap(readMark);
    return ranges.some(
      ([from, to]) => from < seq && stages.all(from, Math.min(to, seq - 1), tenant, trace).some(({ stage }) => ends.has(stage)),
    );
  }

  function count(entry: Entry): void {
    const { tenant, trace, stage, at, reason } = entry;
    const row = counted.has(stage) ? story.get(trace, tenant) : undefined;
    if (!row) return;
    const { account, channel, conversation, kind } = row;
    const agent = row.agent ?? "";
    const add = (figure: FigureName, of = agent) => hours.add({ tenant, account, channel, agent: of }, figure, at);
    const note = (happening: Happening) => periods.note({ tenant, account, channel, conversation }, happening, agent, at);
    if (bad.has(stage)) {
      add("failed");
      note("failed");
    } else if (stage === "received") {
      if (kind === "message") add("received", "");
    } else if (stage === "ignored") {
      if (kind === "message" && toPeople.has(reason ?? "")) note("asked");
    } else if (stage === "joined") note("asked");
    else if (stage === "turn-start") {
      if (entry.tries !== 1) return;
      add("turns");
      note("asked");
    } else if (earlier(entry, row)) return;
    else if (kind === "send" && row.author === "operator") {
      add("people", "");
      note("people");
    } else if (agent) {
      add("answered");
      hours.addWait({ tenant, account, channel, agent }, stepOf(Math.max(0, at - row.received_at)), at);
      note("answered");
    }
  }

  const behind = () => {
    const { upto, anew } = state.get() as State;
    return anew !== null || upto < (newest.get()?.seq ?? 0);
  };

  return {
    step(now) {
      const { upto, since, anew } = state.get() as State;
      if (anew !== null) {
        if (hours.forget(anew) || periods.forget()) return true;
        begin.run();
        return true;
      }
      hours.start();
      const rows = entries.all(upto, stepRows);
      for (const entry of rows) if (entry.at >= since * hourMs) count(entry);
      const last = rows.at(-1);
      if (last) setUpto.run(last.seq);
      // What is still to be counted may go on with a period that would be over by now.
      const more = rows.length === stepRows || periods.close(now);
      hours.write();
      return more;
    },
    pending: (now) => behind() || periods.over(now),
    behind,
    recount() {
      const { swept } = state.get() as State;
      const from = swept === 0 ? 0 : Math.ceil((first.get(swept)?.at ?? 0) / hourMs);
      setAnew.run(from);
    },
    upto: () => state.get()?.upto ?? 0,
    swept: (row) => void setSwept.run(row),
  };
}
