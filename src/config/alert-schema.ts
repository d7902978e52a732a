import { z } from "zod";
import { alertMeasures } from "../core/alert.ts";
import { entryName, platformId } from "./names.ts";

export const noticePlace = z.strictObject({
  account: entryName.describe("The account that tells."),
  chat: platformId.describe("The platform's id of the chat; nobody need have written there before."),
  thread: platformId.optional().describe("The platform's id of the thread in it."),
});

export const alertSchema = z.strictObject({
  measure: z.enum(alertMeasures).describe("What is watched; docs/alerts.md says what each is."),
  above: z.number().min(0).max(1e9).optional().describe("It fires when there is more than this."),
  below: z.number().min(0).max(1e9).optional().describe("It fires when there is less than this; a rule has one of the two."),
  hours: z.int().min(1).max(168).optional().describe("Of what is counted: this hour and so many before it; 1 without `minutes`."),
  minutes: z.int().min(1).max(59).optional().describe("In place of `hours`: this minute and so many before it."),
  forMinutes: z
    .int()
    .min(0)
    .max(1440)
    .default(5)
    .describe("Minutes on end for which it must be so before it fires, and otherwise before that is over."),
  account: z.string().min(1).optional().describe("Only what is counted on this account."),
  channel: z.string().min(1).optional().describe("Only what is counted on this kind of platform."),
  agent: z.string().min(1).optional().describe("Only what is counted of this agent."),
  to: z
    .array(noticePlace)
    .max(16)
    .optional()
    .describe("Who is told. Missing: the places of `notices`; empty: nobody, it stands among the findings."),
  repeatHours: z
    .int()
    .min(1)
    .max(8760)
    .optional()
    .describe("Hours after which it is told again while it lasts. Missing: as `notices` says."),
  mutedUntil: z.iso.datetime({ offset: true }).optional().describe("Until then nobody is told, and it isn't among the findings."),
});
