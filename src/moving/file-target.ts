import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fail, ok, type Result } from "../core/errors.ts";
import { makePrivate } from "../stores/sqlite/database.ts";
import { migrate } from "../stores/sqlite/migrate.ts";
import { readerOf, tablesOf } from "./sqlite-tables.ts";
import { quoted, type ReadPage, type Row, type Table } from "./table.ts";

/** A new store in a file, while it is being filled. */
export interface FileTarget {
  readonly tables: readonly Table[];
  readonly schema: number;
  put(table: Table, rows: readonly Row[]): void;
  read(table: Table): ReadPage;
  /** What only gateways that share a store have is gone from it; it is looked through, and on the disk. */
  finish(): Result<{ readonly messages: number }>;
  close(): void;
}

/** An unfinished one of that name is begun anew; nobody else may know the file. A power cut in between leaves nothing that can be used. */
export function makeFile(file: string): Result<FileTarget> {
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  makePrivate(file);
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY");
    const migrated = migrate(database);
    if (!migrated.ok) {
      database.close();
      return migrated;
    }
    const tables = tablesOf(database);
    // What every new store begins with is among what is copied.
    for (const { name } of tables) database.exec(`DELETE FROM ${quoted(name)}`);
    return ok(targetOn(database, file, tables));
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

function targetOn(database: DatabaseSync, file: string, tables: readonly Table[]): FileTarget {
  const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  const inserts = new Map(
    tables.map(({ name, columns }) => {
      const names = columns.map((column) => quoted(column.name)).join(", ");
      return [name, database.prepare(`INSERT INTO ${quoted(name)} (${names}) VALUES (${columns.map(() => "?").join(", ")})`)];
    }),
  );
  for (const insert of inserts.values()) insert.setReadBigInts(true);
  return {
    tables,
    schema: number("PRAGMA user_version"),
    put({ name }, rows) {
      const insert = inserts.get(name);
      database.exec("BEGIN");
      for (const row of rows) insert?.run(...row);
      database.exec("COMMIT");
    },
    read: (table) => readerOf(database, table),
    finish() {
      // The index of the search is made anew by the gateway, which finds it to be of no form that it knows. Under its old name a
      // second installation would hear what is said between the gateways of the first.
      database.exec(`
        UPDATE search SET form = 0, upto = 0;
        DELETE FROM replicas;
        DELETE FROM account_owners;
        UPDATE owner SET cluster = '';
        PRAGMA journal_mode = DELETE`);
      const problem = Object.values(database.prepare("PRAGMA quick_check").get() ?? {})[0];
      if (problem !== "ok") return fail("store-unavailable", `The copy is damaged: ${problem}.`);
      const messages = number("SELECT total(messages) FROM tenants");
      flush(file);
      return ok({ messages });
    },
    close: () => database.close(),
  };
}

function flush(file: string): void {
  const handle = openSync(file, "r");
  fsyncSync(handle);
  closeSync(handle);
}
