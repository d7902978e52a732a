import type { DatabaseSync } from "node:sqlite";
import { type Fault, FaultError, ok, type Result } from "../core/errors.ts";
import type { Store } from "../core/store.ts";
import { memoryLeases, noLeases } from "../tables/leases.ts";
import { composeStore } from "../tables/store.ts";
import { allTables } from "../tables/tables.ts";
import { transactionFrame } from "../tables/transaction.ts";
import { untoldTime } from "../tables/untold-time.ts";
import { atOnce, type Work } from "../tables/work.ts";
import { backupInto } from "./sqlite/backup.ts";
import { failureOf, openDatabase, othersWrote, preparer, rejection, unavailable } from "./sqlite/database.ts";
import { groupCommit } from "./sqlite/group-commit.ts";
import { migrate } from "./sqlite/migrate.ts";
import { type Ownership, takeOwnership } from "./sqlite/owner.ts";
import { walSync } from "./sqlite/wal-sync.ts";
import { wordIndex } from "./sqlite/words.ts";

export interface SqliteOptions {
  /** The database file; `<file>.owner`, `-wal` and `-shm` stand beside it. Folders are made as needed. */
  readonly file: string;
  /**
   * `owner`: the gateway; one at a time, it alone gets lanes. `guest`: a command beside it; it reads, and writes what
   * needs no lane. A guest works without an owner too.
   */
  readonly role: "owner" | "guest";
  /**
   * What is on disk can't be known any more (an fsync failed, the file is damaged), or another gateway owns it: every
   * call fails from now on. The process must end, and say so; a new start reads what is really there. Absent: it is
   * thrown where nobody catches it.
   */
  readonly onFatal?: (fault: Fault) => void;
  /** Told of each group of writes that is durable: the milliseconds since its transaction began. */
  readonly onCommit?: (ms: number) => void;
  /** A simulation's time in place of the event loop's and the disk's. */
  readonly timing?: CommitTiming;
}

export interface CommitTiming {
  /** Calls `run` when the calls gathered so far are to be committed. */
  gather(run: () => void): void;
  /** Calls `done` when what is committed so far is on disk. */
  flush(done: (failure: Error | null) => void): void;
  /** Throws what SQLite would when the disk doesn't take what is about to be committed. */
  room(): void;
}

/** How long a statement waits for another process: an owner must not stand still, it tries again by itself. */
const busyMs = { owner: 100, guest: 5000 } as const;

/**
 * Opens the embedded store and brings its schema up to date. Fails with `store-locked` (another owner lives),
 * `store-too-new`, or `store-unavailable` (no room, no permission, not a database).
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Result<Store>> {
  let database: DatabaseSync | undefined;
  let ownership: Ownership | undefined;
  try {
    // Others may be writing at this moment: the patience of a guest is right for opening.
    database = openDatabase(options.file, busyMs.guest);
    const migrated = migrate(database);
    const owned = migrated.ok && options.role === "owner" ? takeOwnership(database, `${options.file}.owner`) : undefined;
    if (!migrated.ok || owned?.ok === false) {
      database.close();
      return migrated.ok ? (owned as { ok: false; fault: Fault }) : migrated;
    }
    ownership = owned?.value;
    database.exec(`PRAGMA busy_timeout = ${busyMs[options.role]}`);
    return ok(storeOn(database, ownership, options));
  } catch (thrown) {
    ownership?.release();
    database?.close();
    if (failureOf(thrown) === "bug" && (thrown as NodeJS.ErrnoException).syscall === undefined) throw thrown;
    return { ok: false, fault: unavailable(thrown) };
  }
}

function storeOn(database: DatabaseSync, ownership: Ownership | undefined, options: SqliteOptions): Store {
  const leases = ownership ? memoryLeases(ownership.epoch) : noLeases;
  const onFatal = once(options.onFatal ?? crash);
  const wal = ownership && walSync(database, options.file);
  const tables = allTables(preparer(database), { read, leases, othersWrote, words: wordIndex });
  const time = untoldTime(tables.time.tellTime);
  const { enter, leave, forget } = transactionFrame(tables, time, ownership && { epoch: ownership.epoch });
  const { write, drain } = groupCommit(database, {
    enter: () => atOnce(enter()),
    leave: () => atOnce(leave()),
    forget,
    onFatal,
    ...(options.onCommit && { durable: options.onCommit }),
    ...(wal && { sync: options.timing?.flush ?? wal.sync }),
    ...(options.timing && { gather: options.timing.gather, room: options.timing.room }),
  });

  /** Reads see what is committed: a transaction is only open while `write` runs its jobs. */
  async function read<Result>(query: () => Work<Result>): Promise<Result> {
    try {
      return atOnce(query());
    } catch (thrown) {
      if (failureOf(thrown) === "fatal") onFatal(unavailable(thrown));
      throw rejection(thrown);
    }
  }

  return composeStore(tables, {
    read,
    write: (job) => write(() => atOnce(job())),
    leases,
    isOwner: ownership !== undefined,
    time,
    backup: (target) => backupInto(options.file, target),
    close: async () => {
      await drain();
      wal?.close();
      database.close();
      ownership?.release();
    },
  });
}

function once(tell: (fault: Fault) => void): (fault: Fault) => void {
  let told = false;
  return (reason) => {
    if (!told) tell(reason);
    told = true;
  };
}

function crash(reason: Fault): void {
  setImmediate(() => {
    throw new FaultError(reason);
  });
}
