import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { type Fault, FaultError, fail, fault, ok, type Result } from "../core/errors.ts";
import type { MovedTable, MoveProgress } from "../core/moved.ts";
import { fileIn } from "../stores/files.ts";
import { failureOf as sqliteFailure } from "../stores/sqlite/database.ts";
import { type FileTarget, makeFile } from "./file-target.ts";
import { moveFault } from "./postgres-tables.ts";
import type { Snapshot, SnapshotFile } from "./snapshot.ts";
import { sumOf, type Table } from "./table.ts";

export interface Filled {
  readonly tables: readonly MovedTable[];
  readonly files: { readonly count: number; readonly bytes: number };
  readonly messages: number;
}

const ofDisk = new Set(["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EIO", "EEXIST", "ENOENT", "EMFILE", "ENOTDIR"]);

/**
 * Writes a store in a file, with its folder of attachments, from what a database held at one moment. A page of rows and a piece of a file
 * are in memory at a time. Everything is read back and must have the same rows and checksums (`store-differs`). What it has written
 * when it fails is of no use.
 */
export async function fillFile(
  snapshot: Snapshot,
  file: string,
  filesFolder: string,
  tell: (progress: MoveProgress) => void,
): Promise<Result<Filled>> {
  const made = makeFile(file);
  if (!made.ok) return made;
  const target = made.value;
  try {
    if (snapshot.schema !== target.schema) return { ok: false, fault: otherSchema(snapshot.schema, target.schema) };
    const tables: MovedTable[] = [];
    for (const table of copiedTables(target)) {
      const copied = await copyTable(table, snapshot, target, tell);
      if (!copied.ok) return copied;
      tables.push(copied.value);
    }
    const files = await copyFiles(snapshot, filesFolder, tell);
    if (!files.ok) return files;
    const finished = target.finish();
    return finished.ok ? ok({ tables, files: files.value, ...finished.value }) : finished;
  } finally {
    target.close();
  }
}

/** Attachments are in the folder beside the file, not in its tables. */
export function copiedTables({ tables }: Pick<FileTarget, "tables">): readonly Table[] {
  return tables.filter(({ name }) => name !== "stored_files" && name !== "file_chunks");
}

export function otherSchema(there: number, known: number): Fault {
  return there > known
    ? fault("store-too-new", `The database has schema ${there}, this version knows ${known}: what it doesn't know it can't copy.`)
    : fault(
        "request-invalid",
        `The database has schema ${there}, this version ${known}: bring it up to date with \`polylogue store prepare\`.`,
      );
}

async function copyTable(
  table: Table,
  snapshot: Snapshot,
  target: FileTarget,
  tell: (progress: MoveProgress) => void,
): Promise<Result<MovedTable>> {
  const read = snapshot.read(table);
  const of = await snapshot.count(table);
  let rows = 0;
  const from = await sumOf(table, async (after, limit) => {
    const page = await read(after, limit);
    target.put(table, page);
    rows += page.length;
    tell({ doing: "copy", what: table.name, rows, of });
    return page;
  });
  const to = await sumOf(table, target.read(table));
  tell({ doing: "verify", what: table.name, rows: to.rows, of: from.rows });
  if (from.rows === of && from.rows === to.rows && from.sha256 === to.sha256) return ok({ name: table.name, ...to });
  return fail(
    "store-differs",
    `The table ${table.name} isn't the same on both sides: ${of} rows (${from.sha256.slice(0, 12)}) in the database, ${to.rows} (${to.sha256.slice(0, 12)}) in the file.`,
  );
}

async function copyFiles(
  snapshot: Snapshot,
  filesFolder: string,
  tell: (progress: MoveProgress) => void,
): Promise<Result<Filled["files"]>> {
  let count = 0;
  let bytes = 0;
  for await (const file of snapshot.files()) {
    const path = fileIn(filesFolder, file.tenant, file.id);
    if (path === undefined || !(await copyFile(file, path))) {
      return fail("store-differs", `The attachment ${file.id} isn't the same on both sides.`);
    }
    count += 1;
    bytes += file.size;
    if (count % 100 === 0) tell({ doing: "copy", what: "attachments", rows: count, of: count });
  }
  return ok({ count, bytes });
}

/** Whether the file on the disk is what the database has. */
async function copyFile({ size, chunks }: SnapshotFile, path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash("sha256");
  let held = 0;
  const handle = await open(path, "wx", 0o600);
  try {
    for await (const chunk of chunks()) {
      hash.update(chunk);
      held += chunk.byteLength;
      await write(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  const back = createHash("sha256");
  for await (const chunk of createReadStream(path)) back.update(chunk as Buffer);
  return held === size && back.digest("hex") === hash.digest("hex");
}

async function write(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.byteLength; ) from += (await handle.write(chunk, from)).bytesWritten;
}

/** What the disk, SQLite or the database's server say becomes a fault; the rest is a bug. */
export function copyFault(thrown: unknown): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const { code } = thrown as NodeJS.ErrnoException;
  if (code && ofDisk.has(code)) return fault("store-unavailable", `The copy can't be written (${code}).`, thrown);
  return sqliteFailure(thrown) === "bug" ? moveFault(thrown) : fault("store-unavailable", `The copy can't be written: ${thrown}.`, thrown);
}
