import type { Instant } from "../../core/terms.ts";

/** A look at the server's clock, and when by ours, which nobody sets; milliseconds. */
export interface Reading {
  readonly server: number;
  readonly asked: number;
  readonly answered: number;
}

/** The server's clock: the one that all who share it have in common. Between two looks it is carried on by ours. */
export interface ServerTime {
  /** Whether it was set since what was last allowed for. */
  look(reading: Reading): boolean;
  /** What it was set to is allowed for, in what is stored. */
  settle(): void;
  now(): Instant;
}

/** Less is what time servers put right bit by bit. */
const setMs = 1_000;

export function serverTime(first: Reading): ServerTime {
  let last = first;
  let wasSet = false;
  /** What it is ahead of ours: as exactly as an answer's way lets us know, and the same until one says otherwise. */
  let ahead = first.server - (first.asked + first.answered) / 2;
  return {
    look(reading) {
      const { server, asked, answered } = reading;
      ahead = Math.min(Math.max(ahead, server - answered), server - asked);
      const passed = server - last.server;
      wasSet ||= passed < asked - last.answered - setMs || passed > answered - last.asked + setMs;
      last = reading;
      return wasSet;
    },
    settle() {
      wasSet = false;
    },
    now: () => Math.round(performance.now() + ahead) as Instant,
  };
}
