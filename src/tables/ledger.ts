import type { TenantId, TraceId } from "../core/ids.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import type { Instant, Json } from "../core/terms.ts";
import { each, type Prepare, type Statement, type Work } from "./work.ts";

/**
 * One row per stage. Rows are gathered while a transaction runs its jobs and written together at its end; what a job
 * appends gets its numbers at once, as a mark (`,40+3`) that the job adds to its event's or delivery's row.
 */
export interface Ledger {
  /** Appends entries of one trace, in order, and gives their mark. */
  append(entries: readonly LedgerEntry[]): string;
  /** The mark of entries that `fill` brings later in the same job; at most `count`. */
  reserve(count: number): Reserved;
  /** The entries of these stories that the marks name, in the order in which they were written. */
  read(tenant: TenantId, stories: readonly { readonly trace: TraceId; readonly marks: readonly string[] }[]): Work<readonly LedgerEntry[]>;
  /** Newest first, before that number. */
  recent(tenant: TenantId, limit: number, before?: number): Work<readonly (LedgerEntry & { readonly seq: number })[]>;
  /** The first number of this transaction: rows before it are taken. */
  start(next: number): void;
  write(): Work<void>;
  forget(): void;
}

export interface Reserved {
  readonly mark: string;
  fill(entries: readonly LedgerEntry[]): void;
}

interface Row {
  readonly seq: number;
  readonly stage: Stage;
  readonly at: Instant;
  readonly reason: string | null;
  readonly detail: string | null;
}

/** Rows of one insert statement: enough to make the statement's own cost small. */
const mostRows = 32;

export function ledgerTable(prepare: Prepare): Ledger {
  // A mark may name rows that were reserved and not filled: they can have become another story's.
  const range = prepare<Row>(
    "SELECT seq, stage, at, reason, detail FROM ledger WHERE seq BETWEEN ? AND ? AND tenant = ? AND trace = ? ORDER BY seq",
  );
  const recent = prepare<Row & { readonly trace: TraceId }>(
    "SELECT seq, trace, stage, at, reason, detail FROM ledger WHERE seq < ? AND tenant = ? ORDER BY seq DESC LIMIT ?",
  );
  const inserts: Statement[] = [];
  let next = 1;
  let values: (string | number | null)[] = [];

  function insertOf(rows: number): Statement {
    inserts[rows] ??= prepare(
      `INSERT INTO ledger (seq, tenant, trace, stage, at, reason, detail) VALUES ${Array(rows).fill("(?, ?, ?, ?, ?, ?, ?)").join(", ")}`,
    );
    return inserts[rows];
  }

  function add(entries: readonly LedgerEntry[], from: number): void {
    let seq = from;
    for (const { tenant, trace, stage, at, reason, detail } of entries) {
      values.push(seq++, tenant, trace, stage, at, reason ?? null, detail ? JSON.stringify(detail) : null);
    }
  }

  function take(count: number): string {
    const mark = count === 1 ? `,${next}` : `,${next}+${count}`;
    next += count;
    return mark;
  }

  return {
    append(entries) {
      if (entries.length === 0) return "";
      add(entries, next);
      return take(entries.length);
    },
    reserve(count) {
      const from = next;
      return { mark: take(count), fill: (entries) => add(entries, from) };
    },
    *read(tenant, stories) {
      const found = (yield* each(stories, function* ({ trace, marks }) {
        const rows = (yield* each(marks.flatMap(readMark), ([from, to]) => range.all(from, to, tenant, trace))).flat();
        return rows.map((row) => ({ seq: row.seq, entry: entryOf(tenant, trace, row) }));
      })).flat();
      return found.sort((a, b) => a.seq - b.seq).map(({ entry }) => entry);
    },
    *recent(tenant, limit, before = Number.MAX_SAFE_INTEGER) {
      return (yield* recent.all(before, tenant, limit)).map((row) => ({ ...entryOf(tenant, row.trace, row), seq: row.seq }));
    },
    start(from) {
      next = from;
    },
    *write() {
      const columns = 7;
      for (let from = 0; from < values.length; from += mostRows * columns) {
        const some = values.slice(from, from + mostRows * columns);
        yield* insertOf(some.length / columns).do(...some);
      }
      values = [];
    },
    forget() {
      values = [];
    },
  };
}

/** `,12,40+3` → [12, 12], [40, 42]. */
export function readMark(marks: string): [number, number][] {
  return marks
    .split(",")
    .filter((mark) => mark !== "")
    .map((mark) => {
      const [from, count] = mark.split("+");
      return [Number(from), Number(from) + Number(count ?? 1) - 1];
    });
}

function entryOf(tenant: TenantId, trace: TraceId, row: Row): LedgerEntry {
  return {
    tenant,
    trace,
    stage: row.stage,
    at: row.at,
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.detail !== null && { detail: JSON.parse(row.detail) as { [key: string]: Json } }),
  };
}
