import { constants } from "node:fs";
import { access, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { FaultError, fault, faultOf } from "../../core/errors.ts";
import { makePrivate } from "./database.ts";

/**
 * Copies the database into a new file: one consistent moment, checked, and flushed before it gets its name. It is read
 * through a connection of its own, so that writing goes on. Rejects with FaultError.
 */
export async function backupInto(source: string, file: string): Promise<{ readonly bytes: number; readonly messages: number }> {
  const taken = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (taken) throw new FaultError(fault("request-invalid", `${file} exists already; a backup is a new file.`));
  const partial = `${file}.partial`;
  try {
    await rm(partial, { force: true });
    makePrivate(partial);
    await copy(source, partial);
    const { problem, messages } = await check(partial);
    if (problem !== "ok") throw new FaultError(fault("store-unavailable", `The copy is damaged: ${problem}.`));
    await flush(partial);
    const { size: bytes } = await stat(partial);
    await rename(partial, file);
    await flush(dirname(file));
    return { bytes, messages };
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown instanceof FaultError ? thrown : new FaultError(faultOf(thrown, "store-unavailable"));
  }
}

async function copy(source: string, target: string): Promise<void> {
  const reader = new DatabaseSync(source, { readOnly: true, timeout: 5000 });
  try {
    // All pages in one step: between steps a write of another connection would start the copy over.
    await backup(reader, target, { rate: 0x7fffffff });
  } finally {
    reader.close();
  }
}

/** Off the event loop: reading a large file through takes seconds. The copy becomes a single file, without a WAL. */
const checkCode = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { DatabaseSync } = require("node:sqlite");
  const copy = new DatabaseSync(workerData);
  copy.exec("PRAGMA journal_mode = DELETE");
  const problem = Object.values(copy.prepare("PRAGMA quick_check").get())[0];
  const { messages } = copy.prepare("SELECT coalesce(sum(messages), 0) AS messages FROM tenants").get();
  copy.close();
  parentPort.postMessage({ problem, messages });
`;

function check(file: string): Promise<{ readonly problem: string; readonly messages: number }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(checkCode, { eval: true, workerData: file });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
