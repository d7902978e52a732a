import { z } from "zod";
import { replyLimits, replyVariables } from "../../core/canned-reply.ts";
import { conversationStates } from "../../core/conversation-list.ts";
import { Instant, named, page } from "./common.ts";
import { Chat, Sender, Story } from "./message.ts";

/** `true` or absent, as an address says it. */
const Flag = z.literal("true").optional();
const Key = z.string().min(1).max(63).optional();

export const ConversationQuery = z.strictObject({
  ...page,
  account: Key,
  channel: Key,
  state: z
    .enum(conversationStates)
    .optional()
    .meta({ description: "Who speaks. `waiting`: people do, and nobody has it; `mine`: people do, and who asks has it." }),
  unread: Flag.meta({ description: "Only those in which something was said that who asks hasn't seen." }),
  trouble: Flag.meta({ description: "Only those with something in the queue that waits for a decision, or without an answer." }),
  q: z.string().max(100).optional().meta({ description: "Letters of the title or chat id, or words of a sender's name." }),
  sort: z
    .enum(["last", "waiting"])
    .optional()
    .meta({ description: "`waiting`: only those in which people speak, those first that wait the longest." }),
});

export const ConversationCounts = named(
  "ConversationCounts",
  z.object({
    all: z.number().int(),
    unread: z.number().int(),
    human: z.number().int(),
    waiting: z.number().int(),
    mine: z.number().int(),
    paused: z.number().int(),
    trouble: z.number().int(),
  }),
);

const marks = z
  .array(z.object({ from: z.number().int(), to: z.number().int() }))
  .meta({ description: "What was found in `snippet`, in UTF-16 units, ends excluded." });

export const SearchQuery = z.strictObject({
  ...page,
  q: z.string().max(300).default("").meta({
    description: 'Words (also by their beginning), "phrases", -without. There is no wrong query; without letters it asks nothing.',
  }),
  sender: z.string().max(100).optional().meta({ description: "Words of the sender's name, handle or id." }),
  account: Key,
  conversation: z.string().max(64).optional(),
  direction: z.enum(["in", "out"]).optional(),
  from: z.coerce.number().int().optional().meta({ description: "Milliseconds since 1970, included." }),
  to: z.coerce.number().int().optional().meta({ description: "Milliseconds since 1970, included." }),
});

export const TracesQuery = SearchQuery.omit({ conversation: true, direction: true });

export const TracesAnswer = named(
  "TracesAnswer",
  z.object({
    found: z.array(z.object({ story: Story, snippet: z.string(), marks })),
    next: z.number().int().optional().meta({ description: "`before` of the next page, if there is one." }),
    behind: z.boolean().meta({ description: "Not all that is stored can be found yet." }),
  }),
);

export const SearchHit = named(
  "SearchHit",
  z.object({
    cursor: z.number().int(),
    message: z.string(),
    trace: z.string(),
    conversation: z.string(),
    account: z.string(),
    channel: z.string(),
    chat: Chat,
    direction: z.enum(["in", "out"]),
    author: z.enum(["agent", "operator", "system"]).optional(),
    sender: Sender.optional(),
    at: Instant,
    snippet: z.string(),
    marks,
  }),
);

export const SearchAnswer = named(
  "SearchAnswer",
  z.object({
    hits: z.array(SearchHit),
    next: z.number().int().optional().meta({ description: "`before` of the next page, if there is one." }),
    behind: z.boolean().meta({ description: "Not all that is stored can be found yet." }),
  }),
);

export const Presence = named("Presence", z.object({ operator: z.string(), name: z.string(), doing: z.enum(["viewing", "typing"]) }));

export const PresenceAt = named("PresenceAt", z.object({ conversation: z.string(), present: z.array(Presence) }));

export const NotePresence = named("NotePresence", z.strictObject({ doing: z.enum(["viewing", "typing", "gone"]) }));

export const CannedReply = named(
  "CannedReply",
  z.object({
    name: z.string(),
    text: z.string().meta({ description: `With variables: ${replyVariables.map((name) => `\`{{${name}}}\``).join(", ")}.` }),
    by: z.string(),
    updatedAt: Instant,
    unknown: z.array(z.string()).meta({ description: "Variables that nothing stands for: they are shown, and not sent." }),
  }),
);

export const PutReply = named("PutReply", z.strictObject({ text: z.string().trim().min(1).max(replyLimits.text) }));
