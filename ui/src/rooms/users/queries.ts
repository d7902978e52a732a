import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";

export const operatorsQuery = queryOptions({
  queryKey: ["operators"],
  queryFn: () => take(api.GET("/api/operators")),
  refetchInterval: 30_000,
});

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: () => take(api.GET("/api/invitations")),
  refetchInterval: 30_000,
});

export const loginsQuery = queryOptions({
  queryKey: ["logins"],
  queryFn: () => take(api.GET("/api/logins")),
  refetchInterval: 30_000,
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: () => take(api.GET("/api/tokens")),
  refetchInterval: 30_000,
});
