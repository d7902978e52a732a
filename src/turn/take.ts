import type { Clock } from "../core/clock.ts";
import type { Configuration, Limits } from "../core/configuration.ts";
import { type CutOff, cutOff } from "../core/cut-off.ts";
import type { DeliveryContent } from "../core/delivery.ts";
import type { Gate, Lease } from "../core/engine.ts";
import { type Fault, fault, type Result } from "../core/errors.ts";
import type { Chat } from "../core/event.ts";
import type { ControlChange } from "../core/handover.ts";
import type { AgentId } from "../core/ids.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import { type Part, plainText, textPart } from "../core/message.ts";
import { providerOf } from "../core/provider.ts";
import type { ReminderStore } from "../core/reminder.ts";
import type { Agent } from "../core/route.ts";
import { type Scaled, scaleOf } from "../core/scale.ts";
import { dayOf, type QueuedEvent, type Quota, type TurnStep } from "../core/store.ts";
import { roughTokens } from "../core/tokens.ts";
import type { FetchPage, Tool, ToolContext } from "../core/tool.ts";
import type { TouchRequest } from "../core/touch.ts";
import type { Turn, TurnEvent, TurnResult } from "../core/turn.ts";
import { type AnsweringDoor, prepareAnswer, type Running } from "./answering.ts";
import { type Answered as ApprovalAnswer, answerTo, type Unanswerable, usedAlready } from "./approval.ts";
import type { AttachmentDoor } from "./attachments.ts";
import { type Chain, chainOf, fitting } from "./chain.ts";
import { handingTool } from "./hand.ts";
import { type Reader, readInput, readJoined, spenderOf } from "./reading.ts";
import type { Approved } from "./run.ts";
import type { Seat, Seats } from "./seats.ts";
import {
  cancel,
  hold,
  hourMs,
  keptUntil,
  repliesTo,
  replyWithout,
  resumedFrom,
  type SettleDoor,
  settle,
  standInFor,
  type TurnPlace,
  told,
} from "./settle.ts";
import { isWorthKeeping, keepAnswer, standIn } from "./stand-in.ts";
import { needsSummary, summarise } from "./summary.ts";
import { showTyping } from "./typing.ts";

export interface TakeDoor extends SettleDoor, Omit<AnsweringDoor, "store"> {
  readonly attachments: AttachmentDoor;
  /** Whom a turn may be handed to, and whose it was. */
  readonly configuration: () => Pick<Configuration, "agents" | "routes">;
  /** What is done after the turn, and must be over before the gateway is. */
  readonly later: (work: (signal: AbortSignal) => Promise<void>) => void;
  /** Turns that wait. */
  readonly waiting: () => number;
  readonly fetchPage: FetchPage;
  readonly tools: (names: readonly string[]) => readonly Tool[];
  readonly seats: Pick<Seats, "take" | "next">;
  /** Ends the event without a turn; answers as `takeTurn` does. */
  /** See `touchMessage`. */
  readonly touch: (request: TouchRequest, signal: AbortSignal) => Promise<Result<unknown>>;
  readonly refuse: (lease: Lease, queued: QueuedEvent, reason: IgnoreReason, say?: string) => Promise<number | undefined>;
  /** Opens the outbox's visible draft of the answer. */
  readonly draft: (of: TurnPlace & Shown) =>
    | { hear(event: TurnEvent): void; said(): string | undefined; close(): Promise<string>; standing(): DeliveryContent | undefined }
    /** The channel can't show any. */
    | undefined;
  readonly watch: (event: TurnEvent, queued: QueuedEvent) => void;
}

/** Whose answer is shown while it is written. */
interface Shown {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly chat: Chat;
  readonly replyTo: string | undefined;
  readonly said: string | undefined;
  readonly resumed: string | undefined;
}

/** Who answers, and what else the turn concerns. */
export interface TurnOf {
  readonly agent: Agent;
  readonly route: number;
  /** Events behind its own that it answers too. */
  readonly joined: readonly QueuedEvent[];
  /** What came meanwhile and may become part of it, when so many have. Absent: what comes waits. */
  readonly steered?: (joined: number) => Promise<readonly QueuedEvent[]>;
  /** Whether something came that takes its place. Absent: nothing may. */
  readonly interrupted?: () => Promise<boolean>;
  /** How far back in the past messages stand that nobody answered: the model sees them, whatever the agent's limit. */
  readonly unanswered?: () => Promise<number>;
}

/** How long a message may wait for models that all fail, before one is asked all the same and its failure is told. */
const patienceMs = 30_000;

/**
 * One event, with those that joined it, to its stored answer (or to its next try). `cut` aborts when its time is up, when the conversation is taken
 * over or another message takes its place, and with `stop`, when the process ends: what a stop cuts off is begun again by the next worker. Answers in how
 * many milliseconds to look at the lane again (0: it is done, there may be more), or for what it has to wait before it can
 * begin; nothing when that is another's business.
 */
export async function takeTurn(
  door: TakeDoor,
  lease: Lease,
  place: TurnPlace,
  of: TurnOf,
  { cut, stop }: { readonly cut: CutOff; readonly stop: AbortSignal },
): Promise<number | Gate | undefined> {
  const { queued, channel, account } = place;
  const { interrupted } = of;
  const handed = queued.handed?.at(-1);
  let agent = (handed && door.configuration().agents.get(handed.to)) ?? of.agent;
  if (queued.event.kind === "press") void channel.acknowledgePress?.(account, queued.event, cut.signal).catch(() => {});

  // Its attachments are wanted by whatever interrupts it, too.
  const reading = interrupted ? cutOff(stop, { clock: door.clock, ms: agent.limits.turnMs }) : cut;
  const answer = handed ? undefined : await answerTo(door.store, queued, agent, door.clock.now());
  if (answer && "say" in answer) return unanswerable(door, lease, place, answer);
  // Whoever asked goes on.
  if (answer) agent = door.configuration().agents.get(answer.approval.agent) ?? agent;
  // The time is that of whoever answers.
  if (agent !== of.agent) cut.restart(agent.limits.turnMs);
  const { models, scaled } = await modelsFor(door, queued, agent);
  const reader: Reader = { agent, reads: door.capabilities(models[0] ?? "").reads };
  const input = await readInput(door, lease, place, reader, reading.signal);
  if (reading !== cut) reading.end();
  if (input === undefined) return door.refuse(lease, queued, "button-expired");
  if (interrupted && !stop.aborted && (cut.why === "interrupted" || (await interrupted()))) {
    const { tenant, id: event, tries, unended } = queued;
    const unbegun = { tenant, event, conversation: queued.conversation.id, tries, ...(unended && { unended }) };
    return (await cancel(door, lease, unbegun, place, [], "interrupted")).againInMs;
  }
  // Nobody's seat is held while attachments come; they are stored, so that a turn that waits for one fetches none again.
  const more = await readJoined(door, lease, place, of.joined, reader, cut.signal);
  const said = [input, ...more.map(({ parts }) => parts)];
  const chain = chainFor(door, agent, models, said);
  // A while of waiting is better than an answer that can only be an excuse.
  const waitedMs = door.clock.now() - queued.receivedAt;
  if (chain.waitMs > 0 && waitedMs < patienceMs) return Math.min(chain.waitMs, patienceMs);
  if (chain.waitMs > 0) {
    const parts = await standIn(door, standInFor(queued, agent, door.clock.now()), said, cut.signal);
    if (parts) return replyWithout(door, lease, place, "models-down", parts);
    if (waitedMs < agent.whenDown.keepHours * hourMs) return hold(door, lease, place, keptUntil(agent, door.clock.now(), chain.waitMs));
  }
  const held: { seat?: Seat } = {};
  try {
    return await beginTurn(door, lease, place, of, { agent, cut, stop, reader, said, held, chain, answer, scaled });
  } finally {
    held.seat?.release();
  }
}

/** Who is asked for the agent's answer now, in their order. */
async function modelsFor(
  door: TakeDoor,
  queued: QueuedEvent,
  agent: Agent,
): Promise<Pick<Scaled, "models"> & { readonly scaled?: Scaled }> {
  const scaled = agent.scale.length > 0 ? await scaleOf(door, agent, spenderOf(queued, agent), door.clock.now()) : undefined;
  return { models: scaled?.models ?? preferring(queued.conversation.model, agent.models), ...(scaled && { scaled }) };
}

function chainFor(door: TakeDoor, agent: Agent, models: readonly string[], said: readonly (readonly Part[])[]): Chain {
  const needed = () => roughTokens(agent.instructions) + said.reduce((sum, parts) => sum + roughTokens(plainText(parts)), 0);
  return chainOf({ models: fitting(models, needed, (model) => door.capabilities(model).context) }, door.breakers);
}

/** What a person chose goes first, as long as it is one of the agent's. */
function preferring(chosen: string | undefined, models: readonly string[]): readonly string[] {
  return chosen !== undefined && models.includes(chosen) ? [chosen, ...models.filter((model) => model !== chosen)] : models;
}

/** Reminders that one sender may have at a time, on one account. */
const mostReminders = 50;

function remindersOf(
  store: ReminderStore,
  { tenant, id, account, channel, conversation, event }: QueuedEvent,
  clock: Clock,
): ToolContext["reminders"] {
  const { chat, sender } = event;
  const of = { tenant, conversation: conversation.id, sender: sender.id };
  return {
    set: (text, dueAt) => store.addReminder({ ...of, account, channel, chat, text, dueAt, event: id, at: clock.now() }, mostReminders),
    list: () => store.reminders(tenant, of.conversation, of.sender),
    cancel: (reminder) => store.cancelReminder(of, reminder),
  };
}

async function reactTo(
  { touch }: TakeDoor,
  { tenant, message, conversation }: QueuedEvent,
  reaction: string | undefined,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (message === undefined) return fault("request-invalid", "a pressed button takes no reaction");
  const to = { kind: "react", ...(reaction === undefined ? {} : { reaction }) } as const;
  const done = await touch({ tenant, message, touch: to, by: "agent", writtenUnder: conversation.controlVersion }, signal);
  return done.ok ? undefined : done.fault;
}

/** Told in a direct chat; in a group a button that anybody can press would make us talk. */
function unanswerable(door: TakeDoor, lease: Lease, place: TurnPlace, { reason, say }: Unanswerable): Promise<number | undefined> {
  return replyWithout(door, lease, place, reason, place.queued.event.chat.kind === "direct" ? [textPart(say)] : []);
}

function approvedOf({ store }: TakeDoor, lease: Lease, turn: Turn, { approval, verdict }: ApprovalAnswer): Approved {
  const { message, tool: name, input, by, outcome } = approval;
  return {
    call: { id: message, name, input },
    granted: verdict === "granted",
    // It was said before, by this very event: an earlier try of the turn may have run it.
    before: by === undefined ? undefined : (outcome ?? "lost"),
    told: (ended) => store.endApproval(lease, turn, message, ended),
  };
}

interface Beginning {
  /** The route's, or to whom the turn was handed on. */
  readonly agent: Agent;
  readonly cut: CutOff;
  readonly stop: AbortSignal;
  readonly reader: Reader;
  readonly scaled: Scaled | undefined;
  /** The word on a tool's use that it is. */
  readonly answer: ApprovalAnswer | undefined;
  /** The input, and what joined it. */
  readonly said: readonly (readonly Part[])[];
  readonly chain: Chain;
  /** The seat of the first call, given back when the turn is over if not before. */
  readonly held: { seat?: Seat };
}

async function beginTurn(
  door: TakeDoor,
  lease: Lease,
  place: TurnPlace,
  of: TurnOf,
  { cut, stop, reader, said, answer, scaled, held, ...first }: Beginning,
): Promise<number | Gate | undefined> {
  const { store, clock } = door;
  const { queued, channel, account } = place;
  const joined = [...of.joined];
  const handed = [...(queued.handed ?? [])];
  const unanswered = (await of.unanswered?.()) ?? 0;
  let { agent } = first;
  let answering = await prepare(first.chain, queued.said);
  const begun = await begin();
  if (begun === undefined || typeof begun === "number" || "open" in begun) return begun;
  const { entries, opening } = begun;
  let { turn } = begun;
  door.tell(entries, queued.conversation.id);

  const draft = door.draft({
    ...{ ...place, lease, turn, chat: queued.event.chat },
    ...{ replyTo: repliesTo(queued), said: queued.said, resumed: queued.said && resumedFrom(queued.said) },
  });
  const stopTyping = showTyping(channel, account, queued.event, place.streaming === "blocks");
  const tell = (event: TurnEvent) => {
    door.watch(event, queued);
    draft?.hear(event);
  };
  tell({ type: "turn-start", turn: turn.id });
  let came: readonly QueuedEvent[] = [];
  const steered = async () => {
    came = (await of.steered?.(joined.length)) ?? [];
    return readJoined(door, lease, place, came, reader, cut.signal);
  };
  const step = async (step: TurnStep) => {
    const stored = await told(door, queued, store.stepTurn(lease, turn, step));
    // Only now are they part of it: it may have waited for its seat in vain.
    if (stored.ok) joined.push(...came);
    came = [];
    return stored;
  };
  let result: TurnResult;
  let visible = "";
  let handOver: ControlChange | undefined;
  const sent = () => draft?.said() ?? queued.said;
  try {
    result = await answering.run(running(), opening);
    while (result.kind === "hand") result = await handOn(result);
  } finally {
    stopTyping();
    visible = (await draft?.close()) ?? "";
  }
  if (stop.aborted) return undefined;
  const { state, againInMs = 0 } =
    result.kind === "cancelled"
      ? await cancel(door, lease, turn, place, result.calls, cut.why, { text: visible, standing: draft?.standing() })
      : await settle(door, lease, turn, place, {
          agent,
          said,
          result,
          last: joined.at(-1) ?? queued,
          stop,
          handOver,
          sent: sent(),
          stays: stays(),
          standing: draft?.standing(),
        });
  door.watch({ type: "turn-end", turn: turn.id, state }, queued);
  const { past } = answering;
  // What another agent was told of it is one person's.
  const own = state === "done" && handed.length === 0;
  if (own && result.kind === "answer" && isWorthKeeping({ agent, conversation: queued.conversation, past, joined, result })) {
    const { parts } = result;
    door.later((signal) => keepAnswer(door, standInFor(queued, agent, clock.now()), said, parts, signal));
  }
  const summaryOf = { agent, conversation: queued.conversation, spender: spenderOf(queued, agent), trace: queued.id, past };
  if (state === "done" && needsSummary(summaryOf)) door.later((signal) => summarise(door, summaryOf, signal));
  return againInMs;

  function prepare(chain: Chain, before: string | undefined) {
    const word = answer !== undefined && handed.length === 0;
    const of = { queued, agent, chain, said, unanswered, verdict: word, handed: handed.at(-1) };
    return prepareAnswer(door, { ...of, resumed: before && resumedFrom(before) });
  }

  function running(): Running {
    const had = [of.agent.id, ...handed.map(({ to }) => to)];
    const handing = handingTool(agent, had, (other) => door.configuration().agents.has(other));
    return {
      ...{ turn, tell, step, cut, seat: door.seats.next, sent: () => sent()?.length ?? 0 },
      // Where the input is read by other models first, each message has a turn of its own.
      ...(of.steered && agent.steps.before.length === 0 && { steered }),
      agent: agent.approve.length > 0 ? { ...agent, approve: door.tools(agent.approve).map(({ name }) => name) } : agent,
      tools: [...door.tools(agent.tools), ...(handing ? [handing] : [])],
      approved: answer && handed.length === 0 ? approvedOf(door, lease, turn, answer) : undefined,
      context: {
        tenant: queued.tenant,
        account: queued.account,
        conversation: queued.conversation.id,
        sender: queued.event.sender.id,
        clock,
        handOver(called) {
          handOver = { ...called, returnAfterMs: agent.handover.returnAfterMs };
        },
        reminders: remindersOf(store, queued, clock),
        react: (reaction, signal) => reactTo(door, queued, reaction, signal),
        knowledge: (question, limit) =>
          door.searchKnowledge({ tenant: queued.tenant, sources: agent.knowledge.map(({ name }) => name), question, limit }),
        fetchPage: door.fetchPage,
      },
    };
  }

  /** The rest of the turn is another agent's: stored before it is asked. What was shown so far is void, what left for good stays. */
  async function handOn({ to, reason, calls }: Extract<TurnResult, { readonly kind: "hand" }>): Promise<TurnResult> {
    const next = door.configuration().agents.get(to);
    if (!next) return { kind: "failure", fault: fault("turn-failed", `the agent ${to} was removed meanwhile`), calls };
    const on = { from: agent.id, to, reason, stays: agent.handFor === "conversation" };
    const stored = await step({ ended: calls[0], hand: { ...on, version: next.version }, tools: [], at: clock.now() });
    if (!stored.ok) return { kind: "cancelled", calls: [] };
    handed.push(on);
    agent = next;
    cut.restart(agent.limits.turnMs);
    turn = { ...turn, agent: to };
    const out = sent();
    tell({ type: "turn-restart", turn: turn.id });
    if (out) tell({ type: "turn-text", turn: turn.id, delta: resumedFrom(out) });
    answering = await prepare(chainFor(door, agent, (await modelsFor(door, queued, agent)).models, said), out);
    return answering.run(running());
  }

  /** Whom the conversation was handed to for good, if it was. */
  function stays(): AgentId | null | undefined {
    const to = handed.findLast(({ stays }) => stays)?.to;
    return to === door.configuration().routes[of.route]?.agent ? null : to;
  }

  /** Until a call is stored that every budget allows: with the seat for it. */
  async function begin() {
    for (let { chain } = answering; ; ) {
      const seat = chain && door.seats.take(providerOf(chain.first.model), lease.lane);
      if (seat && !("release" in seat)) return seat;
      if (seat) held.seat = seat;
      const at = clock.now();
      const opening = chain && (await answering.first(chain));
      const begun = await store.beginTurn(lease, {
        event: queued,
        agent: agent.id,
        version: agent.version,
        ...(scaled && { scaled: scaled.why }),
        approval: answer && { message: answer.approval.message, verdict: answer.verdict },
        route: of.route,
        call: opening?.call,
        quota: quotaOf(door.limits(), at),
        at,
        joined: joined.map(({ id }) => id),
      });
      if (begun.ok) return { ...begun.value, opening: chain && seat && opening && { ...opening, chain, seat } };
      seat?.release();
      const next = begun.fault.code === "budget-spent" && opening ? await answering.instead(opening.call) : undefined;
      if (next?.kind === "again") continue;
      if (begun.fault.code === "version-conflict") return unanswerable(door, lease, place, usedAlready);
      if (!next) return begun.fault.code === "sender-quota" ? door.refuse(lease, queued, "sender-quota") : undefined;
      if (next.kind === "stop") return door.refuse(lease, queued, "budget-spent", next.say);
      if (next.kind === "wait") return hold(door, lease, place, { ...next, reason: "budget-spent" });
      ({ chain } = next);
    }
  }
}

function quotaOf({ sender }: Limits, now: number): Quota | undefined {
  return sender?.perDay === undefined ? undefined : { day: dayOf(now), turns: sender.perDay };
}
