import type pg from "pg";
import { type Fault, FaultError, fail, fault, ok, type Result } from "../core/errors.ts";
import type { AccountId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import type { SharedStore } from "../core/replica.ts";
import type { Store } from "../core/store.ts";
import { memoryLeases, noLeases } from "../tables/leases.ts";
import { composeStore } from "../tables/store.ts";
import { allTables } from "../tables/tables.ts";
import { transactionFrame } from "../tables/transaction.ts";
import { untoldTime } from "../tables/untold-time.ts";
import { answered, type Work } from "../tables/work.ts";
import { carryOut, clientOf, failureOf, poolOf, prepare, rejection, unavailable, writingClientOf } from "./postgres/connection.ts";
import { fileTable } from "./postgres/files.ts";
import { locks } from "./postgres/locks.ts";
import { migrate, unfinishedTable } from "./postgres/migrate.ts";
import { type Newcomer, type Registered, register, replicaTable, standAlone } from "./postgres/replicas.ts";
import { serverTime } from "./postgres/server-time.ts";
import { wordIndex } from "./postgres/words.ts";
import { writerOn } from "./postgres/writer.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS. */
  readonly url: string;
  /** As in SqliteOptions. */
  readonly role: "owner" | "guest";
  /** An owner among others, and what it is called. Absent: it has the store alone. */
  readonly shared?: Newcomer | undefined;
  readonly onFatal?: (fault: Fault) => void;
  readonly onCommit?: (ms: number) => void;
  /** How it is copied. Absent: it isn't, and says so. */
  readonly backup?: Records["backup"];
}

/** Connections for reads, beside the one that writes. */
const readers = 4;
/** What the server must be at least: `pg_xact_status` by `xid8`. */
const oldest = 130_000;
/** A gateway that was killed a moment ago may still have its lock: the server has to notice. */
const patienceMs = { first: 3_000, again: 10_000 } as const;

/**
 * Opens the store in a PostgreSQL database, and brings its schema up to date. Fails with `store-locked` (another owner
 * lives), `store-too-new`, or `store-unavailable`.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Result<Store>> {
  const client = writingClientOf(options.url);
  client.on("error", () => {});
  try {
    await client.connect();
    const refused = await prepareStore(client, options);
    if (refused) {
      await client.end();
      return { ok: false, fault: refused };
    }
    return ok(await storeOn(client, await start(client, options), options));
  } catch (thrown) {
    await client.end().catch(() => {});
    if (failureOf(thrown) === "bug") throw thrown;
    return { ok: false, fault: unavailable(thrown) };
  }
}

/** What a process is to the store. */
type Start = { readonly epoch: number; readonly registered?: Registered };

/** Nothing for a guest. */
async function start(client: pg.Client, { role, shared }: PostgresOptions): Promise<Start | undefined> {
  if (role === "guest") return undefined;
  if (!shared) return { epoch: await standAlone(client) };
  const registered = await register(client, shared);
  return { epoch: registered.id, registered };
}

async function prepareStore(client: pg.Client, { url, role, shared }: PostgresOptions): Promise<Fault | undefined> {
  const { rows } = await client.query<{ server_version_num: string }>("SHOW server_version_num");
  if (Number(rows[0]?.server_version_num) < oldest) return fault("store-unavailable", "PostgreSQL 13 or newer is needed.");
  if (role === "owner") {
    const owned = await own(client, shared !== undefined, patienceMs.first);
    if (!owned.ok) return owned.fault;
  }
  // An index of a large table takes longer than a writer waits for its answers.
  const patient = clientOf(url, "polylogue-migrate");
  try {
    await patient.connect();
    const migrated = await migrate(patient);
    if (!migrated.ok) return migrated.fault;
    const { rows } = await patient.query<{ copy: string | null }>("SELECT to_regclass($1)::text AS copy", [unfinishedTable]);
    return rows[0]?.copy ? fault("store-unfinished", "A store is being copied into this database, and isn't whole yet.") : undefined;
  } finally {
    await patient.end();
  }
}

async function own(client: pg.Client, shared: boolean, patience: number): Promise<Result<void>> {
  for (const until = performance.now() + patience; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const { rows } = await client.query<{ free: number }>(shared ? locks.share : locks.own);
    if (rows[0]?.free === 1) return ok(undefined);
    if (performance.now() > until) {
      return fail(
        "store-locked",
        shared ? "A gateway that has this database for itself alone runs on it." : "Another gateway runs on this database.",
      );
    }
  }
}

/** Whether a gateway has that database at this moment. */
export async function hasOwner(url: string): Promise<boolean> {
  const client = clientOf(url, "polylogue-look");
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query<{ owned: number }>(locks.owned)).rows[0]?.owned === 1;
  } catch (thrown) {
    throw rejection(thrown);
  } finally {
    await client.end().catch(() => {});
  }
}

async function storeOn(client: pg.Client, started: Start | undefined, options: PostgresOptions): Promise<Store> {
  const { epoch, registered } = started ?? {};
  const onFatal = options.onFatal ?? crash;
  const replica = registered?.id;
  let owned: ReadonlySet<AccountId> = new Set();
  const leases = epoch === undefined ? noLeases : memoryLeases(epoch, replica === undefined ? undefined : (account) => owned.has(account));
  const pool = poolOf(options.url, readers);
  // A reader that ends while it is idle is replaced with the next question.
  pool.on("error", () => {});
  const tables = allTables(prepare, { read, leases, replica, othersWrote: () => () => answered(true), words: wordIndex });
  const time = untoldTime(tables.time.tellTime);
  const serverClock = registered && serverTime(registered.clock);
  const replicas = serverClock && replicaTable(prepare, serverClock, tables.time);
  const claim = replicas && replica !== undefined ? { alive: () => replicas.alive(replica) } : epoch !== undefined ? { epoch } : undefined;
  const writer = writerOn({
    ...transactionFrame(tables, time, claim),
    url: options.url,
    client,
    onFatal,
    ...(options.onCommit && { onCommit: options.onCommit }),
    async again(fresh) {
      if (epoch === undefined) return undefined;
      const owned = await own(fresh, replica !== undefined, patienceMs.again);
      return owned.ok ? undefined : owned.fault;
    },
  });

  async function read<Done>(query: () => Work<Done>): Promise<Done> {
    try {
      return await carryOut(pool, query());
    } catch (thrown) {
      throw rejection(thrown);
    }
  }

  const store = composeStore(tables, {
    read,
    write: writer.write,
    leases,
    isOwner: epoch !== undefined,
    time,
    backup: options.backup ?? (async () => Promise.reject(new FaultError(fault("request-invalid", "Nobody said how it is copied.")))),
    close: async () => {
      await writer.close();
      await pool.end();
    },
  });
  const withFiles = { ...store, files: fileTable(pool) };
  if (!registered || !serverClock || !replicas) return withFiles;
  const { id: self, cluster } = registered;
  const shared: SharedStore = {
    ...{ self, cluster, now: serverClock.now },
    async beat(beat) {
      const standing = await writer.write(() => replicas.beat(self, beat));
      serverClock.settle();
      return standing;
    },
    own: (accounts) => {
      owned = accounts;
    },
    leave: () => writer.write(() => replicas.leave(self)),
    backupAlone: (work) => behindLock(options.url, work),
  };
  return { ...withFiles, shared };
}

/** Behind a lock that goes with its connection, whatever becomes of this process. */
async function behindLock<Done>(url: string, work: () => Promise<Done>): Promise<Done | undefined> {
  const client = clientOf(url, "polylogue-backup");
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ free: number }>(locks.backup);
    if (rows[0]?.free !== 1) {
      await client.end();
      return undefined;
    }
  } catch (thrown) {
    await client.end().catch(() => {});
    throw rejection(thrown);
  }
  return work().finally(() => client.end().catch(() => {}));
}

function crash(reason: Fault): void {
  setImmediate(() => {
    throw new FaultError(reason);
  });
}
