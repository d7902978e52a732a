import type { Clock } from "../core/clock.ts";
import { cutOff } from "../core/cut-off.ts";

/** Ends a call in which nothing has come for too long. */
export interface Silence {
  readonly signal: AbortSignal;
  /** Whether it did. */
  readonly tooLong: boolean;
  /** Something came. */
  broken(): void;
  end(): void;
}

/** One timer for the whole call, however many words come: when it falls due it looks when the last one did. */
export function watchSilence(parent: AbortSignal, clock: Clock, ms: number): Silence {
  const cut = cutOff(parent);
  let last = clock.elapsed();
  let tooLong = false;
  let cancel = clock.after(ms, look);
  function look(): void {
    const left = last + ms - clock.elapsed();
    if (left > 0) cancel = clock.after(left, look);
    else {
      tooLong = true;
      cut.abort();
    }
  }
  return {
    signal: cut.signal,
    get tooLong() {
      return tooLong;
    },
    broken() {
      last = clock.elapsed();
    },
    end() {
      cancel();
      cut.end();
    },
  };
}
