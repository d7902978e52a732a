import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, take } from "../../api/client.ts";
import { pageSize } from "../../api/queries.ts";
import { isMoving, type QueueChoice } from "./choice.ts";

/** The filter of the API for what waits for a person's word. */
export function deadFilter({ tab, account, code }: QueueChoice): {
  readonly states?: Schemas["DeadState"][];
  account?: string;
  code?: string;
} {
  const state = tab === undefined || isMoving(tab) ? undefined : tab;
  return { ...(state && { states: [state] }), ...(account && { account }), ...(code && { code }) };
}

export const lettersQuery = (choice: QueueChoice) => {
  const { states, ...filter } = deadFilter(choice);
  return infiniteQueryOptions({
    queryKey: ["dead", states?.[0], filter] as const,
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/api/dead", {
          params: { query: { ...filter, ...(states && { state: states[0] }), ...(pageParam && { after: pageParam }), limit: pageSize } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: readonly Schemas["DeadLetter"][]) => (page.length < pageSize ? undefined : page.at(-1)?.cursor),
    placeholderData: keepPreviousData,
  });
};

export const movingQuery = ({ tab, account }: QueueChoice) => {
  const only = { ...(account && { account }), ...(tab === "retrying" && { retrying: "true" as const }) };
  return infiniteQueryOptions({
    queryKey: ["deliveries", only] as const,
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/api/deliveries", {
          params: { query: { ...only, state: "queued,sending", ...(pageParam && { before: pageParam }), limit: pageSize } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: readonly Schemas["Delivery"][]) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    placeholderData: keepPreviousData,
  });
};

export const letterQuery = (id: string) =>
  queryOptions({
    queryKey: ["dead", "one", id],
    queryFn: () => take(api.GET("/api/dead/{id}", { params: { path: { id } } })),
    retry: false,
  });
