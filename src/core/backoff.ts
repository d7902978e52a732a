/** First wait, and the longest, in milliseconds. */
const first = 1_000;
const longest = 5 * 60_000;
/** What a wait that a platform asked for is spread over at least and at most, in milliseconds. */
const leastSpread = 250;
const mostSpread = 10_000;

/**
 * Milliseconds until the next try after `failures` failures: doubling, capped, with jitter over its upper half so that
 * what failed together doesn't come back together. Never less than what the platform asked for.
 */
export function backoff(failures: number, afterMs: number | undefined, random: () => number, most = longest): number {
  if (afterMs !== undefined) return spread(afterMs, random);
  const full = Math.min(most, first * 2 ** Math.min(failures - 1, 20));
  return Math.ceil(full / 2 + (full / 2) * random());
}

/** `ms` and up to a tenth more: never less, and not all at the same moment. */
export function spread(ms: number, random: () => number): number {
  return Math.ceil(ms + random() * Math.min(mostSpread, Math.max(leastSpread, ms / 10)));
}
