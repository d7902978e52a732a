import type { Instant } from "../../core/terms.ts";

/** A look at the server's clock, and when by ours, which nobody sets; milliseconds. */
export interface Reading {
  readonly server: number;
  readonly asked: number;
  readonly answered: number;
  /** By how much what waits was moved so far, over all times, because the server's clock was set. */
  readonly moved: number;
}

/** The server's clock: the one that all who share it have in common. Between two looks it is carried on by ours. */
export interface ServerTime {
  /**
   * By how much what waits has still to be moved, in milliseconds: the clock was set since what was last stored, and nobody else has moved it.
   * 0 for what time servers put right bit by bit.
   */
  look(reading: Reading): number;
  /** What the last look said is stored. */
  settle(): void;
  /** Whether it was set so lately that somebody may still write under the old time. */
  readonly uneasy: boolean;
  now(): Instant;
}

/** Two who measure the same setting of a clock don't differ by more. */
const toleranceMs = 1_000;
/** Longer than anybody's looks are apart, and than what waits behind one to be written. */
const uneasyMs = 15_000;

export function serverTime(first: Reading): ServerTime {
  let settled = first;
  let last = first;
  let setAt = Number.NEGATIVE_INFINITY;
  /** What it is ahead of ours: as exactly as an answer's way lets us know, and the same until one says otherwise. */
  let ahead = aheadBy(first);
  return {
    look(reading) {
      const { server, asked, answered, moved } = reading;
      ahead = Math.min(Math.max(ahead, server - answered), server - asked);
      const passed = server - settled.server;
      const isSet = passed < asked - settled.answered - toleranceMs || passed > answered - settled.asked + toleranceMs;
      const left = isSet ? Math.round(aheadBy(reading) - aheadBy(settled)) - (moved - settled.moved) : 0;
      const toMove = Math.abs(left) < toleranceMs ? 0 : left;
      last = { ...reading, moved: moved + toMove };
      if (isSet) setAt = performance.now();
      return toMove;
    },
    settle() {
      settled = last;
    },
    get uneasy() {
      return performance.now() - setAt < uneasyMs;
    },
    now: () => Math.round(performance.now() + ahead),
  };
}

function aheadBy({ server, asked, answered }: Reading): number {
  return server - (asked + answered) / 2;
}
