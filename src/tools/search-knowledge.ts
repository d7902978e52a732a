import { z } from "zod";
import { ok } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

/** Passages of about 1,200 characters each. */
const most = 8;

/** Looks only into what the agent was given: its `knowledge`. */
export default defineTool({
  name: "search_knowledge",
  effect: "none",
  description:
    "Searches the organisation's documents by words. Gives passages with the place where each stands; name it when you use one. Ask again with other words when nothing fits.",
  input: z.object({
    question: z.string().min(1).max(1_000).describe("What is looked for, in the words that the documents may use"),
  }),
  async run({ question }, { knowledge }) {
    const passages = await knowledge(question, most);
    if (passages.length === 0) return ok("Nothing was found.");
    return ok(passages.map(({ at, text }) => `[${at}]\n${text}`).join("\n\n"));
  },
});
