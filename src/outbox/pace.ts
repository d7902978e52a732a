import type { Clock } from "../core/clock.ts";

/** Keeps sends to the published rates, per account and per conversation. */
export interface Pace {
  /**
   * Takes a place for one send now (`waitMs` 0), or says in how many milliseconds to ask again. Who waits for the account
   * stands in a line: the place is kept for its conversation until then and a little longer, so that a thousand that wait
   * don't all come back for each place that gets free.
   */
  take(account: string, conversation: string, rate: Rate): Place;
  /** The platform said to wait: nothing of this account or conversation goes out before. */
  hold(key: string, ms: number): void;
}

export interface Place {
  readonly waitMs: number;
  /** Whose pace it waits for. */
  readonly whose: "account" | "conversation";
  /** There was nothing to send after all. */
  giveBack(): void;
}

/** Sends per second; infinite where the platform names no limit. */
interface Rate {
  readonly account: number;
  readonly conversation: number;
}

/** Sends in a row that a rate allows before it spaces them out: what platforms accept in a second. */
const burstMs = 1_000;
/** How long after its time a kept place stays valid. */
const keptMs = 5_000;
/** Idle keys are forgotten past this many, so that memory doesn't grow with the number of conversations. */
const maxKeys = 50_000;

/**
 * A generic cell rate algorithm (ITU-T I.371): one number per key, the time at which the bucket would be empty again.
 * In memory: a lost pace costs a 429, which the platform's Retry-After then paces.
 */
export function createPace(clock: Clock): Pace {
  const full = new Map<string, number>();
  const held = new Map<string, number>();
  /** Places in the line, by conversation: from when each can be taken. They are booked already. */
  const kept = new Map<string, number>();

  function holding(key: string, now: number): number {
    const ms = (held.get(key) ?? 0) - now;
    if (ms <= 0) held.delete(key);
    return Math.max(0, ms);
  }

  function wait(key: string, perSecond: number, now: number): number {
    if (perSecond === Number.POSITIVE_INFINITY) return 0;
    const spacing = 1_000 / perSecond;
    return Math.max(0, (full.get(key) ?? 0) - now - Math.max(0, burstMs - spacing));
  }

  function book(key: string, perSecond: number, now: number, places: 1 | -1): void {
    if (perSecond === Number.POSITIVE_INFINITY) return;
    full.set(key, Math.max(full.get(key) ?? 0, now) + (places * 1_000) / perSecond);
    if (full.size > maxKeys) for (const [idle, at] of full) if (at <= now) full.delete(idle);
  }

  /** Books the account's next place. Milliseconds until it can be taken. */
  function queue(account: string, conversation: string, perSecond: number, now: number): number {
    const at = kept.get(conversation);
    kept.delete(conversation);
    if (at !== undefined && now - at < keptMs) {
      if (at > now) kept.set(conversation, at);
      return Math.max(0, at - now);
    }
    const ms = Math.ceil(wait(account, perSecond, now));
    book(account, perSecond, now, 1);
    if (ms > 0) kept.set(conversation, now + ms);
    if (kept.size > maxKeys) for (const [gone, since] of kept) if (now - since >= keptMs) kept.delete(gone);
    return ms;
  }

  return {
    take(account, conversation, rate) {
      if (held.size === 0 && rate.account === Number.POSITIVE_INFINITY && rate.conversation === Number.POSITIVE_INFINITY) return free;
      const now = clock.elapsed();
      // A conversation's own wait is nobody else's: it stands in the line once that is over.
      const own = Math.max(holding(account, now), holding(conversation, now), wait(conversation, rate.conversation, now));
      const ms = own > 0 ? own : queue(account, conversation, rate.account, now);
      const whose = own > 0 ? "conversation" : "account";
      if (ms > 0) return { waitMs: Math.ceil(ms), whose, giveBack: nothing };
      book(conversation, rate.conversation, now, 1);
      return {
        ...{ waitMs: 0, whose },
        giveBack() {
          book(account, rate.account, now, -1);
          book(conversation, rate.conversation, now, -1);
        },
      };
    },
    hold(key, ms) {
      held.set(key, Math.max(held.get(key) ?? 0, clock.elapsed() + ms));
    },
  };
}

function nothing(): void {}

const free: Place = { waitMs: 0, whose: "conversation", giveBack: nothing };
