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
  "turn-retry": "queued",
  "turn-done": "done",
  "turn-fail": "failed",
  "turn-cancel": "cancelled",
  ignored: "ignored",
};

/** Carries the state that ledger entries tell into the stories that they belong to; the same pages when none does. */
export function applyEntries(pages: Pages, entries: readonly Entry[]): Pages {
  const latest = new Map<string, Entry>();
  for (const entry of entries) if (states[entry.stage]) latest.set(entry.trace, entry);
  if (latest.size === 0 || !pages.some((page) => page.some((story) => latest.has(story.trace)))) return pages;
  return pages.map((page) =>
    page.map((story) => {
      const entry = latest.get(story.trace);
      if (!entry) return story;
      const state = states[entry.stage] as Story["state"];
      const ended = state !== "running" && state !== "queued";
      const { reason: _, endedAt: __, ...rest } = story;
      return { ...rest, state, ...(entry.reason !== undefined && { reason: entry.reason }), ...(ended && { endedAt: entry.at }) };
    }),
  );
}
