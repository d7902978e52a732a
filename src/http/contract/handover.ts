import { z } from "zod";
import { get, post } from "../endpoint.ts";
import { Done, page } from "../schema/common.ts";
import * as handover from "../schema/handover.ts";
import * as message from "../schema/message.ts";

/** People who speak in place of agents: who has what, and what they write for each other. */
export const handoverGroup = {
  takeOver: post(
    "/api/conversations/{id}/take",
    "operator",
    "Takes the conversation over: the agent is stopped at once. Answers when nothing of it is on its way any more.",
    { body: handover.TakeOver, answer: handover.TakenOver },
  ),
  sendFile: post(
    "/api/conversations/{id}/files",
    "operator",
    "Sends a file into the conversation, as an operator: its bytes are the body. Where a platform takes none, a link is sent.",
    { query: handover.FileQuery, bytes: true, answer: message.SentMessage, status: 202 },
  ),
  assign: post(
    "/api/conversations/{id}/assign",
    "operator",
    "Gives a conversation that people speak in to another operator, or to nobody.",
    {
      body: handover.Assign,
      answer: message.Conversation,
    },
  ),
  handBack: post("/api/conversations/{id}/return", "operator", "Hands the conversation back to the agent.", {
    body: handover.HandBack,
    answer: message.Conversation,
  }),
  draftNote: post(
    "/api/conversations/{id}/return-note",
    "operator",
    "What the agent may be told when it is handed back, from what was said since.",
    {
      answer: handover.HandBackDraft,
    },
  ),
  handovers: get(
    "/api/handovers",
    "viewer",
    "Times in which people spoke, newest first; `before` is a `seq`, `from` and `to` bound their begin.",
    {
      query: handover.HandoverQuery,
      answer: handover.Handovers,
    },
  ),
  notes: get("/api/conversations/{id}/notes", "viewer", "What operators wrote for each other, newest first; `before` is a `seq`.", {
    query: z.strictObject(page),
    answer: z.array(handover.Note),
  }),
  writeNote: post(
    "/api/conversations/{id}/notes",
    "operator",
    "Writes a note for other operators. It is never sent, and no model reads it.",
    {
      body: handover.WriteNote,
      answer: Done,
      status: 201,
    },
  ),
  team: get("/api/team", "viewer", "The operators' names.", { answer: z.array(handover.Teammate) }),
};
