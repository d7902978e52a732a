import type { Cancel, Clock } from "./clock.ts";
import type { IgnoreReason } from "./ledger.ts";

/** What may end a piece of work before it is done. */
export interface CutOff {
  readonly signal: AbortSignal;
  /** Whether its time was up. */
  readonly late: boolean;
  /** Why it was taken away, where that was said first. */
  readonly why: IgnoreReason | undefined;
  abort(why?: IgnoreReason): void;
  /** From now on it has so many milliseconds, whatever was left. Nothing happens where it had no limit, or is over. */
  restart(ms: number): void;
  /** The work is over: nothing is kept for it any more. */
  end(): void;
}

/**
 * A signal that follows `parent`, and aborts by itself when the time is up. What AbortSignal.any and AbortSignal.timeout
 * do together, for work of which there is much: those leave each of their signals to the garbage collector, this one is
 * ended by hand.
 */
export function cutOff(parent: AbortSignal, limit?: Limit): CutOff {
  return new Cut(parent, limit);
}

interface Limit {
  readonly clock: Clock;
  readonly ms: number;
}

/** A class: hundreds are held while answers stream, and an object with accessors of its own takes four times the memory. */
class Cut implements CutOff {
  late = false;
  why: IgnoreReason | undefined;
  readonly #aborter = new AbortController();
  readonly #clock: Clock | undefined;
  #cancel: Cancel | undefined;
  #leave: Cancel | undefined;

  constructor(parent: AbortSignal, limit: Limit | undefined) {
    this.#clock = limit?.clock;
    if (parent.aborted) this.#aborter.abort(parent.reason);
    else {
      this.#leave = follow(parent, () => this.#aborter.abort(parent.reason));
      if (limit) this.#count(limit.ms);
    }
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  abort(reason?: IgnoreReason): void {
    if (!this.signal.aborted) this.why = reason;
    this.#aborter.abort();
  }

  restart(ms: number): void {
    if (!this.#cancel || this.signal.aborted) return;
    this.#cancel();
    this.#count(ms);
  }

  /** It is handed to `finally` as it is. */
  readonly end = (): void => {
    this.#leave?.();
    this.#cancel?.();
    this.#cancel = undefined;
  };

  #count(ms: number): void {
    this.#cancel = this.#clock?.after(ms, () => {
      this.late = !this.signal.aborted;
      this.#aborter.abort();
    });
  }
}

interface Followers {
  readonly told: Set<() => void>;
  readonly tell: () => void;
}

const followersOf = new WeakMap<AbortSignal, Followers>();

/**
 * One listener on a signal for all who follow it: a signal looks through all of its listeners for each that comes or goes,
 * and the process's own is followed by every turn and every send.
 */
function follow(parent: AbortSignal, follower: () => void): Cancel {
  const followers = followersOf.get(parent) ?? listen(parent);
  followers.told.add(follower);
  return () => {
    followers.told.delete(follower);
    if (followers.told.size > 0 || followersOf.get(parent) !== followers) return;
    followersOf.delete(parent);
    parent.removeEventListener("abort", followers.tell);
  };
}

function listen(parent: AbortSignal): Followers {
  const told = new Set<() => void>();
  const tell = () => {
    followersOf.delete(parent);
    for (const follower of told) follower();
  };
  const followers = { told, tell };
  followersOf.set(parent, followers);
  parent.addEventListener("abort", tell, { once: true });
  return followers;
}
