import { get } from "../endpoint.ts";
import { ExportQuery } from "../schema/export.ts";

/** What was said, to be taken elsewhere. */
export const exportGroup = {
  exportMessages: get("/api/export/messages.csv", "operator", "Messages as comma-separated values, one a line, the oldest first.", {
    query: ExportQuery,
    media: "text/csv",
  }),
  exportConversations: get(
    "/api/export/conversations.csv",
    "operator",
    "Conversations as comma-separated values, one a line, the latest first.",
    { query: ExportQuery, media: "text/csv" },
  ),
};
