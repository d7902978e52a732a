import { z } from "zod";
import { get, post, put, remove } from "../endpoint.ts";
import { Done } from "../schema/common.ts";
import * as inbox from "../schema/inbox.ts";
import { ConversationSummary } from "../schema/message.ts";

/** Conversations as operators share them, and what was said in them. */
export const inboxGroup = {
  search: get("/api/search", "viewer", "What was said, by its words, newest first.", {
    query: inbox.SearchQuery,
    answer: inbox.SearchAnswer,
  }),
  traces: get("/api/traces", "viewer", "Messages that came in, by sender, time and words, newest first, with what became of each.", {
    query: inbox.TracesQuery,
    answer: inbox.TracesAnswer,
  }),
  conversations: get("/api/conversations", "viewer", "Conversations, the latest first.", {
    query: inbox.ConversationQuery,
    answer: z.array(ConversationSummary),
  }),
  conversationCounts: get("/api/conversations/counts", "viewer", "How many conversations there are of each kind.", {
    answer: inbox.ConversationCounts,
  }),
  presences: get("/api/presence", "viewer", "Which operators look at a conversation or write there now.", {
    answer: z.array(inbox.PresenceAt),
  }),
  notePresence: post(
    "/api/conversations/{id}/presence",
    "viewer",
    "Says that who asks looks at the conversation (for 20 s), writes there (for 6 s; needs the role operator), or has left it. Customers see the channel's own sign while an operator writes, where people speak.",
    { body: inbox.NotePresence, answer: Done },
  ),
  replies: get("/api/replies", "viewer", "Canned replies, by name.", { answer: z.array(inbox.CannedReply) }),
  putReply: put("/api/replies/{name}", "operator", "Adds a canned reply, or replaces the one of that name.", {
    body: inbox.PutReply,
    answer: inbox.CannedReply,
  }),
  removeReply: remove("/api/replies/{name}", "operator", "Takes a canned reply away.", { answer: Done }),
  readAll: post("/api/conversations/read", "viewer", "Who asks has seen all that was said so far.", { answer: Done }),
  readConversation: post("/api/conversations/{id}/read", "viewer", "Who asks has seen what was said there so far.", { answer: Done }),
};
