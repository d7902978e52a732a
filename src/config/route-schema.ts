import { z } from "zod";
import { defaultCollectMs, inboundModes } from "../core/route.ts";
import { weekdays } from "./matchers.ts";
import { entryName, modelName, platformId } from "./names.ts";

const platformIds = z.union([platformId.transform((id) => [id]), z.array(platformId).min(1)]);
const languageCode = z.string().regex(/^[a-z]{2}$/, "must be an ISO 639-1 code, as in en");
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "must be a time of day, as in 09:30");

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

export const classifySchema = z.strictObject({
  by: z.enum(["model", "embedding"]).describe("A small model that is told the choices, or vectors of their examples."),
  models: z.array(modelName).min(1).describe("The models that choose, tried in this order."),
  floor: z.number().min(0).max(1).default(0.6).describe("Confidence below which the route's own agent answers."),
  choices: z
    .record(
      entryName,
      z.strictObject({
        description: z.string().max(1_000).default("").describe("What such messages are about, for the model that chooses."),
        examples: z.array(z.string().min(1).max(1_000)).max(100).default([]).describe("Such messages."),
        agent: z.string().min(1).optional().describe("Who answers them. Missing: the route's agent."),
        models: z.array(modelName).default([]).describe("Models that answer in place of the agent's."),
      }),
    )
    .refine((choices) => Object.keys(choices).length > 0, "must have a choice")
    .describe("What there is to choose, by name."),
});

export const routeSchema = z.strictObject({
  when: z
    .strictObject({
      channel: z.string().min(1).optional().describe("The kind of platform."),
      account: z.string().min(1).optional().describe("The account's name."),
      tenant: z.string().min(1).optional().describe("The tenant."),
      chat: platformIds.optional().describe("The platform's chat id, or a list of them."),
      sender: platformIds.optional().describe("The platform's id of the sender, or a list of them."),
      text: z.string().min(1).max(1_000).optional().describe("A pattern that is found in the message: RE2 syntax, whatever the case."),
      language: z
        .union([languageCode.transform((one) => [one]), z.array(languageCode).min(1)])
        .optional()
        .describe("The language of the message, or a list of them (ISO 639-1); one that can't be told is none of them."),
      time: z
        .strictObject({
          days: z.array(z.enum(weekdays)).default([]).describe("On these days. Missing: on all."),
          from: timeOfDay.default("00:00").describe("From this time on, as in 09:00."),
          to: timeOfDay.default("24:00").describe("Up to this time; before `from`: over midnight."),
          zone: z.string().refine(isZone, "must be a time zone such as Europe/Berlin").default("UTC").describe("The time zone."),
        })
        .optional()
        .describe("When it was received."),
      kind: z.enum(["direct", "group"]).optional().describe("Direct chats or groups."),
    })
    .optional()
    .describe("Conditions; the route is taken when all of them hold. Missing: always."),
  agent: z.string().min(1).describe("The agent that answers."),
  classify: classifySchema.optional().describe("Picks another agent, or other models, by what is asked; see docs/routing.md."),
  mode: z
    .enum(inboundModes)
    .default("queue")
    .describe(
      "What becomes of a message that comes before the one in front of it is answered: it waits for a turn of its own (`queue`), is answered with others once nobody writes for a while (`collect`), becomes part of the turn that runs (`steer`), or cancels it (`interrupt`). See docs/scheduling.md.",
    ),
  collectMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(defaultCollectMs)
    .describe("With `collect`: milliseconds without a new message after which the turn begins; ten times that in any case."),
});
