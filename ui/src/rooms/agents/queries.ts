import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";

/** As it is written in the configuration. */
export interface WrittenRoute {
  readonly agent: string;
  readonly when?: { readonly [condition: string]: unknown };
}

export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "preview", id],
    queryFn: () => take(api.GET("/api/agents/{id}/preview", { params: { path: { id }, query: {} } })),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "versions", id],
    queryFn: () => take(api.GET("/api/agents/{id}/versions", { params: { path: { id } } })),
  });

export const modelsQuery = queryOptions({ queryKey: ["models"], queryFn: () => take(api.GET("/api/models")), refetchInterval: 15_000 });

export const putSetting = (path: string, value: unknown) =>
  take(api.PUT("/api/settings/{path}", { params: { path: { path } }, body: { value } }));
