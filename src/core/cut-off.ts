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
export function cutOff(parent: AbortSignal, limit?: { readonly clock: Clock; readonly ms: number }): CutOff {
  const aborter = new AbortController();
  let late = false;
  let why: IgnoreReason | undefined;
  let cancel: Cancel | undefined;
  let leave: Cancel | undefined;
  const timeIsUp = () => {
    late = !aborter.signal.aborted;
    aborter.abort();
  };
  if (parent.aborted) aborter.abort(parent.reason);
  else {
    leave = follow(parent, () => aborter.abort(parent.reason));
    cancel = limit?.clock.after(limit.ms, timeIsUp);
  }
  return {
    signal: aborter.signal,
    get late() {
      return late;
    },
    get why() {
      return why;
    },
    abort(reason) {
      if (!aborter.signal.aborted) why = reason;
      aborter.abort();
    },
    restart(ms) {
      if (!cancel || aborter.signal.aborted) return;
      cancel();
      cancel = limit?.clock.after(ms, timeIsUp);
    },
    end() {
      leave?.();
      cancel?.();
      cancel = undefined;
    },
  };
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
