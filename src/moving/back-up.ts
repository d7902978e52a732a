import { once } from "node:events";
import { constants } from "node:fs";
import { access, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { FaultError, fail, fault, type Result } from "../core/errors.ts";
import type { CopyWish } from "./copy-thread.ts";
import { copyFault } from "./fill-file.ts";

/** `.ts` in a clone, `.js` when built. */
const code = new URL(`./copy-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/**
 * Copies a store that is in a database into a new file and a folder of attachments, as a gateway has them whose store is a file: one
 * moment of it, while gateways run. In a thread of its own, which the gateway's work doesn't wait for. Rejects with FaultError.
 */
export async function backUp(wish: CopyWish): Promise<{ readonly bytes: number; readonly messages: number }> {
  const { file } = wish;
  if (await exists(file)) throw new FaultError(fault("request-invalid", `${file} exists already; a backup is a new file.`));
  const partial = `${file}.partial`;
  try {
    const copied = await inThread({ ...wish, file: partial });
    if (!copied.ok) throw new FaultError(copied.fault);
    const { size: bytes } = await stat(partial);
    await rename(partial, file);
    await flush(dirname(file));
    return { bytes, messages: copied.value.messages };
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => {});
    throw new FaultError(copyFault(thrown));
  }
}

async function inThread(wish: CopyWish): Promise<Result<{ readonly messages: number }>> {
  const worker = new Worker(code, { workerData: wish, resourceLimits: { maxOldGenerationSizeMb: 256 }, stdin: false });
  const over = new AbortController();
  const answer = once(worker, "message", { signal: over.signal }).then(([result]) => result as Result<{ readonly messages: number }>);
  const gone = once(worker, "exit", { signal: over.signal }).then(() => fail("internal", "The thread that copies ended without a word."));
  try {
    return await Promise.race([answer, gone]);
  } finally {
    over.abort();
    await Promise.allSettled([answer, gone]);
    await worker.terminate();
  }
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

export async function flush(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
