import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type Cancel, type Clock, sleep } from "../../core/clock.ts";
import { fail, type Result } from "../../core/errors.ts";
import type { Mail } from "./parse.ts";

/** Milliseconds that one mail may take (a machine that is busy starting needs most of them), and after which a thread that nobody needs is ended. */
const limitMs = 30_000;
const idleMs = 30_000;

/** `.ts` in a clone, `.js` when built. */
const code = new URL(`./parse-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

let last: Promise<unknown> = Promise.resolve();
let thread: Worker | undefined;
let ending: Cancel = () => {};

/**
 * Parses a mail in a thread of its own, one after the other: a mail that is made to take for ever costs only itself, and stops
 * nobody meanwhile. Then it is `payload-unknown`.
 */
export function readMail(raw: Uint8Array, clock: Clock, ms = limitMs): Promise<Result<Mail>> {
  const next = last.then(() => parse(raw, clock, ms));
  last = next;
  return next;
}

async function parse(raw: Uint8Array, clock: Clock, ms: number): Promise<Result<Mail>> {
  ending();
  thread ??= start();
  const worker = thread;
  const over = new AbortController();
  const answer = once(worker, "message", { signal: over.signal }).then(
    ([result]) => result as Result<Mail>,
    (thrown: Error) => fail("payload-unknown", `the mail can't be read: ${thrown.message}`),
  );
  worker.postMessage(raw);
  const late = sleep(clock, ms, over.signal).then(() => fail("payload-unknown", `the mail can't be read in ${ms} ms`));
  const gone = once(worker, "exit", { signal: over.signal }).then(
    () => fail("payload-unknown", "the mail can't be read: its thread ended"),
    () => late,
  );
  const result = await Promise.race([answer, late, gone]);
  over.abort();
  if (!result.ok)
    await end(worker); // it may still be at it
  else ending = clock.after(idleMs, () => void end(worker));
  return result;
}

async function end(worker: Worker): Promise<void> {
  if (thread === worker) thread = undefined;
  await worker.terminate();
}

function start(): Worker {
  const worker = new Worker(code, { resourceLimits: { maxOldGenerationSizeMb: 512 }, stdin: false });
  worker.unref();
  worker.on("error", () => {
    if (thread === worker) thread = undefined;
  });
  return worker;
}
