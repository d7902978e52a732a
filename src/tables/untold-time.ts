import type { ClockReading } from "../core/retention.ts";
import type { TellTime } from "./time.ts";
import type { Work } from "./work.ts";

/**
 * A reading of the clocks that the disk didn't take, and that nothing may be written before: rows under the new time
 * would be moved with those under the old one when the next reading is stored. It is made good first in the next
 * transaction. Several that failed are one: nothing was written between them.
 */
export interface UntoldTime {
  /** For the rejection of a call that was to store this reading. */
  failed(reading: ClockReading): (reason: unknown) => never;
  enter(): Work<void>;
  leave(): void;
  /** The transaction was given up. */
  forget(): void;
}

export function untoldTime(tellTime: TellTime): UntoldTime {
  let untold: ClockReading | undefined;
  let leaving: ClockReading | undefined;
  return {
    failed: (reading) => (reason) => {
      untold = reading;
      throw reason;
    },
    *enter() {
      leaving = undefined;
      if (untold) yield* tellTime(untold);
    },
    leave() {
      leaving = untold;
      untold = undefined;
    },
    forget() {
      untold ??= leaving;
      leaving = undefined;
    },
  };
}
