import type { Part } from "../core/message.ts";
import type { ModelMessage } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { PastMessage } from "../core/store.ts";
import { type Link, mostSqueezes } from "./chain.ts";
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

/** What a model is told that is given less than there is. */
const shortened = "The beginning of this conversation was left out, because it is too long.";

/** Each squeeze leaves out the older half of the past, the last all of it. */
export function promptOf({ agent, past, input, more }: PromptOf): PromptFor {
  const whole = modelMessages(past, input, ...more);
  return ({ squeeze }, said) => {
    if (squeeze === 0 || past.length === 0) return { instructions: agent.instructions, messages: continued(whole, said) };
    const left = squeeze >= mostSqueezes ? [] : past.slice(-Math.floor(past.length / 2 ** squeeze));
    const messages = continued(modelMessages(left, input, ...more), said);
    return { instructions: `${agent.instructions}\n\n${shortened}`, messages };
  };
}
