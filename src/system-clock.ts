import type { Clock } from "./core/clock.ts";

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
