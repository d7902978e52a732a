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
  const follow = () => aborter.abort(parent.reason);
  if (parent.aborted) follow();
  else {
    parent.addEventListener("abort", follow, { once: true });
    cancel = limit?.clock.after(limit.ms, () => {
      late = !aborter.signal.aborted;
      aborter.abort();
    });
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
    end() {
      parent.removeEventListener("abort", follow);
      cancel?.();
    },
  };
}
