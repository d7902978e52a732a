import { z } from "zod";
import type { HandoverSettings } from "../core/handover.ts";
import { say } from "../core/say.ts";
import type { Check } from "./entries.ts";
import { textMatcher } from "./matchers.ts";
import type { Path } from "./tree.ts";

const weekMs = 7 * 86_400_000;

const patterns = z.array(z.string().min(1).max(1_000)).max(50);
const failures = z.int().min(0).max(100);
const sentence = z.string().max(1_000);
const returnAfterMs = z.int().min(0).max(weekMs);

const about = {
  patterns: "Patterns that call a person when one is found in a message: RE2 syntax, whatever the case.",
  failures: "So many answers in a row that fail call a person. 0: none do.",
  say: "What whoever writes is told then.",
  returnAfterMs: "Milliseconds without a word of an operator after which the agent answers again. 0: never by itself.",
  ask: "A question that is asked when people hand a conversation back, with buttons from 1 to 5 for an answer. Empty: none.",
};

/** For all agents. */
export const handoverSchema = z.strictObject({
  patterns: patterns.default([]).describe(about.patterns),
  failures: failures.default(0).describe(about.failures),
  say: sentence.optional().describe(`${about.say} Missing: a sentence of ours; empty: nothing.`),
  returnAfterMs: returnAfterMs.default(0).describe(about.returnAfterMs),
  ask: sentence.default("").describe(about.ask),
});

const inherited = "Missing: as in `handover`.";

/** What one agent does otherwise, setting by setting. */
export const agentHandoverSchema = z.strictObject({
  patterns: patterns.optional().describe(`${about.patterns} In place of those in \`handover\`. ${inherited}`),
  failures: failures.optional().describe(`${about.failures} ${inherited}`),
  say: sentence.optional().describe(`${about.say} Empty: nothing. ${inherited}`),
  returnAfterMs: returnAfterMs.optional().describe(`${about.returnAfterMs} ${inherited}`),
  ask: sentence.optional().describe(`${about.ask} ${inherited}`),
});

const nobody = () => undefined;

/** Where nothing is set. */
export const noHandover: HandoverSettings = { wanted: nobody, returnAfterMs: 0, ask: "" };

/** What is set there, over what holds otherwise; its patterns compiled. */
export async function handoverOf(
  own: z.output<typeof agentHandoverSchema>,
  common: HandoverSettings,
  at: Path,
  check: Pick<Check, "notes">,
): Promise<HandoverSettings> {
  const { patterns, failures = common.failures ?? 0, say = common.say, returnAfterMs = common.returnAfterMs, ask = common.ask } = own;
  return {
    wanted: patterns === undefined ? common.wanted : await wantedBy(patterns, at, check),
    ...(failures > 0 && { failures }),
    ...(say !== undefined && { say }),
    returnAfterMs,
    ask,
  };
}

/** A pattern that is none is left out: a person who isn't called by it can be called by `/human`. */
async function wantedBy(patterns: readonly string[], at: Path, { notes }: Pick<Check, "notes">): Promise<HandoverSettings["wanted"]> {
  const compiled: { readonly pattern: string; readonly found: (text: string) => boolean }[] = [];
  for (const [index, pattern] of patterns.entries()) {
    try {
      compiled.push({ pattern, found: await textMatcher(pattern) });
    } catch (thrown) {
      notes.add(
        "pattern-invalid",
        "error",
        [...at, "patterns", String(index)],
        say`\`${pattern.slice(0, 100)}\` isn't a pattern, and calls nobody: ${(thrown as Error).message}`,
        say`Correct it; the syntax is RE2's, without look-around and back-references.`,
      );
    }
  }
  // The same for all: a configuration in which nothing changed is to equal the one before.
  if (compiled.length === 0) return nobody;
  return (text) => compiled.find(({ found }) => found(text))?.pattern;
}
