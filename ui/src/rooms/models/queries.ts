import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";
import { language } from "../../words/language.ts";

export const providerKindsQuery = queryOptions({
  queryKey: ["provider-kinds"],
  queryFn: () => take(api.GET("/api/providers/kinds", { params: { query: { language } } })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Where a provider's secret lies in the vault. */
export const secretName = (id: string, key: string) => `providers.${id}.${key}`;

export const putSecret = (name: string, value: string) =>
  take(api.PUT("/api/secrets/{name}", { params: { path: { name } }, body: { value } }));
export const removeSecret = (name: string) => take(api.DELETE("/api/secrets/{name}", { params: { path: { name } } }));
