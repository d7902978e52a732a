import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, take } from "../../api/client.ts";
import { pageSize } from "../../api/queries.ts";

export interface AuditChoice {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
}

export const auditQuery = (choice: AuditChoice) =>
  infiniteQueryOptions({
    queryKey: ["audit", choice] as const,
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/api/audit", { params: { query: { ...choice, limit: pageSize, ...(pageParam !== undefined && { before: pageParam }) } } }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page: readonly Schemas["AuditEntry"][]) => (page.length < pageSize ? undefined : page.at(-1)?.n),
    refetchInterval: 30_000,
  });

export const auditCheckQuery = queryOptions({
  queryKey: ["audit-check"],
  queryFn: () => take(api.GET("/api/audit/verify")),
  enabled: false,
  staleTime: Number.POSITIVE_INFINITY,
});
