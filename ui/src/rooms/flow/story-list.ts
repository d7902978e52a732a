import type { Schemas } from "../../api/client.ts";

type Story = Schemas["Story"];
type Entry = Schemas["LedgerEntry"];
export type Pages = readonly Story[][];

/** Stories that stay in the list at the top; those behind are loaded again when somebody scrolls there. */
const longest = 2_000;

/**
 * Lays the newest page over what is shown: new stories in front, known ones renewed. When so much came in between that
 * the two don't touch, the list starts anew, for a list with a hole would lie. `full` says that there may be more behind.
 */
export function mergeNewest(pages: Pages, newest: readonly Story[], full: boolean): Pages {
  const known = new Set(pages.flatMap((page) => page.map((story) => story.trace)));
  const touches = known.size === 0 || !full || newest.some((story) => known.has(story.trace));
  if (!touches) return [[...newest]];
  const renewed = new Map(newest.map((story) => [story.trace, story]));
  const [first = [], ...rest] = pages.map((page) => page.map((story) => renewed.get(story.trace) ?? story));
  const fresh = newest.filter((story) => !known.has(story.trace));
  const front = [...fresh, ...first];
  return front.length > longest ? [front.slice(0, longest)] : [front, ...rest];
}

/** How many of `newest` the list doesn't show yet. */
export function countFresh(pages: Pages, newest: readonly Story[]): number {
  const known = new Set(pages.flatMap((page) => page.map((story) => story.trace)));
  return newest.filter((story) => !known.has(story.trace)).length;
}

const states: { readonly [stage: string]: Story["state"] } = {
  "turn-start": "running",
  joined: "running",
  "turn-retry": "queued",
  "turn-done": "done",
  "turn-fail": "failed",
  "turn-cancel": "cancelled",
  ignored: "ignored",
};

const deliveries: { readonly [stage: string]: NonNullable<Story["delivery"]> } = {
  "delivery-queued": "queued",
  "delivery-start": "sending",
  "delivery-retry": "queued",
  "delivery-sent": "sent",
  "delivery-unknown": "unknown",
  "delivery-fail": "failed",
  "delivery-dead": "dead",
  "delivery-drop": "dropped",
};

/** States of a delivery that need somebody, the worst last. */
const troubles: readonly Story["delivery"][] = ["dropped", "unknown", "dead", "failed"];

/** Carries the state that ledger entries tell into the stories that they belong to; the same pages when none does. */
export function applyEntries(pages: Pages, entries: readonly Entry[]): Pages {
  const told = Map.groupBy(
    entries.filter(({ stage }) => states[stage] ?? deliveries[stage]),
    ({ trace }) => trace,
  );
  if (told.size === 0 || !pages.some((page) => page.some((story) => told.has(story.trace)))) return pages;
  return pages.map((page) => page.map((story) => (told.get(story.trace) ?? []).reduce(applyEntry, story)));
}

function applyEntry(story: Story, entry: Entry): Story {
  const state = states[entry.stage];
  const { reason: _, endedAt: __, delivery, ...rest } = story;
  if (state === undefined) {
    const next = deliveries[entry.stage];
    // An answer may be of several deliveries: one that is well doesn't tell of another that isn't.
    return next && troubles.indexOf(next) >= troubles.indexOf(delivery) ? { ...story, delivery: next } : story;
  }
  const ended = state !== "running" && state !== "queued";
  return { ...rest, state, ...(entry.reason !== undefined && { reason: entry.reason }), ...(ended && { endedAt: entry.at }) };
}

/** Whether something happened to an answer in trouble: only the gateway can say how it is now. */
export function isDoubtful(pages: Pages, entries: readonly Entry[]): boolean {
  const moved = new Set(entries.filter(({ stage }) => deliveries[stage]).map(({ trace }) => trace));
  return moved.size > 0 && pages.some((page) => page.some(({ trace, delivery }) => moved.has(trace) && troubles.includes(delivery)));
}
