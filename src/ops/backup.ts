import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { configurationFile } from "../config/disk.ts";
import type { Clock } from "../core/clock.ts";
import { fail, faultOf, ok, type Result } from "../core/errors.ts";
import type { Store } from "../core/store.ts";

/**
 * A backup is a folder: `manifest.json`, the store, the configuration file, and the attachments. Never the master key: who
 * finds a backup must not find the secrets in it.
 */
const manifestSchema = z.object({
  format: z.literal("polylogue-backup-1"),
  version: z.string(),
  createdAt: z.iso.datetime(),
  messages: z.int().min(0),
  store: z.string(),
  files: z.array(z.object({ path: z.string().min(1), bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })).min(1),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Where everything that a backup holds is. */
export interface DataFolder {
  readonly home: string;
  readonly storeFile: string;
  readonly filesFolder: string;
  /** Of the package. */
  readonly version: string;
  readonly clock: Clock;
}

/** Complete, on disk, and only then under its name. */
export async function writeBackup(
  data: DataFolder,
  store: Store,
  folder: string,
): Promise<Result<{ manifest: Manifest; path: string; bytes: number }>> {
  const path = resolve(folder);
  if (await exists(path)) return fail("request-invalid", `${path} exists already; a backup never overwrites anything.`);
  const draft = `${path}.unfinished`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(draft, { mode: 0o700 });
    // The store first: attachments are written before the message that names them, so none of its own can be missing.
    const copy = join(draft, basename(data.storeFile));
    const files = join(draft, basename(data.filesFolder));
    const { messages } = await store.records.backup(copy, files);
    await dropEmptyLog(copy);
    if (await exists(configurationFile(data.home)))
      await copyFile(configurationFile(data.home), join(draft, basename(configurationFile(data.home))));
    // Where they are in the store they have come with it.
    if (!store.files) await copyFolder(data.filesFolder, files);
    const saved = [];
    for (const name of await filesIn(draft)) {
      const file = join(draft, name);
      await chmod(file, 0o600);
      saved.push({ path: name.split(sep).join("/"), bytes: (await stat(file)).size, sha256: await hashOf(file) });
    }
    const manifest: Manifest = {
      format: "polylogue-backup-1",
      version: data.version,
      createdAt: new Date(data.clock.now()).toISOString(),
      messages,
      store: basename(data.storeFile),
      files: saved,
    };
    await writeFile(join(draft, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600, flush: true });
    await rename(draft, path);
    await syncFolder(dirname(path));
    return ok({ manifest, path, bytes: saved.reduce((sum, file) => sum + file.bytes, 0) });
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true });
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EEXIST") return fail("request-invalid", `Another backup to ${path} is under way (or died: then delete ${draft}).`);
    return code
      ? fail("store-unavailable", `The backup can't be written to ${path} (${code}).`, thrown)
      : { ok: false, fault: faultOf(thrown) };
  }
}

/** What the backup says of itself, unchecked. */
export async function readManifest(folder: string): Promise<Result<{ manifest: Manifest; path: string }>> {
  const path = resolve(folder);
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(join(path, "manifest.json"), "utf8"));
  } catch (thrown) {
    return fail(
      "request-invalid",
      `${path} is no backup: its manifest.json can't be read (${(thrown as NodeJS.ErrnoException).code ?? "no JSON"}).`,
    );
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) return fail("request-invalid", `${path} is no backup that this version knows: its manifest is of another form.`);
  return ok({ manifest: parsed.data, path });
}

/** The manifest, with every file checked against it: size and SHA-256. A path out of the folder is refused. */
export async function readBackup(folder: string): Promise<Result<{ manifest: Manifest; path: string }>> {
  const read = await readManifest(folder);
  if (!read.ok) return read;
  const { manifest, path } = read.value;
  if (!manifest.files.some((file) => file.path === manifest.store)) return fail("request-invalid", `The backup in ${path} has no store.`);
  for (const file of manifest.files) {
    const full = resolve(path, file.path);
    if (relative(path, full).startsWith("..") || resolve(path) === full)
      return fail("request-invalid", `The backup in ${path} names a file outside of it.`);
    const about = await stat(full).catch(() => undefined);
    if (!about) return fail("request-invalid", `The backup in ${path} is incomplete: ${file.path} is missing.`);
    if (about.size !== file.bytes || (await hashOf(full)) !== file.sha256)
      return fail("request-invalid", `The backup in ${path} is damaged: ${file.path} isn't as it was saved.`);
  }
  return ok({ manifest, path });
}

export async function copyFolder(from: string, to: string): Promise<void> {
  for (const name of await filesIn(from)) {
    const target = join(to, name);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await copyFile(join(from, name), target);
  }
}

/** Paths of the files in a folder and beneath it; none when it isn't there. */
export async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await using handle = await open(path, "r");
  await handle.sync();
}

/** What SQLite leaves beside a database that was opened to check it. A write-ahead log with something in it stays. */
async function dropEmptyLog(database: string): Promise<void> {
  const log = await stat(`${database}-wal`).catch(() => undefined);
  if (log && log.size > 0) return;
  for (const end of ["-wal", "-shm"]) await rm(database + end, { force: true });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
