import { ok, type Result } from "../core/errors.ts";
import { openDatabase } from "../stores/sqlite/database.ts";
import { migrate } from "../stores/sqlite/migrate.ts";
import { lockFolder } from "../stores/sqlite/owner.ts";
import { readerOf, tablesOf } from "./sqlite-tables.ts";
import { type Cell, keyOf, quoted, type ReadPage, type Row, type Table } from "./table.ts";

export interface Source {
  readonly tables: readonly Table[];
  readonly schema: number;
  /** How often a gateway has started on it: another one has written since. */
  readonly epoch: number;
  read(table: Table): ReadPage;
  count(table: Table): number;
  /** Tenants that have attachments. */
  tenants(): readonly string[];
  close(): void;
}

const busyMs = 5_000;

/** Opens the store in a file, brings it up to date, and keeps every gateway out until it is closed. */
export function openSource(file: string): Result<Source> {
  const locked = lockFolder(`${file}.owner`);
  if (!locked.ok) return locked;
  const database = openDatabase(file, busyMs);
  const migrated = migrate(database);
  if (!migrated.ok) {
    database.close();
    locked.value.release();
    return migrated;
  }
  const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  return ok({
    tables: tablesOf(database),
    schema: number("PRAGMA user_version"),
    epoch: number("SELECT epoch FROM owner WHERE one = 1"),
    read: (table) => readerOf(database, table),
    count: ({ name }) => number(`SELECT count(*) FROM ${quoted(name)}`),
    tenants: () =>
      database
        .prepare("SELECT DISTINCT tenant FROM files ORDER BY tenant")
        .all()
        .map(({ tenant }) => String(tenant)),
    close() {
      database.close();
      locked.value.release();
    },
  });
}

/** The key of a row, as text that is kept. */
export function keptKey(table: Table, row: Row): string {
  return JSON.stringify(keyOf(table, row).map((cell: Cell) => (typeof cell === "bigint" ? { n: String(cell) } : cell)));
}

export function readKey(text: string): Row {
  return (JSON.parse(text) as ({ n: string } | string | null)[]).map((cell) =>
    cell !== null && typeof cell === "object" ? BigInt(cell.n) : cell,
  );
}
