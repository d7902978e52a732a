import { z } from "zod";
import { get, post, put } from "../endpoint.ts";
import { Done, page } from "../schema/common.ts";
import * as message from "../schema/message.ts";

/** Messages, conversations, deliveries and what was given up. */
export const messagesGroup = {
  stories: get("/api/stories", "viewer", "The message flow, newest first: one line per inbound event.", {
    query: z.strictObject({ ...page, account: z.string().max(63).optional(), state: message.EventState.optional() }),
    answer: z.array(message.Story),
  }),
  trace: get(
    "/api/traces/{id}",
    "viewer",
    "The whole story of a message, by our id of its event, message, turn or delivery, or by the platform's id.",
    { answer: message.Trace },
  ),
  conversation: get("/api/conversations/{id}", "viewer", "One conversation.", { answer: message.Conversation }),
  messages: get("/api/conversations/{id}/messages", "viewer", "Its messages, newest first; `before` is a `seq`.", {
    query: z.strictObject(page),
    answer: z.array(message.StoredMessage),
  }),
  sendMessage: post(
    "/api/conversations/{id}/messages",
    "operator",
    "Writes into the conversation as an operator, or sends a template there.",
    {
      body: message.SendMessage,
      answer: message.SentMessage,
      status: 202,
    },
  ),
  setControl: put("/api/conversations/{id}/control", "operator", "Hands the conversation to a human, back to the agent, or pauses it.", {
    body: message.SetControl,
    answer: message.Conversation,
  }),
  reactToMessage: post(
    "/api/messages/{id}/react",
    "operator",
    "Puts the account's reaction on a message on the platform, or takes it away.",
    {
      body: message.React,
      answer: Done,
    },
  ),
  takeBackMessage: post("/api/messages/{id}/take-back", "operator", "Takes a message of ours back: there, and from what agents know.", {
    answer: message.TakenBack,
  }),
  file: get("/api/messages/{message}/files/{id}", "viewer", "An attachment of a message, to be saved.", {
    media: "application/octet-stream",
  }),
  deliveries: get("/api/deliveries", "viewer", "Deliveries; `state` may list several with commas.", {
    query: z.strictObject({
      state: z.string().max(100).optional(),
      account: z.string().max(63).optional(),
      conversation: z.string().max(64).optional(),
      retrying: z.literal("true").optional().meta({ description: "Only queued ones that were tried already." }),
      before: z.string().max(64).optional().meta({ description: "The id of the last one of the page before." }),
      limit: page.limit,
    }),
    answer: z.array(message.Delivery),
  }),
  retryDeliveries: post("/api/deliveries/retry", "operator", "Sends unknown, failed or dead deliveries again.", {
    body: message.Settle,
    answer: z.array(message.Delivery),
  }),
  dropDeliveries: post("/api/deliveries/drop", "operator", "Takes waiting deliveries away for good.", {
    body: message.Settle,
    answer: z.array(message.Delivery),
  }),
  deadLetters: get("/api/dead", "viewer", "What both edges gave up, the last first.", {
    query: message.DeadQuery,
    answer: z.array(message.DeadLetter),
  }),
  deadLetter: get("/api/dead/{id}", "viewer", "One of them, with what was tried.", { answer: message.DeadStory }),
  retryDead: post(
    "/api/dead/retry",
    "operator",
    "Queues them again: those of `ids`, or all that a filter fits (without `states`: but for `unknown`, which may arrive twice).",
    { body: message.SettleDead, answer: message.SettledDead },
  ),
  discardDead: post("/api/dead/discard", "operator", "Takes them away for good; they stay in their traces.", {
    body: message.SettleDead,
    answer: message.SettledDead,
  }),
  events: get("/api/events", "viewer", "Live events (server-sent events; each one's data is a LiveEvent).", {
    query: z.strictObject({ lastEventId: z.string().max(64).optional() }),
  }),
};
