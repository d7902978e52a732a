import type pg from "pg";
import { type Fault, fault, ok, type Result } from "../core/errors.ts";
import { failureOf, unavailable } from "../stores/postgres/connection.ts";
import { migrate, unfinishedTable } from "../stores/postgres/migrate.ts";
import { absent, exactClientOf, keepOut, readerOf, storable } from "./postgres-tables.ts";
import { type Cell, type Column, quoted, type ReadPage, type Row, type Table } from "./table.ts";

/** The store in a file. */
export interface CopiedFrom {
  /** How often a gateway has started on it. */
  readonly epoch: number;
  readonly schema: number;
}

export interface Target {
  /** What was copied before, table by table; nothing when the copy begins. */
  progress(): Promise<ReadonlyMap<string, Progress>>;
  /** Empties it and says that it is being filled: no gateway starts on it until `finish`. */
  begin(source: CopiedFrom, tables: readonly Table[]): Promise<void>;
  /** Puts rows behind those that are there and notes how far it came, in one transaction. */
  put(table: Table, rows: readonly Row[], progress: Progress): Promise<void>;
  read(table: Table): ReadPage;
  hasFile(tenant: string, id: string): Promise<boolean>;
  putFile(tenant: string, id: string, bytes: Uint8Array): Promise<void>;
  readFile(tenant: string, id: string): Promise<Uint8Array>;
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface Progress {
  readonly rows: number;
  readonly after?: string;
}

const kinds: { readonly [kind in Column["kind"]]: string } = { INTEGER: "bigint", TEXT: "text", REAL: "double precision", BLOB: "bytea" };
/** What tells a database that a gateway worked on from one that was only prepared. */
const signsOfLife = ["operators", "conversations", "events", "audit"];
const chunkBytes = 262_144;

/**
 * Opens the database, brings it up to date, and keeps every gateway out until it is closed. Fails with `store-locked`, or with
 * `request-invalid` when something is in it that this source didn't put there.
 */
export async function openTarget(url: string, source: CopiedFrom, dryRun: boolean): Promise<Result<Target>> {
  const client = exactClientOf(url, "polylogue-move");
  try {
    await client.connect();
    const refused =
      (await keepOut(client)) ?? (dryRun ? undefined : await bringUpToDate(client, source)) ?? (await strange(client, source));
    if (!refused) return ok(targetOn(client));
    await client.end();
    return { ok: false, fault: refused };
  } catch (thrown) {
    await client.end().catch(() => {});
    if (failureOf(thrown) === "bug") throw thrown;
    return { ok: false, fault: unavailable(thrown) };
  }
}

async function bringUpToDate(client: pg.Client, { schema }: CopiedFrom): Promise<Fault | undefined> {
  const migrated = await migrate(client);
  if (!migrated.ok) return migrated.fault;
  const { rows } = await client.query<{ version: string }>("SELECT version FROM schema_version WHERE one = 1");
  if (Number(rows[0]?.version) === schema) return undefined;
  return fault("request-invalid", `The file has schema ${schema}, the database ${rows[0]?.version}: the same version must know both.`);
}

/** What is in it that this source didn't put there. */
async function strange(client: pg.Client, { epoch }: CopiedFrom): Promise<Fault | undefined> {
  const begun = await client.query<{ source: string }>(`SELECT source FROM ${unfinishedTable} WHERE tbl = ''`).catch(absent);
  if (begun?.rows[0]?.source === String(epoch)) return undefined;
  if (begun) {
    return fault(
      "request-invalid",
      "The database holds part of another copy, or a gateway ran on the file since: empty the database and begin anew.",
    );
  }
  for (const table of signsOfLife) {
    if ((await client.query(`SELECT 1 FROM ${table} LIMIT 1`).catch(absent))?.rowCount) {
      return fault("request-invalid", "The database isn't empty: something is in it that would be lost. Make another one.");
    }
  }
  return undefined;
}

function targetOn(client: pg.Client): Target {
  async function together(work: () => Promise<void>): Promise<void> {
    await client.query("BEGIN");
    try {
      await work();
      await client.query("COMMIT");
    } catch (thrown) {
      await client.query("ROLLBACK").catch(() => {});
      throw thrown;
    }
  }

  return {
    async progress() {
      const noted = await client
        .query<{ tbl: string; rows: string; after_key: string | null }>(
          `SELECT tbl, rows, after_key FROM ${unfinishedTable} WHERE tbl <> ''`,
        )
        .catch(absent);
      return new Map(
        noted?.rows.map(({ tbl, rows, after_key }) => [tbl, { rows: Number(rows), ...(after_key !== null && { after: after_key }) }]),
      );
    },

    begin: ({ epoch }, tables) =>
      together(async () => {
        await client.query(`TRUNCATE ${tables.map(({ name }) => quoted(name)).join(", ")}`);
        await client.query(`CREATE TABLE ${unfinishedTable} (tbl text PRIMARY KEY, source text, rows bigint, after_key text)`);
        await client.query(`INSERT INTO ${unfinishedTable} (tbl, source) VALUES ('', $1)`, [String(epoch)]);
      }),

    put: ({ name, columns }, rows, { rows: count, after }) =>
      together(async () => {
        const lists = columns.map((_, index) => rows.map((row) => storable(row[index] as Cell)));
        const parameters = columns.map(({ kind }, index) => `$${index + 1}::${kinds[kind]}[]`).join(", ");
        const names = columns.map((column) => quoted(column.name)).join(", ");
        if (rows.length > 0) await client.query(`INSERT INTO ${quoted(name)} (${names}) SELECT * FROM unnest(${parameters})`, lists);
        await client.query(
          `INSERT INTO ${unfinishedTable} (tbl, rows, after_key) VALUES ($1, $2, $3)
            ON CONFLICT (tbl) DO UPDATE SET rows = excluded.rows, after_key = excluded.after_key`,
          [name, count, after ?? null],
        );
      }),

    read: (table) => readerOf(client, table),

    async hasFile(tenant, id) {
      return ((await client.query("SELECT 1 FROM stored_files WHERE tenant = $1 AND id = $2", [tenant, id])).rowCount ?? 0) > 0;
    },
    putFile: (tenant, id, bytes) =>
      together(async () => {
        for (let n = 0; n === 0 || n * chunkBytes < bytes.byteLength; n++) {
          const chunk = Buffer.from(bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes));
          await client.query("INSERT INTO file_chunks (tenant, id, n, bytes) VALUES ($1, $2, $3, $4)", [tenant, id, n, chunk]);
        }
        await client.query("INSERT INTO stored_files (tenant, id, size) VALUES ($1, $2, $3)", [tenant, id, bytes.byteLength]);
      }),
    async readFile(tenant, id) {
      const { rows } = await client.query<{ bytes: Uint8Array }>("SELECT bytes FROM file_chunks WHERE tenant = $1 AND id = $2 ORDER BY n", [
        tenant,
        id,
      ]);
      return Buffer.concat(rows.map(({ bytes }) => bytes));
    },

    finish: () =>
      together(async () => {
        const { rows } = await client.query<{ tbl: string; col: string }>(`
          SELECT table_name AS tbl, column_name AS col FROM information_schema.columns
          WHERE table_schema = current_schema() AND is_identity = 'YES'`);
        for (const { tbl, col } of rows) {
          await client.query(
            `SELECT setval(pg_get_serial_sequence($1, $2), greatest(1, (SELECT coalesce(max(${quoted(col)}), 0) FROM ${quoted(tbl)})))`,
            [tbl, col],
          );
        }
        // The index of the search is made anew by the gateway, which finds it to be of no form that it knows.
        await client.query("UPDATE search SET form = 0, upto = 0");
        await client.query(`DROP TABLE ${unfinishedTable}`);
        // Who knows nothing of what is in them plans the first questions as if they were empty; the server's own look comes minutes later.
        await client.query("ANALYZE");
      }),
    close: () => client.end(),
  };
}
