import { type Clock, sleep } from "../core/clock.ts";
import type { FigureStore } from "../core/figures.ts";
import type { SearchStore } from "../core/search.ts";

export interface FollowerParts {
  readonly store: SearchStore & FigureStore;
  readonly clock: Clock;
  readonly stopped: () => boolean;
}

/** After each step it rests so many times as long as that took, and at least a little: the path comes first. */
const restFactor = 4;
/** Figures may be a while behind. */
const figuresRestFactor = 9;
const leastRestMs = 5;

/** Takes what was said meanwhile into the index of the search. */
export function indexNew({ store, ...parts }: FollowerParts): Promise<void> {
  return inSteps(parts, () => store.indexMessages());
}

/** Writes the index again without the words of what was erased, if anything was. */
export function purgeIndex({ store, ...parts }: FollowerParts): Promise<void> {
  let first = true;
  return inSteps(parts, () => {
    const more = store.purgeIndex(first);
    first = false;
    return more;
  });
}

/** Counts what happened meanwhile for the figures of Analytics, and says so once all is counted. */
export function countNew({ store, counted, ...parts }: FollowerParts & { readonly counted: () => void }): Promise<void> {
  const step = async () => {
    const left = await store.countFigures(parts.clock.now());
    if (left === "all") counted();
    return left === "more";
  };
  return inSteps(parts, step, figuresRestFactor);
}

async function inSteps({ clock, stopped }: Omit<FollowerParts, "store">, step: () => Promise<boolean>, rest = restFactor): Promise<void> {
  for (;;) {
    const started = clock.elapsed();
    if (!(await step()) || stopped()) return;
    await sleep(clock, Math.max(leastRestMs, (clock.elapsed() - started) * rest));
    if (stopped()) return;
  }
}
