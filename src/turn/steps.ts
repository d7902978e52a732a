import { type Fault, fault } from "../core/errors.ts";
import type { Situation } from "../core/instructions.ts";
import { type Part, plainText, type TextPart, textPart } from "../core/message.ts";
import type { ModelMessage } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { FinishedStep, Step } from "../core/step.ts";
import type { TurnResult } from "../core/turn.ts";
import type { PromptFor } from "./prompt.ts";
import { answering, type Run, reading } from "./step-runs.ts";

export type Ending = OwnAnswer | OwnFailure;
type OwnAnswer = Omit<Extract<TurnResult, { readonly kind: "answer" }>, "calls">;
type OwnFailure = Omit<Extract<TurnResult, { readonly kind: "failure" }>, "calls">;

/** What came of a run. `ending` is how the turn ends where it can't go on without it. */
export type Outcome = { readonly kind: "finished"; readonly finished: FinishedStep } | { readonly kind: "failed"; readonly ending: Ending };

export interface StepsOf {
  readonly agent: Agent;
  readonly situation: Situation;
  /** The input, and what joined it. */
  readonly input: readonly (readonly Part[])[];
  /** It answers a question of ours, yes or no: there is nothing in it to read. */
  readonly verdict: boolean;
  /** Why it was handed over to the agent. */
  readonly handed?: string | undefined;
  /** What the agent's own model gets to read. */
  readonly promptFor: (input: readonly (readonly Part[])[], notes: string | undefined) => PromptFor;
}

/**
 * An agent's steps in their order: yields each that is to be run, and gets back what came of it. What is left out (it doesn't
 * apply, or failed and may be skipped) leaves things as they are.
 *
 * An answer that a review objects to is given again, as often as the review says, and goes through all steps behind it anew.
 */
export function* stepsOf(of: StepsOf): Generator<Run, Ending, Outcome> {
  const { agent, situation, verdict, promptFor } = of;
  const { after } = agent.steps;
  const choices = new Set<string>();
  let { input } = of;
  let whole = true;

  for (const step of verdict ? [] : agent.steps.before) {
    const text = wordsOf(input);
    if (!applies(step, choices, text)) continue;
    const outcome = yield reading(step, { agent, situation, text });
    if (outcome.kind === "failed") {
      if (step.whenFails === "stop") return outcome.ending;
      whole = false;
    } else if (step.role === "classify") choices.add(outcome.finished.text);
    else input = [[textPart(outcome.finished.text), ...input.flat().filter(({ type }) => type !== "text")]];
  }

  const prompt = promptFor(input, choices.size > 0 ? `The message was sorted as: ${[...choices].join(", ")}.` : undefined);
  const question = { asked: wordsOf(of.input), read: wordsOf(input) };
  const rounds = new Map<Step, number>();
  let objected: readonly ModelMessage[] = [];
  again: for (;;) {
    const last = !after.some((step) => mayApply(step, choices, after));
    const own = yield answering({ agent, prompt, said: objected, last, reads: [question.read, of.handed ?? "", ...choices] });
    if (own.kind === "failed") return own.ending;
    let answer: OwnAnswer = { kind: "answer", parts: [], ...own.finished.answer };
    if (answer.stopped) return answer;
    const chosen = new Set(choices);
    for (const [index, step] of after.entries()) {
      const [draft, ...others] = answer.parts;
      if (!isDraft(draft) || !applies(step, chosen, draft.text)) continue;
      const last = !after.slice(index + 1).some((later) => mayApply(later, chosen, after.slice(index + 1)));
      const outcome = yield reading(step, { agent, situation, text: draft.text, question, last });
      if (outcome.kind === "failed") {
        if (step.whenFails === "stop") return outcome.ending;
        whole = false;
        continue;
      }
      const { text, answer: written } = outcome.finished;
      if (step.role === "classify") chosen.add(text);
      else if (step.role !== "review") answer = { ...answer, parts: [...(written?.parts ?? []), ...others] };
      else if (text !== "") {
        const round = (rounds.get(step) ?? 0) + 1;
        rounds.set(step, round);
        if (round <= step.rounds) {
          objected = objection(draft.text, text);
          continue again;
        }
        if (step.whenFails === "stop") return { kind: "failure", fault: refused };
        whole = false;
      }
    }
    if (whole) return answer;
    const { whole: _, ...rest } = answer;
    return rest;
  }
}

const refused: Fault = fault("answer-withheld", "the review objected to the answer to the last");

function applies(step: Step, choices: ReadonlySet<string>, text: string): boolean {
  if (text.trim() === "" || (step.role === "summarise" && text.length <= step.longerThan)) return false;
  return step.when.length === 0 || step.when.some((choice) => choices.has(choice));
}

/** Before it can be known for sure: what it depends on may be chosen meanwhile. */
function mayApply({ when }: Step, choices: ReadonlySet<string>, steps: readonly Step[]): boolean {
  return when.length === 0 || when.some((choice) => choices.has(choice)) || steps.some(({ role }) => role === "classify");
}

function wordsOf(input: readonly (readonly Part[])[]): string {
  return plainText(input.flat().filter(({ type }) => type === "text"));
}

/** What a model wrote: what is ours, or isn't text, no step changes. */
function isDraft(part: Part | undefined): part is TextPart {
  return part?.type === "text" && part.markup === "markdown";
}

function objection(draft: string, objections: string): readonly ModelMessage[] {
  const text = `A review of your answer, before anybody has seen it, objects:\n${objections}\n\nGive the whole answer again. Don't mention the review.`;
  return [
    { role: "assistant", text: draft },
    { role: "user", content: [{ type: "text", text }] },
  ];
}
