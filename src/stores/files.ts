import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FaultError, fault, faultOf } from "../core/errors.ts";
import { type Measured, measured } from "../core/file-bytes.ts";
import { type FileId, newId, type TenantId } from "../core/ids.ts";
import type { StoredFile } from "../core/message.ts";
import type { FileStore } from "../core/store.ts";

/**
 * Files in a folder: `<folder>/<tenant>/<two characters of the id>/<id>`, mode 0600, never under a name that came from
 * outside. What is being written stands in `<folder>/incoming`; a crash leaves it there, and the next start takes it away.
 */
export function openFileStore(folder: string): FileStore {
  const incoming = join(folder, "incoming");
  // Nobody else writes here: the gateway owns its data folder, and a command that reads files puts none.
  let ready: Promise<unknown> | undefined;

  async function prepare(): Promise<void> {
    try {
      await rm(incoming, { recursive: true, force: true });
      await mkdir(incoming, { recursive: true, mode: 0o700 });
    } catch (thrown) {
      ready = undefined;
      throw thrown;
    }
  }

  return {
    async put(tenant, bytes, maxBytes) {
      const partial = join(incoming, randomUUID());
      try {
        ready ??= prepare();
        await ready;
        const { size, mediaType } = await writeAll(partial, bytes, maxBytes);
        const id = newId("file", Date.now());
        const place = placeOf(folder, tenant, id);
        await mkdir(place.folder, { recursive: true, mode: 0o700 });
        await rename(partial, place.file);
        // The name, and the folders that may be new, are on disk only once the folders are.
        for (const path of [place.folder, join(place.folder, ".."), folder]) await syncFolder(path);
        return { at: "store", id, mediaType, size } satisfies StoredFile;
      } catch (thrown) {
        await rm(partial, { force: true }).catch(() => {});
        throw rejectionOf(thrown);
      }
    },

    async remove(tenant, id) {
      if (!idShape.test(id)) return;
      try {
        await rm(placeOf(folder, tenant, id).file, { force: true });
      } catch (thrown) {
        throw rejectionOf(thrown);
      }
    },

    async *list(tenant) {
      const all = tenantFolder(folder, tenant);
      for (const name of await namesIn(all)) yield (await namesIn(join(all, name))).filter((id): id is FileId => idShape.test(id));
    },

    async read(tenant, id) {
      if (!idShape.test(id)) throw new FaultError(fault("not-found", "That is no id of a file."));
      try {
        return await readFile(placeOf(folder, tenant, id).file);
      } catch (thrown) {
        if (codeOf(thrown) === "ENOENT") throw new FaultError(fault("not-found", `There is no file ${id}.`, thrown));
        throw rejectionOf(thrown);
      }
    },
  };
}

const idShape = /^fl_[0-9a-z]{22}$/;

/** Where a file of that id is, or comes to be, in such a folder; nothing when it is no id of a file. */
export function fileIn(folder: string, tenant: TenantId, id: FileId): string | undefined {
  return idShape.test(id) ? placeOf(folder, tenant, id).file : undefined;
}

function placeOf(folder: string, tenant: TenantId, id: FileId): { readonly folder: string; readonly file: string } {
  const place = join(tenantFolder(folder, tenant), id.slice(-2));
  return { folder: place, file: join(place, id) };
}

function tenantFolder(folder: string, tenant: TenantId): string {
  // A tenant's id becomes a folder's name: only what no file system reads as anything else stays as it is.
  return join(folder, `t-${tenant.replace(/[^a-z0-9_-]/g, (char) => `%${char.codePointAt(0)?.toString(16)}.`)}`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT" || codeOf(thrown) === "ENOTDIR") return [];
    throw rejectionOf(thrown);
  }
}

async function writeAll(path: string, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Measured> {
  const handle = await open(path, "wx", 0o600);
  try {
    const found = await measured(bytes, maxBytes, (chunk) => write(handle, chunk));
    await handle.sync();
    return found;
  } finally {
    await handle.close();
  }
}

async function write(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.byteLength; ) from += (await handle.write(chunk, from)).bytesWritten;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException | undefined)?.code;
}

/** What the disk says is a fault of the store; what the source of the bytes says stays as it is. */
function rejectionOf(thrown: unknown): unknown {
  if (thrown instanceof FaultError || (thrown as NodeJS.ErrnoException | undefined)?.syscall === undefined) return thrown;
  return new FaultError(faultOf(thrown, "store-unavailable"));
}
