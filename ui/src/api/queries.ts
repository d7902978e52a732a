import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { language } from "../words/language.ts";
import { api, type Schemas, take } from "./client.ts";

/** What the app asks the gateway, each under one key; live events name the same keys to have them asked again. */
export const pageSize = 50;

export const statusQuery = queryOptions({ queryKey: ["status"], queryFn: () => take(api.GET("/api/status")), staleTime: 60_000 });

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => take(api.GET("/api/me")), staleTime: 300_000, retry: false });

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: () => take(api.GET("/api/channels", { params: { query: { language } } })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const accountsQuery = queryOptions({ queryKey: ["accounts"], queryFn: () => take(api.GET("/api/accounts")) });

export const pairingsQuery = queryOptions({
  queryKey: ["pairings"],
  queryFn: () => take(api.GET("/api/pairings")),
  refetchInterval: 30_000,
});

export const agentsQuery = queryOptions({ queryKey: ["agents"], queryFn: () => take(api.GET("/api/agents")), staleTime: 60_000 });

export const providersQuery = queryOptions({ queryKey: ["providers"], queryFn: () => take(api.GET("/api/providers")), staleTime: 60_000 });

export const findingsQuery = queryOptions({
  queryKey: ["findings"],
  queryFn: () => take(api.GET("/api/findings")),
  refetchInterval: 30_000,
});

export const noticesQuery = queryOptions({ queryKey: ["notices"], queryFn: () => take(api.GET("/api/notices")), staleTime: 30_000 });

export const countsQuery = queryOptions({ queryKey: ["counts"], queryFn: () => take(api.GET("/api/counts")), refetchInterval: 30_000 });

export interface StoryChoice {
  readonly account?: string;
  readonly state?: Schemas["EventState"];
}

export const storiesQuery = (choice: StoryChoice) =>
  infiniteQueryOptions({
    queryKey: ["stories", choice] as const,
    queryFn: ({ pageParam }) => fetchStories(choice, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page: readonly Schemas["Story"][]) => (page.length < pageSize ? undefined : page.at(-1)?.cursor),
    // The live stream renews the first page; the ones behind it are history.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
  });

export function fetchStories(choice: StoryChoice, before?: number): Promise<Schemas["Story"][]> {
  return take(api.GET("/api/stories", { params: { query: { ...choice, limit: pageSize, ...(before !== undefined && { before }) } } }));
}

export const traceQuery = (id: string) =>
  queryOptions({ queryKey: ["trace", id], queryFn: () => take(api.GET("/api/traces/{id}", { params: { path: { id } } })) });

/** The newest conversations of an account. */
export const chatsQuery = (account: string) =>
  queryOptions({
    queryKey: ["chats", account],
    queryFn: () => take(api.GET("/api/conversations", { params: { query: { account, limit: pageSize } } })),
  });

export const conversationQuery = (id: string) =>
  queryOptions({ queryKey: ["conversation", id], queryFn: () => take(api.GET("/api/conversations/{id}", { params: { path: { id } } })) });

export const messagesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", id],
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/api/conversations/{id}/messages", {
          params: { path: { id }, query: { limit: pageSize, ...(pageParam !== undefined && { before: pageParam }) } },
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.seq),
  });
