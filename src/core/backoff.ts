/** First wait, and the longest, in milliseconds. */
const first = 1_000;
const longest = 5 * 60_000;

/**
 * Milliseconds until the next try after `failures` failures: doubling, capped, with jitter over its upper half so that
 * what failed together doesn't come back together. Never less than what the platform asked for.
 */
export function backoff(failures: number, afterMs: number | undefined, random: () => number): number {
  const full = Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  const jittered = full / 2 + (full / 2) * random();
  return Math.ceil(afterMs === undefined ? jittered : afterMs + jittered / 10);
}
