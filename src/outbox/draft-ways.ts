import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { Streaming } from "../core/configuration.ts";
import { cutOff } from "../core/cut-off.ts";
import type { DeliveryContent, OnUnknown, SendOutcome } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import type { Chat } from "../core/event.ts";
import type { DeliveryId } from "../core/ids.ts";
import { type Planned, planned } from "../core/planned.ts";
import type { TurnStore } from "../core/store.ts";
import type { Turn, TurnEvent } from "../core/turn.ts";
import type { Gate } from "./gate.ts";

/** The turn whose answer is shown, where, and how. */
export interface DraftOf {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly channel: Channel;
  readonly account: Account;
  readonly chat: Chat;
  readonly onUnknown: OnUnknown;
  readonly streaming: Streaming;
  /** The platform's id of the message that it answers. */
  readonly replyTo?: string | undefined;
  /** What earlier tries said in blocks, and the same as this one goes on behind it. */
  readonly said?: string | undefined;
  readonly resumed?: string | undefined;
}

/** The answer as it grows, where it can be shown. */
export interface Draft {
  hear(event: TurnEvent): void;
  /** What went out for good so far: how the answer begins, in Markdown. Absent where nothing ever did. */
  said(): string | undefined;
  /** Waits for the call under way and shows nothing more; gives the words so far. Call it before the turn is finished. */
  close(): Promise<string>;
  /** The message that stands there now; nothing where none does. After `close` it is the last. */
  standing(): DeliveryContent | undefined;
}

/** One way to let an answer be seen while it grows. */
export interface Way {
  /** Milliseconds between two times. */
  readonly everyMs: number;
  /** What was shown has to be shown again after so many milliseconds, or it vanishes. */
  readonly againMs?: number;
  /** Shows the text so far. A number: not before so many milliseconds. `over`: never again in this way. */
  show(content: DeliveryContent, signal: AbortSignal): Promise<"shown" | "over" | number>;
}

interface WayDoor {
  readonly store: TurnStore;
  readonly clock: Clock;
  readonly gate: Gate;
}

/** What the first send may take. */
const sendMs = 30_000;
/** A preview is worth no longer wait. */
const previewMs = 5_000;

/** The ways that the account wants and the channel has in such a chat, the best first. */
export function waysOf(door: WayDoor, of: DraftOf): Way[] {
  const ways: Way[] = [];
  if (of.streaming === "off") return ways;
  if (of.streaming === "native") ways.push(...previews(door, of));
  return [...ways, ...edits(door, of)];
}

/**
 * One message, sent once and then edited. Only the first send is a delivery with intent and receipt; an edit can be lost
 * or repeated without harm, and the final text is written over it by the outbox.
 */
function edits({ store, clock, gate }: WayDoor, { lease, turn, channel, account, chat, onUnknown }: DraftOf): Way[] {
  const { edit } = channel;
  const everyMs = channel.limits.editEvery?.[chat.kind];
  if (!edit || everyMs === undefined) return [];
  let draft: { readonly delivery: DeliveryId; readonly receipt: string } | undefined;

  /** What the platform asks of a draft it asks of the answer too, and of everything else in this conversation. */
  function heard(delivery: DeliveryId, outcome: SendOutcome): void {
    gate.heard({ account: account.id, conversation: turn.conversation, delivery }, outcome);
  }

  async function sendFirst(content: DeliveryContent): Promise<"shown" | "over" | number> {
    const delivery = await store.beginDraft(lease, turn, {
      ...(planned([content], { channel, onUnknown })[0] as Planned),
      at: clock.now(),
    });
    // An earlier message is still on its way; it may have arrived the next time.
    if (delivery === undefined) return everyMs ?? 0;
    // Not abortable: once it is on its way, its receipt is worth the wait.
    const cut = cutOff(new AbortController().signal, { clock, ms: sendMs });
    const outcome = await channel.send(account, { delivery, chat, content }, cut.signal).finally(cut.end);
    heard(delivery, outcome);
    if (outcome.kind === "sent") {
      draft = { delivery, receipt: outcome.receipt };
      await store.draftSent(lease, delivery, outcome.receipt, clock.now());
      return "shown";
    }
    if (outcome.kind !== "unknown") await store.draftRefused(lease, delivery, clock.now());
    return "over";
  }

  return [
    {
      everyMs,
      async show(content, signal) {
        if (draft === undefined) return sendFirst(content);
        // Law 6, as far as an edit can keep it: nothing more is written over it after a takeover.
        if (!(await store.maySpeak(turn))) return "over";
        const outcome = await edit(account, { ...draft, chat, content }, signal);
        heard(draft.delivery, outcome);
        if (outcome.kind === "retry") return outcome.afterMs ?? everyMs;
        return outcome.kind === "sent" ? "shown" : "over";
      },
    },
  ];
}

/**
 * The platform's own preview of an unfinished message. Nothing of it lasts, so it is no delivery: what arrives for good is
 * the answer, sent as if nothing had been shown.
 */
function previews({ store, clock, gate }: WayDoor, { turn, channel, account, chat }: DraftOf): Way[] {
  const { preview } = channel;
  const limits = channel.limits.preview;
  if (!preview || !limits?.chats.includes(chat.kind)) return [];
  return [
    {
      everyMs: limits.everyMs,
      againMs: limits.lastsMs * 0.7,
      async show(content, signal) {
        if (!(await store.maySpeak(turn))) return "over";
        const cut = cutOff(signal, { clock, ms: previewMs });
        const outcome = await preview(account, { turn: turn.id, chat, content }, cut.signal).finally(cut.end);
        if (outcome.kind === "refused") account.log.info("preview-refused", { code: outcome.code, message: outcome.message });
        if (outcome.kind !== "retry") return outcome.kind === "sent" ? "shown" : "over";
        gate.heard({ account: account.id, conversation: turn.conversation }, outcome);
        return outcome.afterMs ?? limits.everyMs;
      },
    },
  ];
}
