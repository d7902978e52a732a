import type { AnswerStore } from "../core/answers.ts";
import { backoff } from "../core/backoff.ts";
import type { Calls } from "../core/calls.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { AccountConfiguration, Limits } from "../core/configuration.ts";
import type { Conversation } from "../core/conversation.ts";
import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { errorTable, type Fault } from "../core/errors.ts";
import { type ControlChange, calledSentence } from "../core/handover.ts";
import { type AgentId, type ConversationId, type MessageId, newId } from "../core/ids.ts";
import type { HoldReason, IgnoreReason, LedgerEntry } from "../core/ledger.ts";
import { type Part, textPart } from "../core/message.ts";
import { planned } from "../core/planned.ts";
import type { ReminderStore } from "../core/reminder.ts";
import type { Agent } from "../core/route.ts";
import { type CancelledTurn, dayOf, type QueuedEvent, type TurnStore } from "../core/store.ts";
import type { Turn, TurnResult } from "../core/turn.ts";
import { approvalOf, type Question } from "./approval.ts";
import { situationOf, spenderOf } from "./reading.ts";
import { isOutage, type StandInFor, standIn } from "./stand-in.ts";

export interface SettleDoor {
  readonly store: TurnStore & AnswerStore & ReminderStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: () => Limits;
  readonly calls: Calls;
  /** The outbox's plan of an answer: one content for each platform message. */
  readonly plan: (parts: readonly Part[], channel: Channel, message: MessageId, replyTo?: string) => readonly DeliveryContent[];
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  /** Who speaks there has changed. */
  readonly controlled: (conversation: Conversation) => void;
  /** The answer is stored, and its deliveries are queued. */
  readonly answered: (queued: QueuedEvent, answer: Answered) => void;
}

export interface Answered {
  readonly message: MessageId;
  readonly parts: readonly Part[];
  readonly at: number;
  readonly deliveries: { readonly length: number };
}

/** Where a turn takes place. */
export interface TurnPlace {
  readonly queued: QueuedEvent;
  readonly channel: Channel;
  readonly account: Account;
  readonly onUnknown: OnUnknown;
  readonly streaming: AccountConfiguration["streaming"];
}

export const hourMs = 3_600_000;
/** Who is kept waits at most so long for another look, however long the models ask for. */
const lookMs = 60_000;

const sorry = "Sorry, I can't answer right now. Please try again later.";
const withheld = "I'm sorry, I can't answer that.";
const kept = "I can't answer right now, but your message is kept: I'll answer as soon as I can.";

export function keptUntil({ whenDown }: Agent, now: number, waitMs: number): Held {
  return { reason: "models-down", say: whenDown.say ?? kept, dueAt: now + Math.max(1_000, Math.min(waitMs, lookMs)) };
}

export function standInFor(queued: QueuedEvent, agent: Agent, now: number): StandInFor {
  return { agent, situation: situationOf(queued, agent, now), spender: spenderOf(queued, agent), trace: queued.id };
}

/** No turn is begun, as nobody can be asked; what is said stands as the event's answer. */
export async function replyWithout(
  door: SettleDoor,
  lease: Lease,
  { queued, channel, onUnknown }: TurnPlace,
  reason: IgnoreReason,
  parts: readonly Part[],
): Promise<number | undefined> {
  const at = door.clock.now();
  const message = newId("message", at);
  const deliveries = planned(parts.length > 0 ? door.plan(parts, channel, message) : [], { channel, onUnknown });
  const written = await door.store.ignoreEvent(lease, queued, reason, at, parts.length > 0 ? { message, parts, deliveries } : undefined);
  if (!written.ok) return undefined;
  door.tell(written.value, queued.conversation.id);
  if (parts.length > 0) door.answered(queued, { message, parts, at, deliveries });
  return 0;
}

interface Held {
  readonly reason: HoldReason;
  readonly say: string;
  readonly dueAt: number;
}

/** It stays queued; who wrote in a direct chat is told so, once a day. */
export async function hold(
  door: SettleDoor,
  lease: Lease,
  { queued, channel, onUnknown }: TurnPlace,
  { say, dueAt, reason }: Held,
): Promise<number | undefined> {
  const { tenant, account, channel: kind, event, conversation } = queued;
  const at = door.clock.now();
  const message = newId("message", at);
  const parts = [textPart(say)];
  const deliveries = planned(door.plan(parts, channel, message), { channel, onUnknown });
  const told = { tenant, account, channel: kind, chat: event.chat, author: "system", message, parts, deliveries, at } as const;
  const notice = event.chat.kind === "direct" && say !== "" ? { notice: { message: told, onceOn: dayOf(at) } } : {};
  const held = await door.store.holdEvent(lease, queued, { dueAt, at, reason, ...notice });
  if (!held.ok) return undefined;
  door.tell(held.value.entries, conversation.id);
  if (held.value.notice) {
    door.tell(held.value.notice.entries, conversation.id);
    door.answered(queued, { message, parts, at, deliveries: held.value.notice.deliveries });
  }
  return Math.max(1, dueAt - door.clock.now());
}

interface Settled {
  readonly state: "done" | "failed" | "cancelled";
  readonly againInMs?: number;
}

interface Settling {
  readonly agent: Agent;
  readonly said: readonly (readonly Part[])[];
  readonly result: Exclude<TurnResult, { readonly kind: "cancelled" | "hand" }>;
  /** Who answers in the conversation from then on; absent: who did so far. */
  readonly stays: AgentId | null | undefined;
  /** The newest event that the turn answers. */
  readonly last: QueuedEvent;
  readonly stop: AbortSignal;
  /** Why a person is to take over. */
  readonly handOver?: ControlChange | undefined;
  /** What of the answer went out already; absent where nothing could. */
  readonly sent: string | undefined;
  /** Its draft, as it stands on the platform. */
  readonly standing?: DeliveryContent | undefined;
}

export async function settle(
  door: SettleDoor,
  lease: Lease,
  turn: Turn,
  place: TurnPlace,
  { agent, said, result, last, stop, handOver, sent, stays, standing }: Settling,
): Promise<Settled> {
  if (result.kind === "answer")
    return finish(door, lease, turn, place, last, sayingFirst(sent, result.parts), result.calls, {
      handOver,
      asks: result.asks,
      sent,
      stays,
      standing,
    });
  const { fault, calls, retryAfterMs } = result;
  const now = door.clock.now();
  const { queued } = place;
  if (!errorTable[fault.code].retryable || turn.tries - queued.crashes >= door.limits().turnTries) {
    const down = isOutage(fault.code);
    const earlier = down ? await standIn(door, standInFor(queued, agent, now), said, stop) : undefined;
    if (down && !earlier && now - queued.receivedAt < agent.whenDown.keepHours * hourMs) {
      const held = keptUntil(agent, now, retryAfterMs ?? lookMs);
      await told(door, queued, door.store.retryTurn(lease, turn, { fault, dueAt: held.dueAt, at: now, calls, spared: true }));
      const again = { ...queued, tries: Math.max(1, turn.tries - 1) };
      return { state: "failed", againInMs: (await hold(door, lease, { ...place, queued: again }, held)) ?? 0 };
    }
    const say = fault.code === "answer-withheld" ? withheld : (agent.whenDown.say ?? sorry);
    const handOver = earlier ? undefined : await calledAfter(door, queued, agent);
    const words = [say, handOver && (agent.handover.say ?? calledSentence)].filter(Boolean).join("\n\n");
    const parts = sayingFirst(sent, earlier ?? [textPart(words, "markdown")]);
    return finish(door, lease, turn, place, last, parts, calls, { fault, sent, standing, handOver });
  }
  const dueAt = now + backoff(turn.tries - place.queued.crashes, retryAfterMs, door.random);
  await told(door, place.queued, door.store.retryTurn(lease, turn, { fault, dueAt, at: now, calls }));
  return { state: "failed", againInMs: Math.max(1, dueAt - now) };
}

/** A person is called when this one is the last of so many failures in a row. */
async function calledAfter({ store }: SettleDoor, queued: QueuedEvent, { handover }: Agent): Promise<ControlChange | undefined> {
  const { failures, returnAfterMs } = handover;
  if (failures === undefined || (await store.failedBefore(queued, failures)) + 1 < failures) return undefined;
  return { reason: failures === 1 ? "an answer failed" : `${failures} answers in a row failed`, returnAfterMs };
}

/** What else ends with the turn. */
interface Ending {
  readonly fault?: Fault;
  readonly handOver?: ControlChange | undefined;
  readonly asks?: Question | undefined;
  readonly sent?: string | undefined;
  readonly stays?: AgentId | null | undefined;
  readonly standing?: DeliveryContent | undefined;
}

function askedIn({ tenant, conversation, event }: QueuedEvent, { agent }: Turn, message: MessageId) {
  return { tenant, message, conversation: conversation.id, sender: event.sender.id, agent, controlVersion: conversation.controlVersion };
}

/** Law 5: answer, deliveries, the event's end and the calls' usage in one commit; law 6: unless control has changed. */
async function finish(
  door: SettleDoor,
  lease: Lease,
  turn: Turn,
  place: TurnPlace,
  last: QueuedEvent,
  parts: readonly Part[],
  calls: TurnResult["calls"],
  { fault, handOver, asks, sent, stays, standing }: Ending = {},
): Promise<Settled> {
  const { queued, channel } = place;
  const at = door.clock.now();
  const message = newId("message", at);
  const rest = sent ? behind(sent, parts) : parts;
  const deliveries = planned(door.plan(rest, channel, message, sent ? undefined : repliesTo(last)), place);
  const state = fault ? "failed" : "done";
  const ending = {
    turn,
    event: queued,
    state,
    message,
    parts,
    ...(sent !== undefined && { said: sent }),
    deliveries,
    controlVersion: queued.conversation.controlVersion,
    calls,
    at,
    ...(stays !== undefined && { agent: stays }),
    ...(handOver && { handOver }),
    ...(asks && { approval: approvalOf(asks, askedIn(queued, turn, message), at) }),
  } as const;
  const finished = await door.store.finishTurn(lease, fault ? { ...ending, fault } : ending);
  if (finished.ok) {
    door.tell(finished.value.entries, queued.conversation.id);
    door.answered(queued, { message, parts, at, deliveries: finished.value.deliveries });
    if (finished.value.conversation) door.controlled(finished.value.conversation);
    return { state };
  }
  return finished.fault.code === "version-conflict"
    ? cancel(door, lease, turn, place, calls, undefined, { text: "", standing })
    : { state: "cancelled" };
}

/** In a group it is to be seen whom an answer is for. */
export function repliesTo({ event }: QueuedEvent): string | undefined {
  return event.chat.kind === "group" && event.kind === "message" ? event.platformId : undefined;
}

/** What comes behind it begins a paragraph of its own. */
export function resumedFrom(sent: string): string {
  return /\n[ \t]*$/.test(sent) ? sent : `${sent}\n\n`;
}

/** An answer that begins with what went out already. */
function sayingFirst(sent: string | undefined, parts: readonly Part[]): readonly Part[] {
  const [first, ...others] = parts;
  if (!sent || (first?.type === "text" && first.text.trimStart().startsWith(sent.trim()))) return parts;
  if (first?.type !== "text") return [textPart(sent.trim(), "markdown"), ...parts];
  return [textPart(resumedFrom(sent) + first.text, "markdown"), ...others];
}

/** The parts without the words that went out already, which they begin with. */
function behind(sent: string, parts: readonly Part[]): readonly Part[] {
  const [first, ...others] = parts;
  const head = sent.trim();
  const text = first?.type === "text" ? first.text.trimStart() : "";
  if (first?.type !== "text" || !text.startsWith(head)) return parts;
  return [{ ...first, text: text.slice(head.length) }, ...others];
}

/** What the person may have seen of an answer: its words so far, and the message as it stands on the platform. */
interface Seen {
  readonly text: string;
  readonly standing?: DeliveryContent | undefined;
}

/** After an interruption what was seen stays, and says that it goes no further; after a takeover it stays as it is. */
export async function cancel(
  door: SettleDoor,
  lease: Lease,
  turn: CancelledTurn,
  { queued, channel }: TurnPlace,
  calls: TurnResult["calls"],
  reason: IgnoreReason = "control-human",
  { text: shown, standing }: Seen = { text: "" },
): Promise<Settled> {
  const at = door.clock.now();
  const message = newId("message", at);
  const ending = reason === "interrupted" && shown.trim() !== "" ? `${shown.trimEnd()} …` : "";
  const [content, ...rest] = ending === "" ? [] : door.plan([textPart(ending, "markdown")], channel, message);
  // A draft is one message of the platform: what wouldn't fit into it was never seen.
  const parts = [rest.length === 0 ? textPart(ending, "markdown") : textPart(content?.visible ?? "")];
  const broken = content && { message, parts, content };
  const stands = standing && { message, parts: [textPart(standing.visible)], content: standing };
  const end = { reason, at, calls, ...(broken && { broken }), ...(stands && { stands }) };
  const written = await told(door, queued, door.store.cancelTurn(lease, turn, end));
  // Refused, the lane is another worker's: who went on with this lease would be refused without end.
  return { state: "cancelled", ...(written.ok && { againInMs: 0 }) };
}

export async function told(door: SettleDoor, queued: QueuedEvent, writing: ReturnType<TurnStore["stepTurn"]>) {
  const written = await writing;
  ended(door, queued, written);
  return written;
}

function ended(door: SettleDoor, queued: QueuedEvent, written: Awaited<ReturnType<TurnStore["stepTurn"]>>): boolean {
  if (written.ok) door.tell(written.value, queued.conversation.id);
  return written.ok;
}
