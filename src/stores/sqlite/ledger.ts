import type { TenantId, TraceId } from "../../core/ids.ts";
import type { LedgerEntry, Stage } from "../../core/ledger.ts";
import type { Instant, Json } from "../../core/terms.ts";
import type { Prepare, Statement } from "./database.ts";

/** One row per stage, numbered within its trace. */
export interface Ledger {
  /** Appends entries of one trace, in order, and gives them back. `first`: the trace is new. */
  append(entries: readonly LedgerEntry[], first?: "first"): readonly LedgerEntry[];
  read(tenant: TenantId, trace: TraceId): readonly LedgerEntry[];
}

interface Row {
  readonly stage: Stage;
  readonly at: Instant;
  readonly reason: string | null;
  readonly detail: string | null;
}

export function ledgerTable(prepare: Prepare): Ledger {
  const last = prepare<{ n: number | null }>("SELECT max(n) AS n FROM ledger WHERE tenant = ? AND trace = ?");
  const all = prepare<Row>("SELECT stage, at, reason, detail FROM ledger WHERE tenant = ? AND trace = ? ORDER BY n");
  const inserts: Statement[] = [];

  function insertOf(rows: number): Statement {
    inserts[rows] ??= prepare(
      `INSERT INTO ledger (tenant, trace, n, stage, at, reason, detail) VALUES ${Array(rows).fill("(?, ?, ?, ?, ?, ?, ?)").join(", ")}`,
    );
    return inserts[rows];
  }

  function insert(entries: readonly LedgerEntry[], from: number): void {
    const values: (string | number | null)[] = [];
    let n = from;
    for (const { tenant, trace, stage, at, reason, detail } of entries) {
      values.push(tenant, trace, ++n, stage, at, reason ?? null, detail ? JSON.stringify(detail) : null);
    }
    insertOf(entries.length).run(...values);
  }

  return {
    append(entries, first) {
      const head = entries[0];
      if (!head) return entries;
      let n = first ? 0 : (last.get(head.tenant, head.trace)?.n ?? 0);
      for (let from = 0; from < entries.length; from += mostRows) {
        const some = entries.length <= mostRows ? entries : entries.slice(from, from + mostRows);
        insert(some, n);
        n += some.length;
      }
      return entries;
    },
    read(tenant, trace) {
      return all.all(tenant, trace).map((row) => ({
        tenant,
        trace,
        stage: row.stage,
        at: row.at,
        ...(row.reason !== null && { reason: row.reason }),
        ...(row.detail !== null && { detail: JSON.parse(row.detail) as { [key: string]: Json } }),
      }));
    },
  };
}

/** Rows of one insert statement. */
const mostRows = 8;
