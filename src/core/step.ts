import type { Choice } from "./choice.ts";
import type { TurnResult } from "./turn.ts";

/**
 * What models do in an agent's turn besides its own answer. Before it a step reads what was said, behind it the question and
 * the answer. What a step says is data: it is given no tools, and can choose, pass or put into words, nothing else.
 *
 * - `translate`: puts the input, or the answer, into another language.
 * - `classify`: names one of its choices; the agent is told, and later steps may depend on it.
 * - `summarise`: shortens a long input for the model, or a long answer for the person.
 * - `review`: lets the answer pass, or objects: then the agent answers again.
 */
export const stepRoles = ["translate", "classify", "summarise", "review"] as const;
export type StepRole = (typeof stepRoles)[number];

interface Common {
  /** `provider/model`, tried in order. */
  readonly models: readonly string[];
  /** In place of our words; with placeholders, see `fillInstructions`. */
  readonly instructions?: string | undefined;
  readonly maxOutputTokens: number;
  /** The turn goes on without it, or fails as it does when no model answers. */
  readonly whenFails: "skip" | "stop";
  /** Only where an earlier step chose one of these. Empty: always. */
  readonly when: readonly string[];
}

export interface TranslateStep extends Common {
  readonly role: "translate";
  /** A language tag (BCP 47), or `theirs`: the language of the question. */
  readonly to: string;
}

export interface ClassifyStep extends Common {
  readonly role: "classify";
  readonly choices: readonly Pick<Choice, "name" | "description" | "examples">[];
}

export interface SummariseStep extends Common {
  readonly role: "summarise";
  /** Characters from which on it is worth it. */
  readonly longerThan: number;
}

export interface ReviewStep extends Common {
  readonly role: "review";
  /** How often the agent may answer again. */
  readonly rounds: number;
}

export type Step = TranslateStep | ClassifyStep | SummariseStep | ReviewStep;

/** In their order. `before` has no review. */
export interface Steps {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

export const noSteps: Steps = { before: [], after: [] };

type Answer = Extract<TurnResult, { readonly kind: "answer" }>;

/**
 * What a step of a turn came to, the agent's own answer included (`answer`): kept with the event until its turn is over, so
 * that a try that begins again pays for nothing twice.
 */
export interface FinishedStep {
  /** Of what the step is and what it read: another step, or other words, are another matter. */
  readonly key: string;
  readonly role: StepRole | "generate";
  /** What it says: the words, the choice's name, the objections (none: it passed). */
  readonly text: string;
  readonly answer?: Omit<Answer, "kind" | "calls">;
}
