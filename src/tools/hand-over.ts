import { z } from "zod";
import { ok } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

export default defineTool({
  name: "hand_over",
  effect: "conversation",
  description:
    "Hands this conversation over to a person of the staff, when somebody asks for one, when you can't help, or when you aren't sure of an answer that matters. After your answer you stay silent until a person gives it back: say so.",
  input: z.object({
    reason: z.string().max(300).describe("Why, in one sentence, for the staff"),
    summary: z.string().max(2_000).optional().describe("What it is about: what the person wants, facts and numbers, what was tried"),
  }),
  run(called, { handOver }) {
    handOver(called);
    return ok("A person takes over after your answer. Tell the person you talk to.");
  },
});
