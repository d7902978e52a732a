import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";
import type { JsonSchema } from "./setting-schema.ts";

export const configQuery = queryOptions({ queryKey: ["config"], queryFn: () => take(api.GET("/api/config")) });

export const configSchemaQuery = queryOptions({
  queryKey: ["config-schema"],
  queryFn: async () => (await take(api.GET("/api/config/schema"))) as JsonSchema,
  staleTime: Number.POSITIVE_INFINITY,
});

export const secretsQuery = queryOptions({ queryKey: ["secrets"], queryFn: () => take(api.GET("/api/secrets")) });
