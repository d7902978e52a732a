import { backoff } from "../core/backoff.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { AccountConfiguration, Limits } from "../core/configuration.ts";
import type { CutOff } from "../core/cut-off.ts";
import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { errorTable, type Fault } from "../core/errors.ts";
import type { Chat } from "../core/event.ts";
import { type ConversationId, type DeliveryId, type MessageId, newId } from "../core/ids.ts";
import type { IgnoreReason, LedgerEntry } from "../core/ledger.ts";
import { type Part, textPart } from "../core/message.ts";
import type { Provider, ProviderAccount } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { QueuedEvent, TurnStore } from "../core/store.ts";
import type { Tool } from "../core/tool.ts";
import type { Turn, TurnEvent, TurnResult } from "../core/turn.ts";
import { answerParts } from "./answer-parts.ts";
import { type AttachmentDoor, fetchAttachments } from "./attachments.ts";
import { inputParts, modelMessages } from "./input.ts";
import { newCall, runTurn } from "./run.ts";
import { showTyping } from "./typing.ts";

export interface TakeDoor {
  readonly store: TurnStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: () => Limits;
  readonly attachments: AttachmentDoor;
  readonly provider: (id: string) => { readonly provider: Provider; readonly account: ProviderAccount } | undefined;
  readonly tools: (names: readonly string[]) => readonly Tool[];
  /** The outbox's plan of an answer: one content for each platform message. */
  readonly plan: (parts: readonly Part[], channel: Channel, message: MessageId, replyTo?: string) => readonly DeliveryContent[];
  /** Opens the outbox's visible draft of the answer. */
  readonly draft: (of: TurnPlace & { readonly lease: Lease; readonly turn: Turn; readonly chat: Chat }) =>
    | { hear(event: TurnEvent): void; close(): Promise<void> }
    /** The channel can't show any. */
    | undefined;
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  readonly watch: (event: TurnEvent, queued: QueuedEvent) => void;
  /** The answer is stored, and its deliveries are queued. */
  readonly answered: (queued: QueuedEvent, answer: Answered) => void;
}

export interface Answered {
  readonly message: MessageId;
  readonly parts: readonly Part[];
  readonly at: number;
  readonly deliveries: readonly DeliveryId[];
}

/** Where a turn takes place. */
export interface TurnPlace {
  readonly queued: QueuedEvent;
  readonly channel: Channel;
  readonly account: Account;
  readonly onUnknown: OnUnknown;
  readonly streaming: AccountConfiguration["streaming"];
}

const sorry = "Sorry, I can't answer right now. Please try again later.";

/**
 * One event to its stored answer (or to its next try). `cut` aborts when its time is up, when the conversation is taken
 * over, and with `stop`, when the process ends: what a stop cuts off is begun again by the next worker. Answers in how
 * many milliseconds to look at the lane again (0: it is done, there may be more); nothing when that is another's business.
 */
export async function takeTurn(
  door: TakeDoor,
  lease: Lease,
  place: TurnPlace,
  decision: { readonly agent: Agent; readonly route: number },
  { cut, stop }: { readonly cut: CutOff; readonly stop: AbortSignal },
): Promise<number | undefined> {
  const { store, clock } = door;
  const { queued, channel, account } = place;
  if (queued.event.kind === "press") void channel.acknowledgePress?.(account, queued.event, cut.signal).catch(() => {});

  const input = await readInput(door, lease, place, cut.signal);
  if (input === undefined) {
    return ended(door, queued, await store.ignoreEvent(lease, queued, "button-expired", clock.now())) ? 0 : undefined;
  }
  const { history } = decision.agent.limits;
  const past = history > 0 ? await store.history(queued.conversation.id, queued.message, history) : [];
  const call = newCall(decision.agent.models[0] ?? "none/none", clock);
  const begun = await store.beginTurn(lease, { event: queued, agent: decision.agent.id, route: decision.route, call, at: clock.now() });
  if (!begun.ok) return undefined;
  const { turn, entries } = begun.value;
  door.tell(entries, queued.conversation.id);

  const draft = place.streaming ? door.draft({ ...place, lease, turn, chat: queued.event.chat }) : undefined;
  const stopTyping = showTyping(channel, account, queued.event.chat);
  const tell = (event: TurnEvent) => {
    door.watch(event, queued);
    draft?.hear(event);
  };
  tell({ type: "turn-start", turn: turn.id });
  let result: TurnResult;
  try {
    result = await runTurn(
      { clock, provider: door.provider, step: (step) => told(door, queued, store.stepTurn(lease, turn, step)), tell, answerParts },
      {
        turn,
        agent: decision.agent,
        messages: modelMessages(past, input),
        tools: door.tools(decision.agent.tools),
        context: {
          tenant: queued.tenant,
          account: queued.account,
          conversation: queued.conversation.id,
          sender: queued.event.sender.id,
          clock,
        },
        call,
        cut,
      },
    );
  } finally {
    stopTyping();
    await draft?.close();
  }
  if (stop.aborted) return undefined;
  const { state, againInMs = 0 } = await settle(door, lease, turn, place, result);
  door.watch({ type: "turn-end", turn: turn.id, state }, queued);
  return againInMs;
}

async function readInput(door: TakeDoor, lease: Lease, place: TurnPlace, signal: AbortSignal): Promise<readonly Part[] | undefined> {
  const { queued, channel, account } = place;
  const parts = await inputParts(door.store, queued);
  if (!parts?.some((part) => "source" in part && part.source.at === "platform")) return parts;
  const fetched = await fetchAttachments(door.attachments, channel, account, queued.id, parts, signal);
  if (queued.message && !signal.aborted)
    await told(door, queued, door.store.saveParts(lease, queued.id, queued.message, fetched.parts, fetched.entries));
  return fetched.parts;
}

interface Settled {
  readonly state: "done" | "failed" | "cancelled";
  readonly againInMs?: number;
}

async function settle(door: TakeDoor, lease: Lease, turn: Turn, place: TurnPlace, result: TurnResult): Promise<Settled> {
  if (result.kind === "answer") return finish(door, lease, turn, place, result.parts, result.calls);
  if (result.kind === "cancelled") return cancel(door, lease, turn, place, result.calls);
  const { fault, calls, retryAfterMs } = result;
  if (!errorTable[fault.code].retryable || turn.tries - place.queued.crashes >= door.limits().turnTries) {
    return finish(door, lease, turn, place, [textPart(sorry, "markdown")], calls, fault);
  }
  const now = door.clock.now();
  const dueAt = now + backoff(turn.tries - place.queued.crashes, retryAfterMs, door.random);
  await told(door, place.queued, door.store.retryTurn(lease, turn, { fault, dueAt, at: now, calls }));
  return { state: "failed", againInMs: Math.max(1, dueAt - now) };
}

/** Law 5: answer, deliveries, the event's end and the calls' usage in one commit; law 6: unless control has changed. */
async function finish(
  door: TakeDoor,
  lease: Lease,
  turn: Turn,
  place: TurnPlace,
  parts: readonly Part[],
  calls: TurnResult["calls"],
  fault?: Fault,
): Promise<Settled> {
  const { queued, channel, onUnknown } = place;
  const at = door.clock.now();
  const message = newId("message", at);
  const replyTo = queued.event.chat.kind === "group" && queued.event.kind === "message" ? queued.event.platformId : undefined;
  const deliveries = door.plan(parts, channel, message, replyTo).map((content) => ({ content, onUnknown }));
  const state = fault ? "failed" : "done";
  const ending = {
    turn,
    event: queued,
    state,
    message,
    parts,
    deliveries,
    controlVersion: queued.conversation.controlVersion,
    calls,
    at,
  } as const;
  const finished = await door.store.finishTurn(lease, fault ? { ...ending, fault } : ending);
  if (finished.ok) {
    door.tell(finished.value.entries, queued.conversation.id);
    door.answered(queued, { message, parts, at, deliveries: finished.value.deliveries });
    return { state };
  }
  return finished.fault.code === "version-conflict" ? cancel(door, lease, turn, place, calls) : { state: "cancelled" };
}

async function cancel(door: TakeDoor, lease: Lease, turn: Turn, { queued }: TurnPlace, calls: TurnResult["calls"]): Promise<Settled> {
  const reason: IgnoreReason = "control-human";
  await told(door, queued, door.store.cancelTurn(lease, turn, { reason, at: door.clock.now(), calls }));
  return { state: "cancelled" };
}

async function told(door: TakeDoor, queued: QueuedEvent, writing: ReturnType<TurnStore["stepTurn"]>) {
  const written = await writing;
  ended(door, queued, written);
  return written;
}

function ended(door: TakeDoor, queued: QueuedEvent, written: Awaited<ReturnType<TurnStore["stepTurn"]>>): boolean {
  if (written.ok) door.tell(written.value, queued.conversation.id);
  return written.ok;
}
