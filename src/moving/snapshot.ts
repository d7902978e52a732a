import type pg from "pg";
import { type Fault, fail, fault, ok, type Result } from "../core/errors.ts";
import type { FileId, TenantId } from "../core/ids.ts";
import { failureOf, unavailable } from "../stores/postgres/connection.ts";
import { unfinishedTable } from "../stores/postgres/migrate.ts";
import { absent, exactClientOf, keepOut, readerOf } from "./postgres-tables.ts";
import { quoted, type ReadPage, type Table } from "./table.ts";

/** A store in a database as it was at one moment, whatever is written meanwhile; nobody waits for who reads it. */
export interface Snapshot {
  readonly schema: number;
  read(table: Table): ReadPage;
  count(table: Table): Promise<number>;
  /** Whole attachments. */
  files(): AsyncIterable<SnapshotFile>;
  close(): Promise<void>;
}

export interface SnapshotFile {
  readonly tenant: TenantId;
  readonly id: FileId;
  readonly size: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** https://www.postgresql.org/docs/current/transaction-iso.html#XACT-REPEATABLE-READ; nobody's haste ends a long copy. */
const begin = `
  BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0`;
const filesAtATime = 500;

/**
 * Takes one. `alone`: no gateway may run, nor come while it is read. Fails with `store-locked`, `store-unfinished` (the database
 * isn't whole itself), `not-found` (there is no store in it), or `store-unavailable`.
 */
export async function openSnapshot(url: string, alone: boolean): Promise<Result<Snapshot>> {
  const client = exactClientOf(url, "polylogue-copy");
  try {
    await client.connect();
    const kept = alone ? await keepOut(client) : undefined;
    await client.query(begin);
    const refused = kept ?? (await unfinished(client));
    const version = refused ? undefined : await versionOf(client);
    if (version !== undefined) return ok(snapshotOn(client, version));
    await client.end();
    return refused ? { ok: false, fault: refused } : fail("not-found", "There is no store in the database.");
  } catch (thrown) {
    await client.end().catch(() => {});
    if (failureOf(thrown) === "bug") throw thrown;
    return { ok: false, fault: unavailable(thrown) };
  }
}

async function unfinished(client: pg.Client): Promise<Fault | undefined> {
  const { rows } = await client.query<{ copy: string | null }>("SELECT to_regclass($1)::text AS copy", [unfinishedTable]);
  return rows[0]?.copy ? fault("store-unfinished", "A store is being copied into this database, and isn't whole yet.") : undefined;
}

async function versionOf(client: pg.Client): Promise<number | undefined> {
  const found = await client.query<{ version: string }>("SELECT version FROM schema_version WHERE one = 1").catch(absent);
  return found?.rows[0] && Number(found.rows[0].version);
}

function snapshotOn(client: pg.Client, schema: number): Snapshot {
  async function* chunks(tenant: string, id: string): AsyncIterable<Uint8Array> {
    for (let n = 0; ; n++) {
      const text = "SELECT bytes FROM file_chunks WHERE tenant = $1 AND id = $2 AND n = $3";
      const { rows } = await client.query<{ bytes: Uint8Array }>(text, [tenant, id, n]);
      if (!rows[0]) return;
      yield rows[0].bytes;
    }
  }

  return {
    schema,
    read: (table) => readerOf(client, table),
    async count({ name }) {
      return Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${quoted(name)}`)).rows[0]?.n);
    },
    async *files() {
      for (let last: SnapshotFile | undefined; ; ) {
        const text = `SELECT tenant, id, size FROM stored_files WHERE (tenant, id) > ($1, $2) ORDER BY tenant, id LIMIT ${filesAtATime}`;
        const { rows } = await client.query<{ tenant: TenantId; id: FileId; size: string }>(text, [last?.tenant ?? "", last?.id ?? ""]);
        if (rows.length === 0) return;
        for (const { tenant, id, size } of rows) {
          last = { tenant, id, size: Number(size), chunks: () => chunks(tenant, id) };
          yield last;
        }
      }
    },
    close: () => client.end(),
  };
}
