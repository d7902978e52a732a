import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, take } from "../../api/client.ts";
import { pageSize } from "../../api/queries.ts";
import type { ConversationChoice, ConversationTab } from "./choice.ts";

type Summary = Schemas["ConversationSummary"];

const ofTab: { readonly [tab in ConversationTab]: object } = {
  all: {},
  unread: { unread: "true" },
  waiting: { state: "waiting", sort: "waiting" },
  mine: { state: "mine" },
  human: { state: "human" },
  agent: { state: "agent" },
  paused: { state: "paused" },
  trouble: { trouble: "true" },
};

export function fetchConversations({ tab, ...choice }: ConversationChoice, before?: number): Promise<Summary[]> {
  const query = { ...choice, ...ofTab[tab ?? "all"], limit: pageSize, ...(before !== undefined && { before }) };
  return take(api.GET("/api/conversations", { params: { query } }));
}

export const listQuery = (choice: ConversationChoice) =>
  infiniteQueryOptions({
    queryKey: ["conversations", choice] as const,
    queryFn: ({ pageParam }) => fetchConversations(choice, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page: readonly Summary[]) => (page.length < pageSize ? undefined : page.at(-1)?.cursor),
    // The live stream renews the newest ones (use-list.ts); asking for all pages again would be many questions.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
    placeholderData: keepPreviousData,
  });

export const conversationCountsQuery = queryOptions({
  queryKey: ["conversation-counts"],
  queryFn: () => take(api.GET("/api/conversations/counts")),
});

export const teamQuery = queryOptions({ queryKey: ["team"], queryFn: () => take(api.GET("/api/team")), staleTime: 60_000 });

const mostNotes = 100;

/** The newest notes of operators; a conversation seldom has more. */
export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: ["notes", id],
    queryFn: () => take(api.GET("/api/conversations/{id}/notes", { params: { path: { id }, query: { limit: mostNotes } } })),
  });

export const presenceQuery = queryOptions({ queryKey: ["presence"], queryFn: () => take(api.GET("/api/presence")) });

export const repliesQuery = queryOptions({ queryKey: ["replies"], queryFn: () => take(api.GET("/api/replies")), staleTime: 300_000 });

const hitsSize = 20;

export const saidQuery = (q: string, account: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["said", q, account] as const,
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/api/search", {
          params: { query: { q, limit: hitsSize, ...(account && { account }), ...(pageParam !== undefined && { before: pageParam }) } },
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
