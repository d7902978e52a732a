import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";

export const backupsQuery = queryOptions({
  queryKey: ["backups"],
  queryFn: () => take(api.GET("/api/backups")),
  refetchInterval: 30_000,
});

export const backupPlaceQuery = queryOptions({
  queryKey: ["backups", "place"],
  queryFn: () => take(api.GET("/api/backups/place")),
});
