import { approvalMs } from "../core/approval.ts";
import type { Calls } from "../core/calls.ts";
import type { Clock } from "../core/clock.ts";
import type { PriceList } from "../core/cost.ts";
import { type CutOff, cutOff } from "../core/cut-off.ts";
import { fault } from "../core/errors.ts";
import type { AccountId, ConversationId, MessageId } from "../core/ids.ts";
import type { SearchKnowledge } from "../core/knowledge.ts";
import { textPart } from "../core/message.ts";
import { type PlayEvent, type PlayedCall, type Playground, type PlayOf, playgroundChannel } from "../core/playground.ts";
import type { EndReason, ModelMessage, ToolCall } from "../core/provider.ts";
import type { PastMessage } from "../core/store.ts";
import type { FetchPage, Tool, ToolContext } from "../core/tool.ts";
import { isTooLong } from "./approval.ts";
import { createEstimates } from "./estimates.ts";
import { type Planned, type PromptDoor, promptOf } from "./prompt.ts";
import { passagesOf } from "./reading.ts";
import { describeTools, readArguments, runTool } from "./tools.ts";

export interface PlaygroundDoor extends Pick<PromptDoor, "capabilities"> {
  readonly calls: Pick<Calls, "stream">;
  readonly clock: Clock;
  readonly prices: PriceList;
  readonly tokenizer: Parameters<typeof createEstimates>[0];
  readonly searchKnowledge: SearchKnowledge;
  /** Also those that no saved agent has. */
  readonly tools: (names: readonly string[]) => Promise<readonly Tool[]>;
  readonly fetchPage: FetchPage;
}

interface Heard {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly reason: EndReason;
}

export function createPlayground(door: PlaygroundDoor): Playground {
  const estimates = createEstimates(door.tokenizer);
  return {
    async *play(of, signal) {
      const cut = cutOff(signal, { clock: door.clock, ms: of.agent.limits.turnMs });
      try {
        yield* answer({ ...door, estimates }, of, cut);
      } finally {
        cut.end();
      }
    },
  };
}

/** model ⇄ tools, until there is an answer, as in a turn. */
async function* answer(door: PlaygroundDoor & PromptDoor, of: PlayOf, cut: CutOff): AsyncGenerator<PlayEvent> {
  const { agent } = of;
  const tools = await door.tools(agent.tools);
  const asks = new Set((await door.tools(agent.approve)).map(({ name }) => name));
  const input = [[textPart(of.said.at(-1)?.text ?? "")]];
  const prompt = promptOf(door, {
    ...{ agent, input, past: pastOf(of), passages: await passagesOf(door, agent, of.tenant, input) },
    situation: {
      ...{ agent: agent.id, tenant: of.tenant, channel: of.channel, account: playgroundChannel, chatKind: "direct", at: door.clock.now() },
      ...{ user: of.operator.name, userId: of.operator.id, knowledge: agent.knowledge },
    },
  });
  const said: ModelMessage[] = [];
  for (let steps = 1; ; steps++) {
    const planned = await prompt({ model: agent.models[0] ?? "none/none", key: 0, squeeze: 0 }, said);
    const heard = yield* ask(door, of, planned, tools, cut);
    if (!heard) return;
    const { text, toolCalls, reason } = heard;
    if (toolCalls.length === 0) return yield { type: "end", reason: reason === "tool-calls" ? "stop" : reason };
    if (steps >= agent.limits.steps) return yield { type: "end", reason: "steps" };
    said.push({ role: "assistant", text, toolCalls });
    for (const call of toolCalls) {
      const { result, failed } = yield* use(door, of, { tools, asks }, call, cut);
      if (cut.signal.aborted) return yield ended(of, cut);
      said.push({ role: "tool", callId: call.id, name: call.name, result, failed });
    }
  }
}

/** One answer of the first model of the chain that gives one; nothing where none does, which is told. */
async function* ask(
  { calls, clock, prices }: PlaygroundDoor,
  of: PlayOf,
  { instructions, messages }: Planned,
  tools: readonly Tool[],
  cut: CutOff,
): AsyncGenerator<PlayEvent, Heard | undefined> {
  const { agent, tenant, operator } = of;
  const spender = { tenant, channel: playgroundChannel, agent: agent.id, sender: operator.id };
  const { models, limits } = agent;
  const toolCalls: ToolCall[] = [];
  let text = "";
  let model = "";
  let at = clock.now();
  let began = clock.elapsed();
  let firstMs: number | undefined;
  const since = () => Math.round(clock.elapsed() - began);
  for await (const event of calls.stream(
    { purpose: "playground", spender },
    { models, instructions, messages, tools: describeTools(tools), maxOutputTokens: limits.maxOutputTokens },
    cut.signal,
  )) {
    switch (event.type) {
      case "model":
        ({ model } = event);
        at = clock.now();
        began = clock.elapsed();
        firstMs = undefined;
        yield event;
        break;
      case "text":
        firstMs ??= since();
        text += event.delta;
        yield { type: "text", delta: event.delta };
        break;
      case "reasoning":
        firstMs ??= since();
        break;
      case "tool-call":
        firstMs ??= since();
        toolCalls.push(event.call);
        break;
      case "fail": {
        const { fault, afterMs } = event;
        yield cut.signal.aborted ? ended(of, cut) : { type: "fail", fault, ...(afterMs !== undefined && { afterMs }) };
        return undefined;
      }
      case "end": {
        const { usage, reason } = event;
        const slash = model.indexOf("/");
        const priced = { provider: model.slice(0, slash), model: model.slice(slash + 1), at };
        const cost = usage.reported ? prices.cost(priced, usage) : undefined;
        const call: PlayedCall = { model, ms: since(), firstMs: firstMs ?? since(), usage, cost };
        yield { type: "call", call };
        return { text, toolCalls, reason };
      }
    }
  }
  yield ended(of, cut);
  return undefined;
}

interface Offered {
  readonly tools: readonly Tool[];
  /** Those that the agent asks about wherever it answers. */
  readonly asks: ReadonlySet<string>;
}

/** What changes nothing runs; what acts on a conversation doesn't; all else is the operator's to allow, each time. */
async function* use(
  door: PlaygroundDoor,
  of: PlayOf,
  { tools, asks }: Offered,
  call: ToolCall,
  cut: CutOff,
): AsyncGenerator<PlayEvent, { readonly result: string; readonly failed: boolean }> {
  const began = door.clock.elapsed();
  const over = (state: "done" | "failed" | "refused" | "skipped", result: string): PlayEvent => {
    return { type: "tool", call, state, result, ms: Math.round(door.clock.elapsed() - began) };
  };
  const tool = tools.find(({ name }) => name === call.name);
  if (tool?.effect === "conversation") {
    yield over("skipped", skipped);
    return { result: skipped, failed: true };
  }
  const asked = tool && (tool.effect !== "none" || asks.has(call.name));
  // What can't be run isn't asked about: the model is told what is wrong with it.
  if (asked && readArguments(tool, call.input).ok) {
    if (isTooLong({ ...of.agent, approve: [call.name] }, call)) {
      yield over("refused", tooLong);
      return { result: tooLong, failed: true };
    }
    yield { type: "tool", call, state: "asks" };
    // A person's time isn't the agent's, which begins anew. Whoever asks has a limit of his own.
    cut.restart(2 * approvalMs);
    const allowed = await of.allow(call, cut.signal);
    cut.restart(of.agent.limits.turnMs);
    if (!allowed) {
      yield over("refused", refused);
      return { result: refused, failed: true };
    }
  }
  yield { type: "tool", call, state: "running" };
  const outcome = await runTool(tools, call, { ...contextOf(door, of), signal: cut.signal });
  yield over(outcome.ok ? "done" : "failed", outcome.text);
  return { result: outcome.text, failed: !outcome.ok };
}

const skipped = "Not run: this is a trial without a conversation. Go on as if it could be done.";
const refused = "Not run: the operator who tries you didn't allow it.";
const tooLong = "Not run: the arguments are too long to be read by a person.";

function contextOf(
  { clock, searchKnowledge, fetchPage }: PlaygroundDoor,
  { tenant, agent, operator }: PlayOf,
): Omit<ToolContext, "signal"> {
  const sources = agent.knowledge.map(({ name }) => name);
  return {
    ...{ tenant, clock, fetchPage, sender: operator.id },
    ...{ account: playgroundChannel as AccountId, conversation: "" as ConversationId },
    // What would want one of these isn't run.
    handOver: () => {},
    reminders: { set: async () => undefined, list: async () => [], cancel: async () => false },
    react: async () => fault("request-invalid", "there is no message to react to"),
    knowledge: (question, limit) => searchKnowledge({ tenant, sources, question, limit }),
  };
}

/** As many messages as the agent would see of a conversation. */
function pastOf({ said, agent }: PlayOf): readonly PastMessage[] {
  const before = said.slice(0, -1);
  return before.slice(Math.max(0, before.length - agent.limits.history)).map(({ from, text }) => ({
    ...{ id: "" as MessageId, conversation: "" as ConversationId, at: 0 },
    ...(from === "operator" ? { direction: "in" as const } : { direction: "out" as const, author: "agent" as const }),
    parts: [textPart(text)],
  }));
}

function ended({ agent }: PlayOf, { late }: CutOff): PlayEvent {
  if (!late) return { type: "fail", fault: fault("aborted", "the answer was stopped") };
  return { type: "fail", fault: fault("turn-failed", `the answer took longer than ${agent.limits.turnMs} ms`) };
}
