import { z } from "zod";
import { fail, ok } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

const input = z
  .object({
    action: z.enum(["set", "list", "cancel"]).default("set").describe("What to do; set if absent."),
    text: z.string().min(1).max(1_000).optional().describe("What to be reminded of, as it is to be said; for set."),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("When, as ISO 8601 with an offset, e.g. 2026-11-26T15:00:00+01:00; for set. Ask for the time zone if you don't know it."),
    minutes: z.number().min(1).max(5_256_000).optional().describe("Or in so many minutes from now; for set."),
    id: z.string().max(64).optional().describe("Which one; for cancel."),
  })
  .strict();

const longestMs = 10 * 365 * 86_400_000;

export default defineTool({
  name: "remind_me",
  effect: "conversation",
  description:
    "Sets a reminder for the person who asks: it is said in this conversation at the time. Also lists and cancels that person's reminders.",
  input,
  async run({ action, text, at, minutes, id }, { reminders, clock }) {
    const now = clock.now();
    if (action === "list") {
      const set = await reminders.list();
      return ok(
        set.length === 0 ? "There are none." : set.map((one) => `${one.id}: ${new Date(one.dueAt).toISOString()} ${one.text}`).join("\n"),
      );
    }
    if (action === "cancel") {
      if (id === undefined) return fail("request-invalid", "id is missing: list the reminders first");
      return (await reminders.cancel(id))
        ? ok("It is cancelled.")
        : fail("not-found", `this person has no reminder ${JSON.stringify(id)} here`);
    }
    if (text === undefined) return fail("request-invalid", "text is missing");
    if ((at === undefined) === (minutes === undefined)) return fail("request-invalid", "give either at or minutes");
    const dueAt = at === undefined ? now + Math.round((minutes ?? 0) * 60_000) : Date.parse(at);
    if (dueAt <= now) return fail("request-invalid", `${at} is past: it is ${new Date(now).toISOString()} now`);
    if (dueAt - now > longestMs) return fail("request-invalid", "that is more than ten years ahead");
    const made = await reminders.set(text, dueAt);
    if (made === undefined) return fail("sender-quota", "this person has as many reminders as one may have: cancel some first");
    return ok(`Set for ${new Date(dueAt).toISOString()} (${made}).`);
  },
});
