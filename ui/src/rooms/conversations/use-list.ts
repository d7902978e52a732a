import { type InfiniteData, useInfiniteQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import type { Schemas } from "../../api/client.ts";
import { type LiveEvent, onLive } from "../../api/live.ts";
import { meQuery, pageSize } from "../../api/queries.ts";
import type { ConversationChoice } from "./choice.ts";
import { markRead, mergeNewest } from "./list-pages.ts";
import { fetchConversations, listQuery } from "./queries.ts";

type Summary = Schemas["ConversationSummary"];
type Cached = InfiniteData<Summary[], number | undefined>;

/** Milliseconds between two looks at the newest page while messages pour in. */
const lookMs = 500;

/** Conversations of that choice: pages of the past, and the newest as they come, without asking for all pages again. */
export function useList(choice: ConversationChoice) {
  const cache = useQueryClient();
  const query = useInfiniteQuery(listQuery(choice));
  const key = JSON.stringify(choice);
  const { data: me } = useSuspenseQuery(meQuery);
  const reader = me.operator.id;

  const look = useCallback(async () => {
    const wanted = JSON.parse(key) as ConversationChoice;
    const { queryKey } = listQuery(wanted);
    if (!cache.getQueryData(queryKey)) return;
    const newest = await fetchConversations(wanted);
    cache.setQueryData<Cached>(queryKey, (old) => {
      if (!old) return old;
      // Who waits the longest comes first there: what is new stands at the end.
      if (wanted.tab === "waiting") return { pages: [newest], pageParams: [undefined] };
      const pages = (mergeNewest(old.pages, newest, newest.length < pageSize) ?? [newest]) as Summary[][];
      return { pages, pageParams: pages.map((_, index) => (index === 0 ? undefined : pages[index - 1]?.at(-1)?.cursor)) };
    });
  }, [cache, key]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    let busy = false;
    let again = false;
    const soon = () => {
      again = busy;
      if (busy) return;
      timer ??= setTimeout(async () => {
        timer = undefined;
        busy = true;
        // The connection's state already tells of a gateway that is out of reach.
        await look().catch(() => undefined);
        busy = false;
        if (again && !stopped) soon();
      }, lookMs);
    };
    const { queryKey } = listQuery(JSON.parse(key) as ConversationChoice);
    const stop = onLive((events) => {
      // Only the newest page is looked at again; what stands below it is read as well.
      for (const event of events)
        if (event.type === "read" && event.operator === reader)
          cache.setQueryData<Cached>(queryKey, (old) => old && { ...old, pages: markRead(old.pages, event.conversation) as Summary[][] });
      if (events.some(changesList)) soon();
    });
    // For what came while nobody looked.
    void look().catch(() => undefined);
    return () => {
      stopped = true;
      stop();
      clearTimeout(timer);
    };
  }, [look, cache, key, reader]);

  return { query, conversations: query.data?.pages.flat() ?? [] };
}

const troubles: readonly string[] = ["delivery-fail", "delivery-dead", "delivery-unknown", "failed"];

function changesList(event: LiveEvent): boolean {
  if (event.type === "ledger") return troubles.includes(event.entry.stage);
  return event.type === "message" || event.type === "control" || event.type === "read" || event.type === "reset";
}
