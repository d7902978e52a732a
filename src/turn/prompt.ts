import type { Part } from "../core/message.ts";
import type { ModelMessage } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { PastMessage } from "../core/store.ts";
import type { Link } from "./chain.ts";
import { continued, modelMessages } from "./input.ts";

/** What a model gets to read. */
export interface Prompt {
  readonly instructions: string;
  readonly messages: readonly ModelMessage[];
}

/** The prompt for the model that is asked now; `said`: what the turn has said, done and heard since its input. */
export type PromptFor = (link: Link, said: readonly ModelMessage[]) => Prompt;

export interface PromptOf {
  readonly agent: Agent;
  readonly past: readonly PastMessage[];
  readonly input: readonly Part[];
  /** What joined the input. */
  readonly more: readonly (readonly Part[])[];
}

export function promptOf({ agent, past, input, more }: PromptOf): PromptFor {
  const before = modelMessages(past, input, ...more);
  return (_, said) => ({ instructions: agent.instructions, messages: continued(before, said) });
}
