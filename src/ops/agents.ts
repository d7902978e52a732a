import { fillInstructions, type Situation, styleSentences } from "../core/instructions.ts";
import type { Agent } from "../core/route.ts";
import type { Step } from "../core/step.ts";
import { roughTokens } from "../core/tokens.ts";

export interface Preview {
  readonly instructions: string;
  readonly examples: Agent["examples"];
  readonly version: string;
  readonly tokens: number;
  readonly steps: readonly PlannedStep[];
  readonly handTo: Agent["handTo"];
}

/** One of an agent's steps, as it stands in the configuration. */
export interface PlannedStep {
  readonly role: Step["role"] | "generate";
  readonly models: readonly string[];
  /** What it is asked for: a language, the choices, from which length on, how often it may object. */
  readonly what?: string | undefined;
  /** Only where an earlier step chose one of these; always, where empty. */
  readonly when: readonly string[];
  readonly whenFails: Step["whenFails"];
}

/** All that models do in a turn of the agent, in order. */
export function plannedSteps({ models, steps: { before, after } }: Agent): readonly PlannedStep[] {
  return [...before.map(plannedStep), { role: "generate", models, when: [], whenFails: "stop" }, ...after.map(plannedStep)];
}

function plannedStep(step: Step): PlannedStep {
  const { role, models, when, whenFails } = step;
  return { role, models, when, whenFails, what: whatOf(step) };
}

function whatOf(step: Step): string {
  switch (step.role) {
    case "translate":
      return `into ${step.to}`;
    case "classify":
      return step.choices.map(({ name }) => name).join(" or ");
    case "summarise":
      return `from ${step.longerThan + 1} characters on`;
    case "review":
      return `at most ${step.rounds} more ${step.rounds === 1 ? "answer" : "answers"}`;
  }
}

/** To whom it may hand on, for people. */
export function showHands({ handTo, handFor }: Agent): readonly string[] {
  if (handTo.length === 0) return [];
  const how = handFor === "conversation" ? ", with all that follows" : "";
  return [`May hand over${how}:`, ...handTo.map(({ agent, about }) => `- ${agent}: ${about}`)];
}

/** A line for each, for people. */
export function showSteps(agent: Agent): readonly string[] {
  return plannedSteps(agent).map(({ role, what, models, when, whenFails }, index) => {
    const only = when.length > 0 ? `, only for ${when.join(" or ")}` : "";
    const or = role !== "generate" && whenFails === "stop" ? ", or no answer" : "";
    return `${index + 1}. ${role}${what ? ` ${what}` : ""}: ${models.join(", ")}${only}${or}`;
  });
}

/** What a model would read before anything is said. */
export function previewOf(agent: Agent, situation: Situation): Preview {
  const reply = agent.style[situation.channel] ?? agent.style["*"];
  const instructions = [fillInstructions(agent.instructions, situation), reply && styleSentences(reply)].filter(Boolean).join("\n\n");
  const tokens = agent.examples.reduce((sum, { user, answer }) => sum + roughTokens(user) + roughTokens(answer), roughTokens(instructions));
  return { instructions, examples: agent.examples, version: agent.version, tokens, steps: plannedSteps(agent), handTo: agent.handTo };
}
