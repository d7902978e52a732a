import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Clock } from "./core/clock.ts";
import type { ClockReading } from "./core/retention.ts";

/** The machine's own time. Timers don't keep the process alive: the server and the sockets do. */
export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** CLOCK_MONOTONIC and its likes count from the machine's boot: over restarts of the gateway, but not while it sleeps. */
export function readClock({ now }: Pick<Clock, "now">): ClockReading {
  boot ??= bootId();
  return { now: now(), upMs: Number(process.hrtime.bigint() / 1_000_000n), boot };
}

let boot: string | undefined;

/** Where the system names no boot, nothing is said about the time between two processes. */
function bootId(): string {
  try {
    // https://www.kernel.org/doc/html/latest/admin-guide/sysctl/kernel.html#random
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID();
  }
}
