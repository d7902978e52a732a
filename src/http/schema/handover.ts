import { z } from "zod";
import { AnyId, Instant, named, page } from "./common.ts";
import { Conversation, handover } from "./message.ts";

export const TakeOver = named(
  "TakeOver",
  z.strictObject({
    from: AnyId.optional().meta({ description: "Who has it, when it is to be taken from somebody." }),
    reason: z.string().max(300).optional(),
  }),
);

export const TakenOver = named(
  "TakenOver",
  z.object({
    conversation: Conversation,
    quiet: z.boolean().meta({
      description:
        "Nothing of the agent is on its way any more. False: its platform doesn't answer, and what it has already may still appear.",
    }),
  }),
);

export const Assign = named(
  "Assign",
  z.strictObject({
    to: AnyId.nullable().meta({ description: "An operator's id; null: nobody has it, and it waits." }),
    from: AnyId.nullable().meta({ description: "Who has it, as far as you know." }),
  }),
);

export const HandBack = named(
  "HandBack",
  z.strictObject({
    version: z.number().int().meta({ description: "`controlVersion` as you know it." }),
    note: z.string().max(4_000).optional().meta({ description: "For the agent: what happened meanwhile." }),
  }),
);

export const HandBackDraft = named(
  "HandBackDraft",
  z.object({
    note: z.string(),
    by: z.enum(["model", "messages"]).meta({ description: "Who made it: a model, or what was said put together." }),
  }),
);

export const Handovers = z.array(
  named(
    "HandoverRecord",
    z.object({
      ...handover,
      seq: z.number().int(),
      conversation: z.string(),
      agent: z.string().optional().meta({ description: "Who answered before." }),
      takenAt: Instant.optional().meta({ description: "When somebody took it for the first time." }),
      endedAt: Instant.optional().meta({ description: "Absent: it goes on." }),
      endedBy: z.string().optional(),
      note: z.string().optional().meta({ description: "What the agent was told." }),
      score: z.number().int().min(1).max(5).optional(),
      scoredAt: Instant.optional(),
    }),
  ),
);

export const HandoverQuery = z.strictObject({
  ...page,
  conversation: z.string().max(64).optional(),
  scored: z.literal("true").optional().meta({ description: "Only those with a score." }),
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
});

export const FileQuery = z.strictObject({
  name: z.string().trim().min(1).max(200),
  caption: z.string().trim().max(1_000).optional(),
});

export const Note = named(
  "Note",
  z.object({ seq: z.number().int(), id: z.string(), conversation: z.string(), by: z.string(), text: z.string(), at: Instant }),
);

export const WriteNote = named("WriteNote", z.strictObject({ text: z.string().trim().min(1).max(10_000) }));

export const Teammate = named("Teammate", z.object({ id: z.string(), name: z.string() }));
