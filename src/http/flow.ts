import { FaultError, type Result } from "../core/errors.ts";
import type { HttpFailure, HttpStream } from "../core/http.ts";
import type { Exchange, Reader } from "./exchange.ts";

/** What waits for the reader before the socket is told to stop. */
const highWater = { bytes: 256 * 1024, chunks: 1024 };

type Step = IteratorResult<Uint8Array, undefined>;

/**
 * The answer as it arrives. The result is given at the head; then one reader takes the chunks, and the socket waits
 * while it lags behind. A body that nobody reads is closed after `stallMs`.
 */
export function flow(resolve: (result: Result<HttpStream, HttpFailure>) => void, exchange: () => Exchange, stallMs: number): Reader {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let paused = false;
  let headed = false;
  let over: "no" | "end" | HttpFailure = "no";
  let asked: { resolve: (step: Step) => void; reject: (error: Error) => void } | undefined;

  const next = (): Promise<Step> => {
    exchange().progress();
    const value = waiting.shift();
    if (value) {
      waitingBytes -= value.length;
      if (paused && waitingBytes < highWater.bytes / 2 && waiting.length < highWater.chunks / 2) {
        paused = false;
        exchange().resume();
      }
      return Promise.resolve({ value, done: false });
    }
    if (over === "end") return Promise.resolve({ value: undefined, done: true });
    if (over !== "no") return Promise.reject(new FaultError(over));
    return new Promise((resolve, reject) => {
      asked = { resolve, reject };
    });
  };

  const finish = () => {
    if (!asked) return;
    if (over === "end" || over === "no") asked.resolve({ value: undefined, done: true });
    else asked.reject(new FaultError(over));
    asked = undefined;
  };

  const breakOff = (): Promise<Step> => {
    if (over === "no") exchange().leave();
    over = "end";
    waiting.length = 0;
    finish();
    return Promise.resolve({ value: undefined, done: true });
  };

  return {
    head(status, headers) {
      headed = true;
      exchange().watch(stallMs);
      resolve({ ok: true, value: { status, headers, body: { [Symbol.asyncIterator]: () => ({ next, return: breakOff }) } } });
    },
    chunk(bytes) {
      if (over !== "no") return;
      if (asked) {
        const { resolve } = asked;
        asked = undefined;
        return resolve({ value: bytes, done: false });
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (!paused && (waitingBytes > highWater.bytes || waiting.length > highWater.chunks)) {
        paused = true;
        exchange().pause();
      }
    },
    end() {
      over = "end";
      finish();
    },
    fail(failure) {
      if (over !== "no") return; // it was broken off before
      over = failure;
      if (headed) finish();
      else resolve({ ok: false, fault: failure });
    },
  };
}
