import { closeSync, fdatasync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/**
 * What synchronous=FULL does, beside the event loop: COMMIT writes to the WAL without waiting (NORMAL), then the WAL is
 * flushed by a thread, and only then is a promise kept. One flush serves all that was committed before it began; the
 * loop goes on meanwhile. Nothing that a later commit relies on can be missing: the WAL is one file, and what comes
 * after is flushed with what came before. SQLite still flushes by itself at checkpoints and when it starts the WAL over.
 *
 * The WAL can be opened besides: SQLite's locks are on its other files. It lives as long as a connection does.
 * https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export interface WalSync {
  sync(done: (failure: Error | null) => void): void;
  close(): void;
}

export function walSync(database: DatabaseSync, file: string): WalSync {
  const wal = openSync(`${file}-wal`, "r+");
  database.exec("PRAGMA synchronous = NORMAL");
  return {
    sync: (done) => fdatasync(wal, done),
    close: () => closeSync(wal),
  };
}
