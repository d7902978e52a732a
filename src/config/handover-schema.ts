import { z } from "zod";
import type { HandoverSettings } from "../core/handover.ts";
import type { Check } from "./entries.ts";
import { textMatcher } from "./matchers.ts";
import type { Path } from "./tree.ts";

const weekMs = 7 * 86_400_000;

export const handoverSchema = z.strictObject({
  patterns: z
    .array(z.string().min(1).max(1_000))
    .max(50)
    .default([])
    .describe("Patterns that call a person when one is found in a message: RE2 syntax, whatever the case."),
  failures: z.int().min(1).max(100).optional().describe("So many answers in a row that fail call a person. Missing: none do."),
  say: z.string().max(1_000).optional().describe("What whoever writes is told then. Missing: a sentence of ours; empty: nothing."),
  returnAfterMs: z
    .int()
    .min(0)
    .max(weekMs)
    .default(0)
    .describe("Milliseconds without a word of an operator after which the agent answers again. 0: never by itself."),
  ask: z
    .string()
    .max(1_000)
    .default("")
    .describe("A question that is asked when people hand a conversation back, with buttons from 1 to 5 for an answer. Empty: none."),
});

const nobody = () => undefined;

/** What of it is compiled. A pattern that is none is left out: a person who isn't called by it can be called by `/human`. */
export async function handoverOf(
  { patterns, ...plain }: z.output<typeof handoverSchema>,
  at: Path,
  { notes }: Pick<Check, "notes">,
): Promise<HandoverSettings> {
  const compiled: { readonly pattern: string; readonly found: (text: string) => boolean }[] = [];
  for (const [index, pattern] of patterns.entries()) {
    try {
      compiled.push({ pattern, found: await textMatcher(pattern) });
    } catch (thrown) {
      notes.add(
        "pattern-invalid",
        "error",
        [...at, "patterns", String(index)],
        `\`${pattern.slice(0, 100)}\` isn't a pattern, and calls nobody: ${(thrown as Error).message}`,
        "Correct it; the syntax is RE2's, without look-around and back-references.",
      );
    }
  }
  // The same for all: a configuration in which nothing changed is to equal the one before.
  if (compiled.length === 0) return { ...plain, wanted: nobody };
  return { ...plain, wanted: (text) => compiled.find(({ found }) => found(text))?.pattern };
}
