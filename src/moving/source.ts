import type { DatabaseSync } from "node:sqlite";
import { ok, type Result } from "../core/errors.ts";
import { openDatabase } from "../stores/sqlite/database.ts";
import { migrate } from "../stores/sqlite/migrate.ts";
import { lockFolder } from "../stores/sqlite/owner.ts";
import { type Cell, type Column, keyOf, type ReadPage, type Row, type Table } from "./table.ts";

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

/** Made anew by whoever has the words: the index of the search, which each database keeps in its own way. */
const ownWay = /^(?:sqlite_|search_words)/;
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
    read: (table) => reader(database, table),
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

function tablesOf(database: DatabaseSync): readonly Table[] {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return names
    .map(({ name }) => String(name))
    .filter((name) => !ownWay.test(name))
    .map((name) => {
      const about = database.prepare(`PRAGMA table_info(${quoted(name)})`).all() as { name: string; type: Column["kind"]; pk: number }[];
      const key = about.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
      return { name, columns: about.map(({ name, type }) => ({ name, kind: type })), key: key.map(({ name }) => name) };
    });
}

function reader(database: DatabaseSync, { name, columns, key }: Table): ReadPage {
  const all = columns.map((column) => quoted(column.name)).join(", ");
  const order = key.map(quoted).join(", ");
  const select = (where: string) => {
    const statement = database.prepare(`SELECT ${all} FROM ${quoted(name)} ${where} ORDER BY ${order} LIMIT ?`);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  };
  const first = select("");
  const next = select(`WHERE (${order}) > (${key.map(() => "?").join(", ")})`);
  return (after, limit) => (after ? next.all(...after, limit) : first.all(limit)) as unknown as readonly Row[];
}

/** Our own names, but some are words of SQL. */
export function quoted(name: string): string {
  return `"${name}"`;
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
