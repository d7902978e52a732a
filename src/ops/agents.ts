import { fillInstructions, type Situation, styleSentences } from "../core/instructions.ts";
import type { Agent } from "../core/route.ts";
import { roughTokens } from "../core/tokens.ts";

export interface Preview {
  readonly instructions: string;
  readonly examples: Agent["examples"];
  readonly version: string;
  readonly tokens: number;
}

/** What a model would read before anything is said. */
export function previewOf(agent: Agent, situation: Situation): Preview {
  const reply = agent.style[situation.channel] ?? agent.style["*"];
  const instructions = [fillInstructions(agent.instructions, situation), reply && styleSentences(reply)].filter(Boolean).join("\n\n");
  const tokens = agent.examples.reduce((sum, { user, answer }) => sum + roughTokens(user) + roughTokens(answer), roughTokens(instructions));
  return { instructions, examples: agent.examples, version: agent.version, tokens };
}
