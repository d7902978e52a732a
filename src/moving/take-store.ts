import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Fault, fault, ok, type Result } from "../core/errors.ts";
import type { Moved, MovedTable, MoveWish } from "../core/moved.ts";
import { migrate } from "../stores/sqlite/migrate.ts";
import { lockFolder } from "../stores/sqlite/owner.ts";
import { flush } from "./back-up.ts";
import { copiedTables, copyFault, fillFile, otherSchema } from "./fill-file.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";
import { tablesOf } from "./sqlite-tables.ts";

export interface TakeOptions extends MoveWish {
  /** The database's address. */
  readonly url: string;
  /** Where the new store's attachments come. */
  readonly filesFolder: string;
}

/**
 * Copies the store in a PostgreSQL database into a new file, while no gateway runs on either. What an earlier call left when it was
 * broken off is begun anew, and gets its name only when it is whole. The database is read, and never changed.
 */
export async function takeStore(options: TakeOptions): Promise<Result<Moved>> {
  const { url, file, filesFolder, dryRun } = options;
  const taken = await inTheWay(file, filesFolder);
  if (taken) return { ok: false, fault: taken };
  const opened = await openSnapshot(url, true);
  if (!opened.ok) return opened;
  try {
    return await (dryRun ? counted(opened.value) : copied(opened.value, options));
  } catch (thrown) {
    return { ok: false, fault: copyFault(thrown) };
  } finally {
    await opened.value.close().catch(() => {});
  }
}

async function inTheWay(file: string, filesFolder: string): Promise<Fault | undefined> {
  if (existsSync(file)) return fault("request-invalid", `${file} is a store already: name another file, or move it aside.`);
  const files = await readdir(filesFolder).catch(() => []);
  return files.length > 0
    ? fault("request-invalid", `${filesFolder} holds attachments of something else already: move it aside.`)
    : undefined;
}

async function counted(snapshot: Snapshot): Promise<Result<Moved>> {
  const database = new DatabaseSync(":memory:");
  try {
    migrate(database);
    const known = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (snapshot.schema !== known) return { ok: false, fault: otherSchema(snapshot.schema, known) };
    const tables: MovedTable[] = [];
    for (const table of copiedTables({ tables: tablesOf(database) })) {
      tables.push({ name: table.name, rows: await snapshot.count(table), sha256: "" });
    }
    let count = 0;
    let bytes = 0;
    for await (const { size } of snapshot.files()) {
      count += 1;
      bytes += size;
    }
    return ok({ tables, files: { count, bytes }, resumed: false });
  } finally {
    database.close();
  }
}

async function copied(snapshot: Snapshot, { file, filesFolder, tell }: TakeOptions): Promise<Result<Moved>> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const locked = lockFolder(`${file}.owner`);
  if (!locked.ok) return locked;
  const [draft, draftFiles] = [`${file}.unfinished`, `${filesFolder}.unfinished`];
  try {
    await rm(draftFiles, { recursive: true, force: true });
    const filled = await fillFile(snapshot, draft, draftFiles, tell);
    if (!filled.ok) return filled;
    // A store without its attachments must never be there; attachments without a store are in nobody's way but this one's.
    if (existsSync(draftFiles)) {
      await rm(filesFolder, { recursive: true, force: true });
      await rename(draftFiles, filesFolder);
    }
    await rename(draft, file);
    await flush(dirname(file));
    return ok({ tables: filled.value.tables, files: filled.value.files, resumed: false });
  } finally {
    for (const path of [draft, draftFiles]) await rm(path, { recursive: true, force: true });
    locked.value.release();
  }
}
