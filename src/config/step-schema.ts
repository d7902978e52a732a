import { z } from "zod";
import type { Choice } from "../core/choice.ts";
import { type Step, type Steps, stepRoles } from "../core/step.ts";
import { entryName, modelName } from "./names.ts";

const languageTag = z.string().refine(isLanguage, "must be a language tag, as in de or pt-BR, or theirs");

function isLanguage(tag: string): boolean {
  try {
    return tag === "theirs" || Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const stepSchema = z
  .strictObject({
    role: z.enum(["generate", ...stepRoles]).describe("What is done; `generate` is the agent's own answer."),
    models: z.array(modelName).default([]).describe("The models that do it, tried in this order."),
    instructions: z.string().min(1).max(20_000).optional().describe("What they are told, in place of our words; with placeholders."),
    maxOutputTokens: z.int().min(16).max(1_000_000).optional().describe("Tokens that it may say. Missing: as many as an answer, or fewer."),
    whenFails: z
      .enum(["skip", "stop"])
      .default("skip")
      .describe(
        "When no model does it, or a review objects to the last: the turn goes on without it (`skip`), or gives no answer (`stop`).",
      ),
    when: z
      .union([entryName.transform((one) => [one]), z.array(entryName).min(1)])
      .default([])
      .describe("Only when an earlier step chose this, or one of these. Missing: always."),
    to: languageTag
      .optional()
      .describe("With `translate`: into which language, as in `en`; behind the answer also `theirs`, that of the question."),
    choices: z
      .record(
        entryName,
        z.strictObject({
          description: z.string().max(1_000).default("").describe("What such messages are about."),
          examples: z.array(z.string().min(1).max(1_000)).max(100).default([]).describe("Such messages."),
        }),
      )
      .optional()
      .describe("With `classify`: what there is to choose, by name."),
    longerThan: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe("With `summarise`: only what has more characters than this; 4,000 if missing."),
    rounds: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe("With `review`: how often the agent answers again after an objection; once if missing."),
  })
  .superRefine((step, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    const own = { to: "translate", choices: "classify", longerThan: "summarise", rounds: "review" } as const;
    for (const [key, role] of Object.entries(own)) {
      if (step[key as keyof typeof own] !== undefined && step.role !== role) wrong(key, `is for the role ${role} only`);
    }
    if (step.role === "generate") {
      if (step.models.length > 0) wrong("models", "are the agent's own for the role generate");
      if (step.when.length > 0) wrong("when", "can't be said of the role generate");
    } else if (step.models.length === 0) wrong("models", "must name a model");
    if (step.role === "translate" && step.to === undefined) wrong("to", "must name a language");
    if (step.role === "classify" && Object.keys(step.choices ?? {}).length === 0) wrong("choices", "must have a choice");
  });

type Written = z.infer<typeof stepSchema>;

/** In their order, with one `generate`. Empty: nothing but that. */
export const stepsSchema = z
  .array(stepSchema)
  .max(20)
  .superRefine((steps, context) => {
    const wrong = (path: readonly (string | number)[], message: string) => context.addIssue({ code: "custom", path: [...path], message });
    if (steps.length === 0) return;
    const own = steps.findIndex(({ role }) => role === "generate");
    if (steps.filter(({ role }) => role === "generate").length !== 1) return wrong([], "must have one step with the role generate");
    const choices = new Set<string>();
    for (const [index, { role, when, to, choices: chosen }] of steps.entries()) {
      if (index < own && role === "review") wrong([index], "reviews an answer: it must come behind generate");
      if (index < own && to === "theirs") wrong([index, "to"], "can be theirs only behind generate");
      for (const one of when) if (!choices.has(one)) wrong([index, "when"], `names ${one}, which no step before it can choose`);
      for (const name of Object.keys(chosen ?? {})) choices.add(name);
    }
  });

const least = { classify: 200, review: 1_000 } as const;

/** As the turn takes them. */
export function stepsOf(written: readonly Written[], maxOutputTokens: number): Steps {
  const own = written.findIndex(({ role }) => role === "generate");
  const read = (steps: readonly Written[]) => steps.flatMap((step) => stepOf(step, maxOutputTokens) ?? []);
  return { before: read(written.slice(0, Math.max(0, own))), after: read(written.slice(own + 1)) };
}

function stepOf({ role, models, instructions, whenFails, when, ...more }: Written, most: number): Step | undefined {
  const { maxOutputTokens = role === "classify" || role === "review" ? least[role] : most } = more;
  const common = { models, instructions, whenFails, when, maxOutputTokens };
  switch (role) {
    case "generate":
      return undefined;
    case "translate":
      return { ...common, role, to: more.to ?? "en" };
    case "classify":
      return {
        ...common,
        role,
        choices: Object.entries(more.choices ?? {}).map(
          ([name, choice]): Pick<Choice, "name" | "description" | "examples"> => ({ name, ...choice }),
        ),
      };
    case "summarise":
      return { ...common, role, longerThan: more.longerThan ?? 4_000 };
    case "review":
      return { ...common, role, rounds: more.rounds ?? 1 };
  }
}
