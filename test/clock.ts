import type { Clock } from "../src/core/clock.ts";

/** How long a disk may take, in milliseconds of the world. */
const patienceMs = 60_000;

/** A clock that only moves when told, and runs what falls due on its way. */
export interface HandClock extends Clock {
  /** Moves both times forward; resolves once what was due has run and its promises have settled. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as an operator or NTP would. */
  jump(ms: number): void;
  /** What takes time of the world, as a disk does: none passes here before it is done. */
  waitFor(work: Promise<unknown>): void;
}

export function createHandClock(start = Date.UTC(2026, 10, 22, 12)): HandClock {
  let elapsed = 0;
  let wall = start;
  let timers: { at: number; run: () => void }[] = [];
  let works = 0;

  async function still(): Promise<void> {
    for (const until = performance.now() + patienceMs; ; ) {
      await settled();
      if (works === 0) return;
      if (performance.now() > until) throw new Error(`something that the clock waits for takes longer than ${patienceMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  return {
    now: () => wall,
    elapsed: () => elapsed,
    after(ms, run) {
      const timer = { at: elapsed + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = elapsed + ms;
      for (;;) {
        await still();
        const [next] = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        wall += Math.max(0, next.at - elapsed);
        elapsed = Math.max(elapsed, next.at);
        next.run();
      }
      wall += until - elapsed;
      elapsed = until;
      await still();
    },
    jump(ms) {
      wall += ms;
    },
    waitFor(work) {
      works++;
      const done = () => {
        works--;
      };
      void work.then(done, done);
    },
  };
}

/** Lets promises that wait for each other run until none is left (bounded: what still runs then waits for I/O). */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
