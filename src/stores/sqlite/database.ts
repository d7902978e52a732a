import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Fault, FaultError, fault } from "../../core/errors.ts";
import { answered, type Prepare, type Statement, type Work } from "../../tables/work.ts";

/** Pages written between two checkpoints: more means fewer of them, and a longer pause each. */
const checkpointPages = 4000;

/** Opens the file (made with mode 0600 when absent). Durable at every commit: WAL with synchronous=FULL. */
export function openDatabase(file: string, busyMs: number): DatabaseSync {
  makePrivate(file);
  const database = new DatabaseSync(file, { timeout: busyMs, enableForeignKeyConstraints: false });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY`);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** SQLite gives its other files the mode of the first. Never opens one that exists: closing it would drop SQLite's locks. */
export function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
  }
}

/** Statements that change something, and answer no rows. */
const changing = /^\s*(?:INSERT|UPDATE|DELETE)\b(?![\s\S]*\bRETURNING\b)/i;

/**
 * `run` tells the last row number that the connection gave out, wherever; FTS5's own tables have some beyond what a number of
 * JavaScript holds, and it throws then. As BigInt it doesn't; nobody here asks for it.
 */
export function preparer(database: DatabaseSync): Prepare {
  return <Row>(sql: string): Statement<Row> => {
    const statement = database.prepare(sql);
    if (!changing.test(sql)) {
      return {
        get: (...values) => answered(statement.get(...values) as Row | undefined),
        all: (...values) => answered(statement.all(...values) as Row[]),
        run: (...values) => answered({ changes: Number(statement.run(...values).changes) }),
        do: (...values) => done(statement.run(...values)),
      };
    }
    statement.setReadBigInts(true);
    return {
      run: (...values) => answered({ changes: Number(statement.run(...values).changes) }),
      do: (...values) => done(statement.run(...values)),
      get: () => answered(undefined),
      all: () => answered([]),
    };
  };
}

const nothing = answered<void>(undefined);

function done(_: unknown): Work<void> {
  return nothing;
}

/** https://www.sqlite.org/pragma.html#pragma_data_version: other connections' commits change it, our own don't. */
export function othersWrote(prepare: Prepare): () => Work<boolean> {
  const version = prepare<{ data_version: number }>("PRAGMA data_version");
  let seen: number | undefined;
  return function* () {
    const now = (yield* version.get())?.data_version;
    const others = now !== seen;
    seen = now;
    return others;
  };
}

/**
 * What a failed statement means.
 *
 * - `busy`: another process writes; it passes.
 * - `unavailable`: the disk is full or doesn't take it; nothing was written, and the next try may succeed.
 * - `fatal`: the file is damaged, or an fsync failed, after which the kernel may have dropped pages that it then calls
 *   clean: what is on disk can't be known, and going on could lose what was promised.
 * - `bug`: ours.
 */
export type Failure = "busy" | "unavailable" | "fatal" | "bug";

// https://www.sqlite.org/rescode.html
const primary = new Map<number, Failure>([
  [5, "busy"], // BUSY
  [6, "busy"], // LOCKED
  [3, "unavailable"], // PERM
  [7, "unavailable"], // NOMEM
  [8, "unavailable"], // READONLY
  [9, "unavailable"], // INTERRUPT
  [10, "unavailable"], // IOERR
  [13, "unavailable"], // FULL
  [14, "unavailable"], // CANTOPEN
  [11, "fatal"], // CORRUPT
  [26, "fatal"], // NOTADB
]);
// IOERR_SHORT_READ, IOERR_FSYNC, IOERR_DIR_FSYNC, IOERR_DATA, IOERR_CORRUPTFS
const fatal = new Set([522, 1034, 1290, 8202, 8458]);

export function failureOf(thrown: unknown): Failure {
  const code = (thrown as { errcode?: unknown } | undefined)?.errcode;
  if (typeof code !== "number") return "bug";
  return fatal.has(code) ? "fatal" : (primary.get(code & 0xff) ?? "bug");
}

/** What the caller gets: a fault where the disk is the cause, the error itself where we are. */
export function rejection(thrown: unknown): unknown {
  return thrown instanceof FaultError || failureOf(thrown) === "bug" ? thrown : new FaultError(unavailable(thrown));
}

export function unavailable(thrown: unknown): Fault {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return fault("store-unavailable", `The store doesn't take it: ${text}.`, thrown);
}
