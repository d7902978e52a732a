import type { CallPurpose } from "../core/cost.ts";
import type { CutOff } from "../core/cut-off.ts";
import { errorTable, type Fault, fault } from "../core/errors.ts";
import type { EventId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import { type EndReason, type ModelMessage, providerOf, type ToolCall } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { TurnStep, Written } from "../core/store.ts";
import type { Tool, ToolContext } from "../core/tool.ts";
import type { ContextPlan, ModelCall, Turn, TurnEvent, TurnResult } from "../core/turn.ts";
import { isTooLong, needsApproval, questionParts } from "./approval.ts";
import type { Breakers } from "./breakers.ts";
import type { Chain } from "./chain.ts";
import type { Estimates } from "./estimates.ts";
import { type Hand, handIn } from "./hand.ts";
import { addInput } from "./input.ts";
import type { Meter } from "./meter.ts";
import { type Answer, type CallDoor, callModel, newCall } from "./model-call.ts";
import type { Planned, PromptFor } from "./prompt.ts";
import type { Seat, Seats } from "./seats.ts";
import { describeTools, runTool, type ToolOutcome } from "./tools.ts";

export interface TurnDoor extends CallDoor {
  readonly breakers: Pick<Breakers, "begun" | "heard">;
  readonly estimates: Pick<Estimates, "learn">;
  /** Waits for the seat of a later call. */
  readonly seat: Seats["next"];
  /** What calls hold on budgets, and what they cost. */
  readonly meter: Pick<Meter, "holds" | "cost">;
  /** A budget is used up: who is asked instead, or what the person is told. */
  readonly overBudget: (call: ModelCall) => Promise<Chain | string>;
  /** Stores the end of a call and the start of the next before that goes out. */
  readonly step: (step: TurnStep) => Promise<Written>;
  /** What came while the last call ran, for the next one to see: in the conversation's order. */
  readonly steered?: () => Promise<readonly Steered[]>;
  readonly tell: (event: TurnEvent) => void;
  /** How much of what was told went out for good, in letters: it can't be taken back. */
  readonly sent: () => number;
  /** Turns an answer's text into parts. */
  readonly answerParts: (text: string) => readonly Part[];
  /** What may be shown of it while it is written: takes each delta, gives back what to show. */
  readonly answerStream: () => (delta: string) => string;
}

export interface TurnInput {
  readonly turn: Turn;
  readonly agent: Agent;
  readonly chain: Chain;
  readonly prompt: PromptFor;
  /** What the calls are made for. Absent: the agent's answer. */
  readonly purpose?: CallPurpose;
  /** What the turn said and heard before, for all calls to see. */
  readonly said?: readonly ModelMessage[];
  /** What earlier tries said for good; this one goes on behind it. */
  readonly resumed?: string | undefined;
  readonly tools: readonly Tool[];
  readonly context: Omit<ToolContext, "signal">;
  /** Stored before `runTurn` is called: the first billed request. Absent: it isn't stored yet. */
  readonly opening?: Opening | undefined;
  /** What the person said to a tool that was asked for. */
  readonly approved?: Approved | undefined;
  /** Ends the turn: its agent's time is up, or it was taken away. */
  readonly cut: CutOff;
}

/** A billed request that is stored and about to go out. */
export interface Opening {
  readonly call: ModelCall;
  /** The right to make it. */
  readonly seat: Seat;
  /** What it reads. */
  readonly planned: Planned;
}

/** A message that becomes part of the turn with the next step. */
export interface Steered {
  readonly event: EventId;
  readonly parts: readonly Part[];
}

/** A tool's use that a person was asked about: whether it may run, and how it is told once. */
export interface Approved {
  readonly call: ToolCall;
  readonly granted: boolean;
  /** It ran in an earlier try of the turn: with this outcome, or (`lost`) nobody knows with which. */
  readonly before?: ToolOutcome | "lost" | undefined;
  readonly told: (outcome: ToolOutcome & { readonly ms: number }) => Promise<Written>;
}

/**
 * model ⇄ tools, until there is an answer: each model of the chain in turn when one fails, each call stored before it
 * starts. What was streamed from a model that failed is void, and watchers are told. An answer that was given before the
 * model saw what came meanwhile is followed by another step, while there are steps left.
 */
export async function runTurn(door: TurnDoor, input: TurnInput): Promise<TurnResult> {
  const { agent, turn, context, cut } = input;
  const { signal } = cut;
  /** What the turn said, did and heard since its input, for the next call to see. */
  const messages: ModelMessage[] = [];
  /** What was said before each use of tools, and before words that came meanwhile: it is part of the answer. */
  const said: string[] = [];
  let chain = input.chain;
  let link = chain.first;
  let soonest: number | undefined;
  /** What failed in a way that may be over with another try. */
  let passing: Fault | undefined;
  /** What models said that failed in the middle of it: the next goes on from there. */
  const { resumed = "" } = input;
  let begun = resumed;
  const voice = createVoice(door, turn.id, resumed);
  messages.push(...(input.said ?? []));
  if (input.approved) {
    const outcome = await useApproved(door, input, input.approved, { ...context, signal });
    if (!outcome) {
      const ended = { endedAt: door.clock.now(), fault: fault("aborted", "the turn was taken away") };
      return { kind: "cancelled", calls: input.opening ? [{ ...input.opening.call, ...ended }] : [] };
    }
    const { call: asked } = input.approved;
    messages.push({ role: "assistant", text: "", toolCalls: [asked] });
    messages.push({ role: "tool", callId: asked.id, name: asked.name, result: outcome.text, failed: !outcome.ok });
  }
  messages.push(...goingOn(resumed));
  const opened = input.opening ?? (await open({ tools: [] }));
  if ("kind" in opened) return opened;
  let { call, seat, planned } = opened;
  if (input.opening && input.approved) planned = await input.prompt(link, messages);
  /** The whole answer, with what the person is to know about it. */
  const answerOf = (text: string) => door.answerParts([...said, text, planned.notice].filter(Boolean).join("\n\n"));

  for (let steps = 1; ; steps++) {
    door.breakers.begun(link);
    const gap = said.length > 0 && !begun ? "\n\n" : "";
    if (!begun) voice.step();
    const answer = await ask(door, input, call, planned, voice.words(gap), signal).finally(seat.release);
    // Also what was taken away: it may have been the one call that was to find out.
    const cancelled = signal.aborted && !cut.late;
    door.breakers.heard(link, cancelled ? fault("aborted", "the turn was taken away") : answer.fault, answer.afterMs);
    if (cancelled) return { kind: "cancelled", calls: [answer.call] };
    if (answer.call.usage?.reported) door.estimates.learn(link.model, countedIn(planned.plan), answer.call.usage.input);
    const note = answer.reason && answer.toolCalls.length === 0 ? endedEarly[answer.reason] : undefined;
    const text = begun + (note ? endedWith(answer.text, note) : answer.text);
    const failed = cut.late ? tooLate(agent) : answer.fault;
    let tools: TurnStep["tools"] = [];
    let steered: readonly Steered[] | undefined;
    if (failed) {
      if (errorTable[failed.code].retryable) passing = failed;
      if (answer.afterMs !== undefined) soonest = Math.min(soonest ?? answer.afterMs, answer.afterMs);
      const told = failed.code === "answer-withheld" && agent.whenWithheld === "say";
      const next = cut.late || told ? undefined : chain.after(link, failed);
      const worth = text.length >= worthKeeping || door.sent() > voice.stepAt();
      if (!next && worth && text !== resumed) return { kind: "answer", parts: answerOf(endedWith(text, broken)), calls: [answer.call] };
      if (!next) {
        // Whatever the last says of itself, one that was down may answer another try; what a filter withheld was paid for.
        if (failed.code === "answer-withheld") return failure(failed, [answer.call], soonest);
        const later = chain.later();
        return failure(passing ?? later?.fault ?? failed, [answer.call], soonest ?? later?.afterMs);
      }
      link = next;
      if (worth) {
        messages.push(...goingOn(answer.text));
        begun = text;
      } else {
        voice.restart(said.join("\n\n"));
      }
    } else if (answer.toolCalls.length === 0) {
      steered = steps < agent.limits.steps ? await door.steered?.() : undefined;
      if (!steered?.length) {
        const whole = answer.reason === "stop" && said.length === 0 && !planned.notice;
        return { kind: "answer", parts: answerOf(text), ...(whole && { whole }), calls: [answer.call] };
      }
      said.push(text);
      begun = "";
      messages.push({ role: "assistant", text: answer.text });
    } else if (handIn(input.tools, answer.toolCalls)) {
      return { kind: "hand", ...(handIn(input.tools, answer.toolCalls) as Hand), calls: [answer.call] };
    } else if (needsApproval(agent, input.tools, answer.toolCalls)) {
      const { name: tool, input: written } = needsApproval(agent, input.tools, answer.toolCalls) as ToolCall;
      const asks = { tool, input: written };
      const before = [...said, text].filter(Boolean).join("\n\n");
      return { kind: "answer", parts: [...(before ? door.answerParts(before) : []), ...questionParts(asks)], calls: [answer.call], asks };
    } else if (steps >= agent.limits.steps) {
      const stopped = [...said, text, `I stopped after ${steps} steps without an answer.`].filter(Boolean).join("\n\n");
      return { kind: "answer", parts: door.answerParts(stopped), calls: [answer.call] };
    } else {
      if (text) said.push(text);
      begun = "";
      messages.push({ role: "assistant", text: answer.text, toolCalls: answer.toolCalls });
      tools = await useTools(door, input, answer.toolCalls, messages, { ...context, signal });
    }
    steered ??= (await door.steered?.()) ?? [];
    for (const { parts } of steered) addInput(messages, parts);
    const step = { ended: answer.call, tools, joined: steered.map(({ event }) => event) };
    const next = await open(step);
    if ("kind" in next) return next;
    ({ call, seat, planned } = next);
  }

  /** Stores the next call before it goes out, with what came before it. Or says how it ends. */
  async function open(step: Omit<TurnStep, "next" | "at">): Promise<Opening | TurnResult> {
    const calls = step.ended ? [step.ended] : [];
    for (;;) {
      // Before the call is stored: a call that waits isn't billed.
      const seat = await door.seat(providerOf(link.model), signal);
      if (!seat) return cut.late ? failure(tooLate(agent), calls, soonest) : { kind: "cancelled", calls };
      const planned = await input.prompt(link, messages);
      const holds = door.meter.holds(link, planned, agent.limits.maxOutputTokens);
      const { purpose } = input;
      const call = newCall(link, { clock: door.clock, agent: agent.id, context: planned.plan, holds, ...(purpose && { purpose }) });
      // The step stores the last call's end: only the new one is left for whoever ends the turn.
      const stored = await door.step({ ...step, next: call, at: door.clock.now() }).catch(giveUp(seat));
      if (stored.ok) return { call, seat, planned };
      seat.release();
      if (stored.fault.code !== "budget-spent") return { kind: "cancelled", calls: [] };
      const instead = await door.overBudget(call);
      if (typeof instead === "string") {
        const ended = step.ended && (await door.step({ ...step, at: door.clock.now() }));
        if (ended && !ended.ok) return { kind: "cancelled", calls: [] };
        const parts = door.answerParts([...said, begun, instead].filter(Boolean).join("\n\n"));
        return { kind: "answer", parts, stopped: true, calls: [] };
      }
      chain = instead;
      link = chain.first;
    }
  }
}

function countedIn({ instructions, summary = 0, knowledge = 0, past, input, said = 0 }: ContextPlan): number {
  return instructions + summary + knowledge + past + input + said;
}

/** Characters from which on what a model said before it failed is worth more than another beginning. */
const worthKeeping = 200;
const goOn = "Your answer broke off here. Go on exactly where it stopped: repeat nothing, and don't mention it.";

const broken = "(My answer broke off here. Ask me to go on.)";

/** Told to the person where a model ended before it was done. */
const endedEarly: { readonly [reason in EndReason]?: string } = {
  filter: "(My answer ends here: its provider's content filter kept the rest back.)",
  length: "(My answer is cut off here: it may not be longer. Ask me to go on.)",
};

/** What was said so far, with the truth about it. A block of code that is open is closed, or the note would be in it. */
function endedWith(text: string, note: string): string {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gm) ?? [];
  const open = fences.length % 2 === 1 ? `\n${fences.at(-1)?.trim()}` : " …";
  return `${text.trimEnd()}${open}\n\n${note}`;
}

/** What a model reads that is to go on behind these words. */
export function goingOn(from = ""): readonly ModelMessage[] {
  if (from === "") return [];
  return [
    { role: "assistant", text: from },
    { role: "user", content: [{ type: "text", text: goOn }] },
  ];
}

/** Tells what may be shown of the answer: always the beginning of what it will be, whoever of the models says it. */
function createVoice({ tell, answerStream }: Pick<TurnDoor, "tell" | "answerStream">, turn: Turn["id"], resumed: string) {
  let show = answerStream();
  let told = resumed.length;
  let stepAt = 0;
  show(resumed);
  const say = (text: string) => {
    const delta = show(text);
    told += delta.length;
    if (delta) tell({ type: "turn-text", turn, delta });
  };
  return {
    /** A step of the turn begins: what is told from here on may turn out to be void. */
    step() {
      stepAt = told;
    },
    stepAt: () => stepAt,
    /** Takes what a model says, behind `gap`. */
    words(gap: string): (delta: string) => void {
      let before = gap;
      return (delta) => {
        say(before + delta);
        before = "";
      };
    },
    restart(said: string) {
      tell({ type: "turn-restart", turn });
      show = answerStream();
      told = 0;
      if (said) say(said);
    },
  };
}

function giveUp(seat: Seat): (thrown: unknown) => never {
  return (thrown) => {
    seat.release();
    throw thrown;
  };
}

function tooLate({ limits }: Agent): Fault {
  return fault("turn-failed", `the turn took longer than ${limits.turnMs} ms`);
}

function failure(failed: Fault, calls: readonly ModelCall[], retryAfterMs: number | undefined): TurnResult {
  return { kind: "failure", fault: failed, calls, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

async function ask(
  door: TurnDoor,
  input: TurnInput,
  call: ModelCall,
  planned: Planned,
  hear: (delta: string) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const request = {
    ...{ instructions: planned.instructions, messages: planned.messages },
    ...{ tools: describeTools(input.tools), maxOutputTokens: input.agent.limits.maxOutputTokens },
  };
  return callModel(door, call, request, signal, (event) => {
    if (event.type === "text") hear(event.delta);
  });
}

const refused: ToolOutcome = { ok: false, text: "The person was asked and said no. Don't try it again." };
const lost: ToolOutcome = {
  ok: false,
  text: "The gateway stopped while this ran: nobody knows whether it was done. Say so, and don't try it again by yourself.",
};
const tooLong: ToolOutcome = {
  ok: false,
  text: "A person has to allow this, and its arguments are too long to be read: make them shorter.",
};

/** What came of it: run now, or known from before. Nothing when the turn isn't ours any more. */
async function useApproved(
  door: TurnDoor,
  { turn, tools }: TurnInput,
  approved: Approved,
  context: ToolContext,
): Promise<ToolOutcome | undefined> {
  if (!approved.granted) return refused;
  if (approved.before) return approved.before === "lost" ? lost : approved.before;
  const { name } = approved.call;
  door.tell({ type: "turn-tool", turn: turn.id, name, state: "running" });
  const from = door.clock.elapsed();
  const outcome = await runTool(tools, approved.call, context);
  door.tell({ type: "turn-tool", turn: turn.id, name, state: outcome.ok ? "done" : "failed" });
  const stored = await approved.told({ ...outcome, ms: Math.round(door.clock.elapsed() - from) });
  return stored.ok ? outcome : undefined;
}

async function useTools(
  door: TurnDoor,
  { turn, agent, tools }: TurnInput,
  toolCalls: readonly ToolCall[],
  messages: ModelMessage[],
  context: ToolContext,
): Promise<TurnStep["tools"]> {
  const used: { name: string; callId: string; ok: boolean; ms: number }[] = [];
  for (const { id, name, ...call } of toolCalls) {
    door.tell({ type: "turn-tool", turn: turn.id, name, state: "running" });
    const from = door.clock.elapsed();
    const outcome = isTooLong(agent, { id, name, ...call }) ? tooLong : await runTool(tools, { id, name, ...call }, context);
    door.tell({ type: "turn-tool", turn: turn.id, name, state: outcome.ok ? "done" : "failed" });
    messages.push({ role: "tool", callId: id, name, result: outcome.text, failed: !outcome.ok });
    used.push({ name, callId: id, ok: outcome.ok, ms: Math.round(door.clock.elapsed() - from) });
  }
  return used;
}
