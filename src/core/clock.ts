import type { Instant } from "./terms.ts";

/** Time, passed in so that tests and simulations hold it in their hand. */
export interface Clock {
  /** The wall clock: for showing and for comparing with platforms; it may jump. */
  now(): Instant;
  /** Milliseconds that only grow, from an unspecified start: for durations, time-outs and pacing. */
  elapsed(): number;
  /** Calls `run` once after `ms` of elapsed time, unless cancelled. A pending timer doesn't keep the process alive. */
  after(ms: number, run: () => void): Cancel;
}

export type Cancel = () => void;

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
