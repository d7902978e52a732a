import { z } from "zod";
import { entryName } from "../../config/names.ts";
import { AgentDraft } from "./account.ts";
import { AnyId, FaultView, named } from "./common.ts";

export const Play = named(
  "Play",
  z.strictObject({
    agent: entryName,
    draft: AgentDraft.optional().meta({ description: "In place of what is saved. For the role admin." }),
    said: z
      .array(z.strictObject({ from: z.enum(["operator", "agent"]), text: z.string().min(1).max(50_000) }))
      .min(1)
      .max(500)
      .refine((said) => said.at(-1)?.from === "operator", "must end with what the operator says")
      .meta({ description: "The whole conversation: nothing of it is stored. The last is what is to be answered." }),
    channel: z.string().min(1).max(63).default("webchat").meta({ description: "The channel whose style it answers in." }),
  }),
);

export const AllowTool = named(
  "AllowTool",
  z.strictObject({ question: AnyId.meta({ description: "Of the `tool` event that asks." }), allow: z.boolean() }),
);

const call = z.object({ id: z.string(), name: z.string(), input: z.string().meta({ description: "As the model wrote it: JSON." }) });
const tokens = z.number().int();

export const PlayEvent = named(
  "PlayEvent",
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("model"), model: z.string() }).meta({ description: "Who is asked now." }),
    z.object({ type: z.literal("text"), delta: z.string() }),
    z
      .object({ type: z.literal("tool"), state: z.literal("asks"), call, question: z.string() })
      .meta({ description: "Nothing goes on until `POST /api/playground/tools` answers the question." }),
    z.object({ type: z.literal("tool"), state: z.literal("running"), call }),
    z
      .object({
        type: z.literal("tool"),
        state: z.enum(["done", "failed", "refused", "skipped"]),
        call,
        result: z.string(),
        ms: z.number(),
      })
      .meta({ description: "`refused`: not allowed. `skipped`: it acts on a conversation, and there is none." }),
    z.object({
      type: z.literal("call"),
      model: z.string(),
      ms: z.number(),
      firstMs: z.number().meta({ description: "Until something came of it." }),
      input: tokens,
      cachedInput: tokens,
      output: tokens,
      reported: z.boolean().meta({ description: "False when the provider didn't say how many." }),
      cost: z
        .object({
          usd: z.number(),
          source: z.string().meta({ description: "Where the price is from." }),
          perMillion: z.record(z.string(), z.number()).meta({ description: "US dollars per million tokens, as they were then." }),
        })
        .optional()
        .meta({ description: "Absent when nobody knows the price." }),
    }),
    z
      .object({ type: z.literal("end"), reason: z.enum(["stop", "length", "filter", "steps"]) })
      .meta({ description: "`steps`: it had as many calls as `limits.steps` allows." }),
    z.object({ type: z.literal("fail"), fault: FaultView }),
  ]),
);
