import { parentPort } from "node:worker_threads";
import { parseMail } from "./parse.ts";

/** The thread of `read.ts`: gets a mail's bytes, answers with what `parseMail` says. */
parentPort?.on("message", async (raw: Uint8Array) => parentPort?.postMessage(await parseMail(raw)));
