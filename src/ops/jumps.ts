import type { Clock } from "../core/clock.ts";

/** What the wall clock may move otherwise than elapsed time between two looks: it is put right in small steps all the time. */
const toleranceMs = 1_000;

/**
 * The clock, which tells when the wall clock was moved: before it gives the first time after that to anybody, so that
 * whatever `moved` writes to the store comes before what is written under the new time.
 */
export function watchJumps(clock: Clock, moved: () => void): Clock {
  let skew = clock.now() - clock.elapsed();
  return {
    elapsed: () => clock.elapsed(),
    after: (ms, run) => clock.after(ms, run),
    now() {
      const now = clock.now();
      const before = skew;
      skew = now - clock.elapsed();
      if (Math.abs(skew - before) >= toleranceMs) moved();
      return now;
    },
  };
}
