import type { Account, Channel } from "../core/channel.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import { cutOff } from "../core/cut-off.ts";
import type { DeliveryContent, OnUnknown, SendOutcome } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import type { Chat } from "../core/event.ts";
import type { DeliveryId } from "../core/ids.ts";
import type { TurnStore } from "../core/store.ts";
import type { Turn, TurnEvent } from "../core/turn.ts";
import type { Gate } from "./gate.ts";
import type { Pace } from "./pace.ts";
import { renderDraft } from "./render.ts";

export interface DraftDoor {
  readonly store: TurnStore;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly gate: Gate;
}

/** Milliseconds after the first words: an answer that is whole by then needs no draft. */
const firstMs = 120;
/** What the first send may take. */
const sendMs = 30_000;

/** The turn whose answer is shown, and where. */
export interface DraftOf {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly channel: Channel;
  readonly account: Account;
  readonly chat: Chat;
  readonly onUnknown: OnUnknown;
}

/** The answer as it grows, on channels that can edit. */
export interface Draft {
  hear(event: TurnEvent): void;
  /** Waits for the call under way and shows nothing more; gives the words so far. Call it before the turn is finished. */
  close(): Promise<string>;
}

/**
 * Shows an answer while it is written: one message, sent once and then edited, no more often than the platform likes.
 * Only the first send is a delivery with intent and receipt; an edit can be lost or repeated without harm, and the
 * final text is written over the draft by the outbox. Failures end the draft, never the turn. Nothing where the channel
 * can't edit.
 */
export function openDraft(
  { store, clock, pace, gate }: DraftDoor,
  { lease, turn, channel, account, chat, onUnknown }: DraftOf,
): Draft | undefined {
  if (channel.edit === undefined || channel.limits.editEvery === undefined) return undefined;
  const everyMs = channel.limits.editEvery[chat.kind];
  const aborter = new AbortController();
  let text = "";
  let shown = "";
  let receipt: string | undefined;
  let delivery: DeliveryId | undefined;
  let nextAt: number | undefined;
  let timer: Cancel | undefined;
  let running: Promise<void> | undefined;
  let over = false;

  function schedule(): void {
    if (over || running || timer) return;
    nextAt ??= clock.elapsed() + firstMs;
    const waitMs = Math.max(0, nextAt - clock.elapsed());
    if (waitMs === 0) {
      start();
      return;
    }
    timer = clock.after(waitMs, () => {
      timer = undefined;
      start();
    });
  }

  function start(): void {
    if (over || running) return;
    running = show().finally(() => {
      running = undefined;
      nextAt = Math.max(nextAt ?? 0, clock.elapsed() + everyMs);
      if (!over && text !== shown) schedule();
    });
  }

  async function show(): Promise<void> {
    // A draft is no reason to ask a platform that fails, or asked to wait: the answer itself will.
    if (!gate.clear(account.id, turn.conversation)) return;
    // The conversation's own pace is `editEvery`; its next message is not to wait for a draft.
    const { waitMs } = pace.take(account.id, turn.conversation, {
      account: channel.limits.rate.account,
      conversation: Number.POSITIVE_INFINITY,
    });
    if (waitMs > 0) {
      nextAt = clock.elapsed() + waitMs;
      return;
    }
    const now = text;
    const content = renderDraft(now, channel);
    if (content.text.trim() === "") return;
    try {
      if (receipt === undefined) await sendFirst(content);
      else {
        const outcome = await channel.edit?.(account, { delivery: delivery as DeliveryId, chat, content, receipt }, aborter.signal);
        if (outcome !== undefined) heard(outcome);
        if (outcome?.kind === "retry") {
          nextAt = clock.elapsed() + (outcome.afterMs ?? everyMs);
        } else if (outcome?.kind !== "sent") over = true;
      }
      shown = now;
    } catch (cause) {
      over = true;
      account.log.warn("draft-fail", { cause });
    }
  }

  /** What the platform asks of a draft it asks of the answer too, and of everything else in this conversation. */
  function heard(outcome: SendOutcome): void {
    gate.heard({ account: account.id, conversation: turn.conversation, delivery: delivery as DeliveryId }, outcome);
  }

  async function sendFirst(content: DeliveryContent): Promise<void> {
    delivery = await store.beginDraft(lease, turn, { content, onUnknown, at: clock.now() });
    if (delivery === undefined) return;
    // Not abortable: once it is on its way, its receipt is worth the wait.
    const cut = cutOff(new AbortController().signal, { clock, ms: sendMs });
    const outcome = await channel.send(account, { delivery, chat, content }, cut.signal).finally(cut.end);
    heard(outcome);
    if (outcome.kind === "sent") {
      receipt = outcome.receipt;
      await store.draftSent(lease, delivery, receipt, clock.now());
    } else {
      over = true;
      if (outcome.kind !== "unknown") await store.draftRefused(lease, delivery, clock.now());
    }
  }

  return {
    hear(event) {
      if (event.type === "turn-text") text += event.delta;
      else if (event.type === "turn-restart") text = "";
      else return;
      if (text !== "") schedule();
    },
    async close() {
      over = true;
      timer?.();
      if (receipt !== undefined) aborter.abort();
      await running;
      return text;
    },
  };
}
