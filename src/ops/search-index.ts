import { type Clock, sleep } from "../core/clock.ts";
import type { SearchStore } from "../core/search.ts";

export interface IndexParts {
  readonly store: SearchStore;
  readonly clock: Clock;
  readonly stopped: () => boolean;
}

/** After each step it rests so many times as long as that took, and at least a little: the path comes first. */
const restFactor = 4;
const leastRestMs = 5;

/** Takes what was said meanwhile into the index of the search. */
export function indexNew({ store, ...parts }: IndexParts): Promise<void> {
  return inSteps(parts, () => store.indexMessages());
}

/** Writes the index again without the words of what was erased, if anything was. */
export function purgeIndex({ store, ...parts }: IndexParts): Promise<void> {
  let first = true;
  return inSteps(parts, () => {
    const more = store.purgeIndex(first);
    first = false;
    return more;
  });
}

async function inSteps({ clock, stopped }: Omit<IndexParts, "store">, step: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const started = clock.elapsed();
    if (!(await step()) || stopped()) return;
    await sleep(clock, Math.max(leastRestMs, (clock.elapsed() - started) * restFactor));
    if (stopped()) return;
  }
}
