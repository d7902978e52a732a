import { z } from "zod";
import { ok } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

export default defineTool({
  name: "react",
  effect: "conversation",
  description: "Puts one emoji as a reaction on the message that you answer, or takes yours away again. Platforms allow some emoji only.",
  input: z.object({ emoji: z.string().min(1).max(32).optional().describe("One emoji, e.g. 👍; leave it out to take yours away") }).strict(),
  async run({ emoji }, { react, signal }) {
    const why = await react(emoji, signal);
    if (why) return { ok: false, fault: why };
    return ok(emoji === undefined ? "The reaction is gone." : `The message has the reaction ${emoji} now.`);
  },
});
