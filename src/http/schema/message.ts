import { z } from "zod";
import { mostUnread } from "../../core/records.ts";
import { AnyId, Control, Instant, Json, named, page } from "./common.ts";

const Source = z.discriminatedUnion("at", [
  z.object({ at: z.literal("platform"), ref: z.string(), mediaType: z.string().optional(), size: z.number().optional() }),
  z.object({ at: z.literal("store"), id: z.string(), mediaType: z.string(), size: z.number() }),
  z.object({ at: z.literal("nowhere"), reason: z.string() }),
]);

export const Part = named(
  "Part",
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string(), markup: z.enum(["plain", "markdown"]) }),
    z.object({
      type: z.enum(["image", "file", "audio", "video", "voice"]),
      source: Source,
      name: z.string().optional(),
      caption: z.string().optional(),
    }),
    z.object({ type: z.literal("location"), latitude: z.number(), longitude: z.number(), title: z.string().optional() }),
    z.object({ type: z.literal("contact"), name: z.string(), phone: z.string().optional() }),
    z.object({ type: z.literal("poll"), question: z.string(), options: z.array(z.string()), multiple: z.literal(true).optional() }),
    z.object({
      type: z.literal("template"),
      name: z.string(),
      language: z.string().optional(),
      parameters: z.record(z.string(), z.string()),
    }),
    z.object({
      type: z.literal("buttons"),
      rows: z.array(z.array(z.object({ label: z.string(), value: z.string(), url: z.string().optional() }))),
    }),
  ]),
);

export const Chat = named(
  "Chat",
  z.object({ id: z.string(), thread: z.string().optional(), kind: z.enum(["direct", "group"]), title: z.string().optional() }),
);

export const Sender = named(
  "Sender",
  z.object({ id: z.string(), name: z.string().optional(), handle: z.string().optional(), bot: z.boolean(), self: z.boolean() }),
);

export const handover = {
  id: z.string(),
  since: Instant,
  by: z.string().meta({
    description: "Who wanted it: an operator's id, `token:<label>`, `cli`, `sender:<id>`, `agent:<id>`, `rule:<agent>` or `gateway`.",
  }),
  reason: z.string().optional(),
  summary: z.string().optional().meta({ description: "What it is about, as the model said that handed it over." }),
  assignee: z.string().optional().meta({ description: "The operator who has it. Absent: it waits for somebody." }),
  assignedAt: Instant.meta({ description: "Since when the assignee has it, or it waits." }),
  returnAt: Instant.optional().meta({ description: "When it goes back to the agent by itself, unless an operator writes before." }),
};
export const Handover = named("Handover", z.object(handover));

export const Conversation = named(
  "Conversation",
  z.object({
    id: z.string(),
    account: z.string(),
    channel: z.string(),
    chat: Chat,
    control: Control,
    controlVersion: z.number().int(),
    agent: z.string().optional().meta({ description: "Whom it was handed to, in place of its route's agent." }),
    handover: Handover.optional().meta({ description: "While people speak there." }),
  }),
);

export const ConversationSummary = named(
  "ConversationSummary",
  z.object({
    ...Conversation.shape,
    cursor: z.number(),
    lastAt: Instant,
    lastPreview: z.string(),
    unread: z.boolean().meta({ description: "Something was said that who asks hasn't seen." }),
    unreadCount: z
      .number()
      .int()
      .min(0)
      .max(mostUnread)
      .meta({
        description: `How many messages that is, without what agents answered; ${mostUnread} are so many or more.`,
      }),
    trouble: z.boolean().meta({ description: "Its last message got no answer, or that didn't arrive." }),
  }),
);

const pastMessage = {
  id: z.string(),
  conversation: z.string(),
  direction: z.enum(["in", "out"]),
  author: z.enum(["agent", "operator", "system"]).optional(),
  sender: Sender.optional(),
  parts: z.array(Part),
  at: Instant,
};
export const PastMessage = named("PastMessage", z.object(pastMessage));

export const DeliveryState = named(
  "DeliveryState",
  z.enum(["streaming", "queued", "sending", "sent", "unknown", "failed", "dead", "dropped"]),
);

export const StoredMessage = named(
  "StoredMessage",
  z.object({
    ...pastMessage,
    seq: z.number(),
    trace: z.string(),
    delivery: DeliveryState.optional(),
    broken: z.literal(true).optional().meta({ description: "An answer that was cut off: this is what was seen of it." }),
  }),
);

export const Delivery = named(
  "Delivery",
  z.object({
    id: z.string(),
    trace: z.string(),
    account: z.string(),
    conversation: z.string(),
    chat: Chat,
    message: z.string(),
    turn: z.string().optional(),
    state: DeliveryState,
    text: z.string().meta({ description: "What the reader sees, without markup; empty when only a file is sent." }),
    file: z.string().optional().meta({ description: "The name, or else the kind, of the file that goes with it." }),
    attempts: z.number().int(),
    dueAt: Instant,
    createdAt: Instant,
    onUnknown: z.enum(["repeat", "resend", "hold"]),
    receipt: z.string().optional().meta({ description: "The platform's id." }),
    confirmed: z.enum(["delivered", "read"]).optional().meta({ description: "What the platform told of it afterwards." }),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
);

export const React = named(
  "React",
  z.strictObject({
    reaction: z.string().min(1).max(32).optional().meta({ description: "One emoji; absent: the account's reaction is taken away." }),
  }),
);

export const TakenBack = named(
  "TakenBack",
  z.object({ lost: z.number().int().meta({ description: "Pieces of which nobody knows whether the platform has them: look there." }) }),
);

export const DeadState = named("DeadState", z.enum(["unknown", "failed", "dead", "poison"]));

export const DeadLetter = named(
  "DeadLetter",
  z.object({
    id: z.string().meta({ description: "Of the delivery, or of the event that was set aside (`poison`)." }),
    state: DeadState,
    trace: z.string(),
    account: z.string(),
    conversation: z.string(),
    chat: Chat,
    attempts: z.number().int(),
    createdAt: Instant,
    at: Instant.meta({ description: "Since when it is given up." }),
    preview: z.string(),
    error: z.object({ code: z.string(), message: z.string() }),
    cursor: z.string().optional().meta({ description: "In a list: `after` of what comes behind it." }),
  }),
);

const deadFilter = { account: z.string().max(63).optional(), code: z.string().max(63).optional() };

export const DeadQuery = z.strictObject({
  state: z.string().max(100).optional().meta({ description: "`unknown`, `failed`, `dead`, `poison`; several with commas." }),
  ...deadFilter,
  after: z
    .string()
    .regex(/^\d{1,16}\.\d{1,16}$/)
    .optional()
    .meta({ description: "The cursor of the last one of the page before." }),
  limit: page.limit,
});

/** `ids`, or `all` that the filter fits. */
export const SettleDead = named(
  "SettleDead",
  z.union([
    z.strictObject({ ids: z.array(AnyId).min(1).max(1_000) }),
    z.strictObject({ all: z.strictObject({ states: z.array(DeadState).min(1).max(4).optional(), ...deadFilter }) }),
  ]),
);

export const SettledDead = named("SettledDead", z.object({ settled: z.number().int() }));

export const LedgerEntry = named(
  "LedgerEntry",
  z.object({
    trace: z.string(),
    stage: z.string(),
    at: Instant,
    reason: z.string().optional(),
    detail: z.record(z.string(), Json).optional(),
  }),
);

export const EventState = named("EventState", z.enum(["queued", "running", "done", "ignored", "failed", "cancelled"]));

export const Story = named(
  "Story",
  z.object({
    trace: z.string(),
    cursor: z.number(),
    conversation: z.string(),
    account: z.string(),
    channel: z.string(),
    senderName: z.string().optional(),
    preview: z.string(),
    state: EventState,
    reason: z.string().optional(),
    delivery: DeliveryState.optional().meta({ description: "Of an answer: the worst state of its deliveries." }),
    receivedAt: Instant,
    endedAt: Instant.optional(),
  }),
);

export const Trace = named(
  "Trace",
  z.object({
    trace: z.string(),
    joined: z.string().optional().meta({
      description: "The event whose turn answered this one, if that isn't its own: the answer and its deliveries are that turn's.",
    }),
    conversation: Conversation,
    event: z
      .object({
        id: z.string(),
        kind: z.string(),
        key: z.string().meta({ description: "The platform's id of the event." }),
        state: EventState,
        repeats: z.number().int().meta({ description: "How often the platform sent it again." }),
      })
      .optional(),
    messages: z.array(PastMessage),
    entries: z.array(LedgerEntry),
    deliveries: z.array(Delivery),
  }),
);

/** What is sent instead of words. */
export const TemplateInput = named(
  "TemplateInput",
  z.strictObject({
    name: z.string().min(1).max(512),
    language: z.string().max(20).optional().meta({ description: "As the platform writes it: `en_US`." }),
    parameters: z
      .union([z.array(z.string()).max(50), z.record(z.string(), z.string())])
      .optional()
      .meta({ description: "In order, or by the names of their places." }),
  }),
);

export const SendMessage = named(
  "SendMessage",
  z.union([
    z.strictObject({
      text: z.string().trim().min(1).max(20_000),
      markup: z.enum(["plain", "markdown"]).optional().meta({ description: "`plain` if absent." }),
    }),
    z.strictObject({ template: TemplateInput }),
  ]),
);

export const SentMessage = named(
  "SentMessage",
  z.object({ message: z.string().meta({ description: "Also the id of its trace." }), deliveries: z.array(z.string()) }),
);

export const SetControl = named("SetControl", z.strictObject({ control: Control, version: z.number().int().min(0) }));

export const Settle = named("SettleDeliveries", z.strictObject({ ids: z.array(AnyId).min(1).max(1_000) }));

export const DeadStory = named("DeadStory", z.object({ letter: DeadLetter, entries: z.array(LedgerEntry) }));
