import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { type PressEvent, readButtonToken } from "../core/event.ts";
import { type ConversationId, type MessageId, newId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { type Live, tellControl } from "../core/live.ts";
import { type Part, plainText, textPart } from "../core/message.ts";
import { planned } from "../core/planned.ts";
import type { QueuedEvent, TurnStore } from "../core/store.ts";

/** The word on how it went that an event is: no agent is asked about it. */
export interface Rating {
  readonly kind: "rating";
  readonly question: MessageId;
  readonly score: number;
}

type Rated =
  | Rating
  /** It was pressed too late, or by somebody in another place. */
  | { readonly kind: "void" };

/**
 * A press of a button under the question counts as long as it may be answered, and the last one counts; a number that is
 * written counts once, in the same time.
 */
export async function readRating(store: Pick<TurnStore, "askedBy">, queued: QueuedEvent): Promise<Rated | undefined> {
  const { event, conversation, receivedAt } = queued;
  if (event.kind === "press") return readPress(store, queued, event);
  const open = conversation.handedBack?.question;
  if (event.kind !== "message" || !open || receivedAt > open.until) return undefined;
  const typed = /^\s*([1-5])\s*$/.exec(plainText(event.parts));
  return typed ? { kind: "rating", question: open.message, score: Number(typed[1]) } : undefined;
}

async function readPress(
  store: Pick<TurnStore, "askedBy">,
  { tenant, conversation, receivedAt }: QueuedEvent,
  event: PressEvent,
): Promise<Rated | undefined> {
  const token = readButtonToken(event.token);
  const asked = token && (await store.askedBy(tenant, token.messageId as MessageId));
  if (!token || !asked) return undefined;
  const score = token.index + 1;
  const counts = asked.conversation === conversation.id && receivedAt <= asked.until && score >= 1 && score <= 5;
  return counts ? { kind: "rating", question: token.messageId as MessageId, score } : { kind: "void" };
}

export interface RatedPlace {
  readonly channel: Channel;
  readonly account: Account;
  readonly onUnknown: OnUnknown;
}

/** What the answer to a person's word for the gateway itself needs. */
export interface RatingDoor {
  readonly store: Pick<TurnStore, "rate">;
  readonly clock: Clock;
  readonly live: Live;
  /** The outbox's plan of a message. */
  readonly plan: (parts: readonly Part[], channel: Channel, message: MessageId) => readonly DeliveryContent[];
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  /** A reply is stored, and its deliveries are queued. */
  readonly answered: (
    queued: QueuedEvent,
    reply: { readonly message: MessageId; readonly parts: readonly Part[]; readonly deliveries: readonly unknown[]; readonly at: number },
  ) => void;
}

const thanks = "Thank you.";

/** Stores the score, and thanks for it. Answers as `routeNext` does. */
export async function endRating(
  door: RatingDoor,
  lease: Lease,
  queued: QueuedEvent,
  { question, score }: Rating,
  { channel, account, onUnknown }: RatedPlace,
): Promise<number | undefined> {
  const { tenant, conversation, event } = queued;
  if (event.kind === "press") void channel.acknowledgePress?.(account, event, AbortSignal.timeout(acknowledgeMs)).catch(() => {});
  const at = door.clock.now();
  const message = newId("message", at);
  const parts = [textPart(thanks)];
  const deliveries = planned(door.plan(parts, channel, message), { channel, onUnknown });
  const reply = {
    tenant,
    account: queued.account,
    channel: queued.channel,
    chat: event.chat,
    author: "system",
    message,
    parts,
    deliveries,
    at,
  } as const;
  const ended = await door.store.rate(lease, queued, { question, score, reply, at });
  if (!ended.ok) return undefined;
  const { entries, reply: stored } = ended.value;
  door.tell([...entries, ...(stored?.entries ?? [])], conversation.id);
  door.answered(queued, { message, parts, deliveries: stored?.deliveries ?? [], at });
  tellControl(door.live, conversation);
  return 0;
}

const acknowledgeMs = 10_000;
