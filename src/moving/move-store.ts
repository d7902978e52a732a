import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { fail, ok, type Result } from "../core/errors.ts";
import type { FileId, TenantId } from "../core/ids.ts";
import type { Moved, MovedTable, MoveWish } from "../core/moved.ts";
import type { FileStore } from "../core/store.ts";
import { moveFault } from "./postgres-tables.ts";
import { keptKey, openSource, readKey, type Source } from "./source.ts";
import { type Row, sumOf, type Table } from "./table.ts";
import { openTarget, type Target } from "./target.ts";

export interface MoveOptions extends MoveWish {
  /** The file's attachments. */
  readonly files: FileStore;
  /** The database's address. */
  readonly url: string;
}

const batchRows = 1_000;
/** Letters and bytes of a batch: long messages make it shorter. */
const batchSize = 2_000_000;

/**
 * Copies the store in a file into an empty PostgreSQL database: table by table, in batches that each note how far they came, so that
 * a call that was broken off is gone on with by the next. At the end every table is read back from both and must have the same rows
 * and the same checksum; only then can a gateway start on it. The source is read, and never changed but for its schema.
 */
export async function moveStore(options: MoveOptions): Promise<Result<Moved>> {
  const { file, url } = options;
  if (!existsSync(file)) return fail("not-found", `There is no store in ${file}.`);
  const opened = openSource(file);
  if (!opened.ok) return opened;
  const source = opened.value;
  try {
    const reached = await openTarget(url, source, options.dryRun);
    if (!reached.ok) return reached;
    const target = reached.value;
    try {
      return await (options.dryRun ? counted(source, options) : copied(source, target, options));
    } finally {
      await target.close().catch(() => {});
    }
  } catch (thrown) {
    return { ok: false, fault: moveFault(thrown) };
  } finally {
    source.close();
  }
}

async function counted(source: Source, { files }: MoveOptions): Promise<Result<Moved>> {
  let count = 0;
  let bytes = 0;
  for await (const { tenant, id } of attachments(source, files)) {
    count += 1;
    bytes += (await files.read(tenant, id)).byteLength;
  }
  return ok({
    tables: source.tables.map((table) => ({ name: table.name, rows: source.count(table), sha256: "" })),
    files: { count, bytes },
    resumed: false,
  });
}

async function copied(source: Source, target: Target, options: MoveOptions): Promise<Result<Moved>> {
  // What the file doesn't have: attachments are in its folder.
  const tables = source.tables.filter(({ name }) => name !== "stored_files" && name !== "file_chunks");
  const progress = await target.progress();
  const resumed = progress.size > 0;
  if (!resumed) await target.begin(source, source.tables);
  for (const table of tables) await copyTable(table, source, target, progress.get(table.name), options);
  const files = await copyFiles(source, target, options);
  if (!files.ok) return files;
  const sums: MovedTable[] = [];
  for (const table of tables) {
    const [from, to] = [await sumOf(table, source.read(table)), await sumOf(table, target.read(table))];
    options.tell({ doing: "verify", what: table.name, rows: to.rows, of: from.rows });
    if (from.rows !== to.rows || from.sha256 !== to.sha256) {
      return fail(
        "store-differs",
        `The table ${table.name} isn't the same on both sides: ${from.rows} rows (${from.sha256.slice(0, 12)}) in the file, ${to.rows} (${to.sha256.slice(0, 12)}) in the database.`,
      );
    }
    sums.push({ name: table.name, ...to });
  }
  await target.finish();
  return ok({ tables: sums, files: files.value, resumed });
}

async function copyTable(
  table: Table,
  source: Source,
  target: Target,
  before: { readonly rows: number; readonly after?: string } | undefined,
  { tell }: MoveOptions,
): Promise<void> {
  const read = source.read(table);
  const of = source.count(table);
  let rows = before?.rows ?? 0;
  for (let after = before?.after === undefined ? undefined : readKey(before.after); ; ) {
    const page = upTo(batchSize, await read(after, batchRows));
    const last = page.at(-1);
    if (!last) return;
    rows += page.length;
    const key = keptKey(table, last);
    await target.put(table, page, { rows, after: key });
    after = readKey(key);
    tell({ doing: "copy", what: table.name, rows, of });
  }
}

/** As many rows as fit, and one at least. */
function upTo(size: number, rows: readonly Row[]): readonly Row[] {
  let held = 0;
  const end = rows.findIndex((row) => {
    const before = held;
    for (const cell of row) held += typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8;
    return before > 0 && held > size;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

async function copyFiles(source: Source, target: Target, { files, tell }: MoveOptions): Promise<Result<Moved["files"]>> {
  let count = 0;
  let bytes = 0;
  for await (const { tenant, id } of attachments(source, files)) {
    const whole = await files.read(tenant, id);
    if (!(await target.hasFile(tenant, id))) await target.putFile(tenant, id, whole);
    if (hashOf(await target.readFile(tenant, id)) !== hashOf(whole))
      return fail("store-differs", `The attachment ${id} isn't the same on both sides.`);
    count += 1;
    bytes += whole.byteLength;
    if (count % 100 === 0) tell({ doing: "copy", what: "attachments", rows: count, of: count });
  }
  return ok({ count, bytes });
}

async function* attachments(source: Source, files: FileStore): AsyncIterable<{ readonly tenant: TenantId; readonly id: FileId }> {
  for (const tenant of source.tenants() as readonly TenantId[]) {
    for await (const ids of files.list(tenant)) for (const id of ids) yield { tenant, id };
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
