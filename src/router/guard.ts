import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { Limits, SenderLimits } from "../core/configuration.ts";
import type { Gate } from "../core/engine.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import { dayOf, type QueuedEvent, type TurnStore } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { Decision, Refusal } from "./decide.ts";
import { createLoopGuard } from "./loop-guard.ts";
import { createSenderRate } from "./sender-rate.ts";

/** Keeps one sender from taking too much, and two machines from talking to each other. Nothing has been paid for yet. */
export interface Guard {
  /** What the router decided, unless it would be too much. An event whose turn was begun before has been let in. */
  admit<Let extends Decision>(decision: Let, queued: QueuedEvent, channel: Pick<Channel, "programs">): Let | Refusal;
  /** Whether the event would be let in now, as far as its sender's limits go. Takes nothing. */
  fits(queued: QueuedEvent): Promise<boolean>;
  /** What became of a turn that was let in: one that has to wait comes again, and is counted then. */
  begun<Again>(queued: QueuedEvent, again: Again | Gate): Again | Gate;
  answered(queued: QueuedEvent, at: Instant): void;
  /** What the sender is to be told, if that is safe and wasn't done yet. */
  notice(
    queued: QueuedEvent,
    reason: IgnoreReason,
    at: Instant,
    say?: string,
  ): { readonly text: string; readonly onceOn?: number } | undefined;
}

export const notices = {
  "sender-rate": "You are writing faster than I may answer. Please wait a minute and write again.",
  "budget-spent": "I'm sorry, I can't answer any more for now. Please try again later.",
  "sender-quota": "You have had all the answers that I may give you today. Please write again tomorrow.",
} as const;

export interface GuardDoor {
  readonly clock: Clock;
  readonly limits: () => Limits;
  readonly store: Pick<TurnStore, "turnsOn">;
}

export function createGuard({ clock, limits, store }: GuardDoor): Guard {
  const rate = createSenderRate(clock);
  const loops = createLoopGuard();
  const none: SenderLimits = {};

  return {
    admit(decision, queued, { programs }) {
      if (decision.kind === "ignore" || queued.tries > 0) return decision;
      const { loopTurns = 0, sender = none } = limits();
      if (loopTurns > 0 && !programs && loops.sees(queued, loopTurns)) return { kind: "ignore", reason: "loop-guard" };
      if (sender.perMinute !== undefined && !rate.take(keyOf(queued), sender)) return { kind: "ignore", reason: "sender-rate" };
      return decision;
    },
    async fits(queued) {
      const { sender = none } = limits();
      if (queued.tries > 0) return true;
      if (!rate.has(keyOf(queued), sender)) return false;
      return sender.perDay === undefined || (await store.turnsOn(queued, dayOf(clock.now()))) < sender.perDay;
    },
    begun(queued, again) {
      const { sender = none } = limits();
      if (typeof again === "object" && queued.tries === 0 && sender.perMinute !== undefined) rate.giveBack(keyOf(queued), sender);
      return again;
    },
    answered(queued, at) {
      loops.answered(queued, at);
    },
    notice(queued, reason, at, say) {
      if (reason !== "sender-rate" && reason !== "sender-quota" && reason !== "budget-spent") return undefined;
      const text = say ?? limits().sender?.notice ?? notices[reason];
      // In a group everybody would read it, and bots aren't answered at all.
      if (text === "" || queued.event.chat.kind !== "direct") return undefined;
      // The day's is remembered by the store, with the count.
      if (reason !== "sender-rate") return { text, onceOn: dayOf(at) };
      return rate.tell(keyOf(queued)) ? { text } : undefined;
    },
  };
}

function keyOf({ tenant, account, event }: QueuedEvent): string {
  return JSON.stringify([tenant, account, event.sender.id]);
}
