import { z } from "zod";
import { fail } from "../core/errors.ts";
import { neutralise } from "../core/hidden-text.ts";
import type { AgentId } from "../core/ids.ts";
import { type Part, textPart } from "../core/message.ts";
import type { ToolCall } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { Handed } from "../core/store.ts";
import { defineTool, type Tool } from "../core/tool.ts";
import { readArguments } from "./tools.ts";

const name = "hand_to";
/** Times that a turn is handed on at most. */
const mostHands = 3;
/** Characters of a reason that are kept and passed on. */
const longestReason = 300;

/** By which a model hands the turn on: to those that it may, and that haven't had it yet. Nothing where nobody is left. */
export function handingTool({ handTo }: Agent, had: readonly AgentId[], exists: (agent: AgentId) => boolean): Tool<never> | undefined {
  const may = handTo.filter(({ agent }) => exists(agent) && !had.includes(agent));
  const [first, ...others] = may.map(({ agent }) => agent as string);
  if (first === undefined || had.length > mostHands) return undefined;
  const lines = may.map(({ agent, about }) => `- ${agent}: ${about}`);
  return defineTool({
    name,
    description: `Hands the conversation to another assistant, who then answers in your place. Use it alone, and only for:\n${lines.join("\n")}`,
    input: z.strictObject({
      to: z.enum([first, ...others]).describe("Who is to answer."),
      reason: z.string().min(1).max(2_000).describe("Why, and what was found out already, for that assistant to read."),
    }),
    // Whoever reads the call ends its run: it is never run like others.
    run: () => fail("turn-failed", "the turn can't be handed on"),
  }) as Tool<never>;
}

export interface Hand {
  readonly to: AgentId;
  readonly reason: string;
}

/** The first call that hands on, if there is any that is valid: what else was called with it isn't done any more. */
export function handIn(tools: readonly Tool[], calls: readonly ToolCall[]): Hand | undefined {
  const tool = tools.find((one) => one.name === name);
  for (const call of tool ? calls : []) {
    if (!tool || call.name !== name) continue;
    const read = readArguments(tool, call.input);
    if (!read.ok) continue;
    const { to, reason } = read.value as { to: string; reason: string };
    return { to: to as AgentId, reason: neutralise(reason).replace(/\s+/g, " ").trim().slice(0, longestReason).toWellFormed() };
  }
  return undefined;
}

/** What the next agent reads of it, behind the input: a model's words, so data like any other. */
export function handNote({ from, reason }: Handed): readonly Part[] {
  return [textPart(`(The assistant ${from} handed this over to you and said why: ${JSON.stringify(reason)})`)];
}
