import { mkdirSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileTypeFromBuffer } from "file-type";
import { FaultError, fault } from "../core/errors.ts";
import { type FileId, newId, type TenantId } from "../core/ids.ts";
import type { StoredFile } from "../core/message.ts";
import type { FileStore } from "../core/store.ts";

/** Bytes at a file's start that tell its type. */
const headBytes = 4_100;

/**
 * Attachments as files of mode 0600 under generated ids, in a folder for each tenant and two letters of the id. A name
 * that a stranger chose never becomes part of a path.
 */
export function openFileStore(folder: string): FileStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = (tenant: TenantId, id: FileId) => {
    if (!/^fl_[0-9a-z]{22}$/.test(id)) throw new FaultError(fault("not-found", `there is no file ${JSON.stringify(id)}`));
    return join(folder, encodeURIComponent(tenant), id.slice(-2), id);
  };

  return {
    async put(tenant, bytes, maxBytes) {
      const id = newId("file", Date.now());
      const file = place(tenant, id);
      const unfinished = `${file}.new`;
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      try {
        const { size, head } = await write(unfinished, bytes, maxBytes);
        await rename(unfinished, file);
        await sync(dirname(file));
        return { at: "store", id, size, mediaType: await typeOf(head) } satisfies StoredFile;
      } catch (thrown) {
        await rm(unfinished, { force: true });
        throw thrown instanceof FaultError ? thrown : diskFault(thrown);
      }
    },
    async read(tenant, id) {
      try {
        return await readFile(place(tenant, id));
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
        throw new FaultError(fault("not-found", `there is no file ${id}`));
      }
    },
  };
}

async function write(path: string, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<{ size: number; head: Uint8Array }> {
  const file = await open(path, "wx", 0o600);
  try {
    const head: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      if (size < headBytes) head.push(chunk);
      size += chunk.length;
      if (size > maxBytes) throw new FaultError(fault("file-refused", `it is larger than ${maxBytes} bytes`));
      await writeAll(file, chunk);
    }
    await file.sync();
    return { size, head: Buffer.concat(head).subarray(0, headBytes) };
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
}

/** A new name is on disk only once its folder is. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** From the bytes alone: plain text where they are UTF-8 without control characters, else nothing in particular. */
async function typeOf(head: Uint8Array): Promise<string> {
  const found = await fileTypeFromBuffer(head);
  if (found) return found.mime;
  const text = new TextDecoder().decode(head, { stream: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells text from bytes
  return head.length > 0 && !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/.test(text) ? "text/plain" : "application/octet-stream";
}

function diskFault(thrown: unknown): unknown {
  const { syscall, message } = thrown as NodeJS.ErrnoException;
  return syscall === undefined ? thrown : new FaultError(fault("store-unavailable", `the attachment was not stored: ${message}`, thrown));
}
