import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";

const mostNotes = 100;

/** The newest notes of operators; a conversation seldom has more. */
export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: ["notes", id],
    queryFn: () => take(api.GET("/api/conversations/{id}/notes", { params: { path: { id }, query: { limit: mostNotes } } })),
  });

export const teamQuery = queryOptions({ queryKey: ["team"], queryFn: () => take(api.GET("/api/team")), staleTime: 60_000 });
