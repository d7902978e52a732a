import { parentPort, workerData } from "node:worker_threads";
import type { Result } from "../core/errors.ts";
import { copyFault, fillFile } from "./fill-file.ts";
import { openSnapshot } from "./snapshot.ts";

/** What the thread is given. */
export interface CopyWish {
  readonly url: string;
  /** A new one. */
  readonly file: string;
  readonly filesFolder: string;
}

async function copy({ url, file, filesFolder }: CopyWish): Promise<Result<{ readonly messages: number }>> {
  const opened = await openSnapshot(url, false);
  if (!opened.ok) return opened;
  try {
    return await fillFile(opened.value, file, filesFolder, () => {});
  } catch (thrown) {
    return { ok: false, fault: copyFault(thrown) };
  } finally {
    await opened.value.close().catch(() => {});
  }
}

const result = await copy(workerData as CopyWish);
// A cause may be of a kind that doesn't go from thread to thread.
parentPort?.postMessage(result.ok ? result : { ok: false, fault: { code: result.fault.code, message: result.fault.message } });
