import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { onLive } from "../../api/live.ts";
import { fetchStories, pageSize, type StoryChoice, storiesQuery } from "../../api/queries.ts";
import { applyEntries, countFresh, isDoubtful, mergeNewest, type Pages } from "./story-list.ts";

type Story = Schemas["Story"];
type Cached = InfiniteData<Story[], number | undefined>;

/** Milliseconds between two looks at the newest page while messages pour in. */
const lookMs = 400;

/**
 * The message flow: pages of the past, and the newest stories as they come. While `held`, states still change in place
 * but new stories wait (`waiting` of them) until it is released.
 */
export function useStories(choice: StoryChoice, held: boolean) {
  const cache = useQueryClient();
  const options = storiesQuery(choice);
  const query = useInfiniteQuery(options);
  const [waiting, setWaiting] = useState(0);
  const isHeld = useRef(held);
  isHeld.current = held;
  const choiceKey = JSON.stringify(choice);

  const change = useCallback(
    (how: (pages: Pages) => Pages) => {
      const { queryKey } = storiesQuery(JSON.parse(choiceKey) as StoryChoice);
      cache.setQueryData<Cached>(queryKey, (old) => {
        if (!old) return old;
        const pages = how(old.pages) as Story[][];
        if (pages === old.pages) return old;
        return { pages, pageParams: pages.map((_, index) => (index === 0 ? undefined : pages[index - 1]?.at(-1)?.cursor)) };
      });
    },
    [cache, choiceKey],
  );

  const look = useCallback(async () => {
    const wanted = JSON.parse(choiceKey) as StoryChoice;
    const { queryKey } = storiesQuery(wanted);
    if (!cache.getQueryData(queryKey)) return;
    const newest = await fetchStories(wanted);
    const shown = cache.getQueryData<Cached>(queryKey)?.pages ?? [];
    if (isHeld.current) return setWaiting(countFresh(shown, newest));
    setWaiting(0);
    // A list chosen by state also loses stories: it is taken anew.
    change((pages) => (wanted.state ? [newest] : mergeNewest(pages, newest, newest.length === pageSize)));
  }, [cache, change, choiceKey]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    let again = false;
    let busy = false;
    const soon = (ms: number) => {
      if (busy) again = true;
      else
        timer ??= setTimeout(async () => {
          timer = undefined;
          busy = true;
          // The connection's state already tells of a gateway that is out of reach.
          await look().catch(() => undefined);
          busy = false;
          if (again && !stopped) soon(lookMs);
          again = false;
        }, ms);
    };
    const stop = onLive((events) => {
      const entries = events.flatMap((event) => (event.type === "ledger" ? [event.entry] : []));
      if (entries.length > 0) change((pages) => applyEntries(pages, entries));
      const byState = JSON.parse(choiceKey).state !== undefined;
      const shown = cache.getQueryData<Cached>(storiesQuery(JSON.parse(choiceKey) as StoryChoice).queryKey)?.pages ?? [];
      const stale = events.some((event) => event.type === "reset") || isDoubtful(shown, entries);
      if (stale || entries.some((entry) => entry.stage === "received" || byState)) soon(lookMs);
    });
    return () => {
      stopped = true;
      stop();
      clearTimeout(timer);
    };
  }, [cache, look, change, choiceKey]);

  // On the way in for what came meanwhile, and on release for what waited.
  useEffect(() => {
    if (!held) void look().catch(() => undefined);
  }, [held, look]);

  return { query, stories: query.data?.pages.flat() ?? [], waiting };
}
