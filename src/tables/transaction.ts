import { type Fault, fault } from "../core/errors.ts";
import type { Tables } from "./tables.ts";
import type { UntoldTime } from "./untold-time.ts";
import type { Work } from "./work.ts";

/** What every transaction that writes begins and ends with. */
export interface TransactionFrame {
  /** Called first; a fault says that this process may no longer write. */
  enter(): Work<Fault | undefined>;
  /** Called last, to write what the jobs added up. */
  leave(): Work<void>;
  /** The transaction was given up. */
  forget(): void;
}

/** `epoch`: the owner's, where this process is the owner. */
export function transactionFrame(tables: Tables, time: UntoldTime, epoch?: number): TransactionFrame {
  const { conversations, ledger, numbers, tally } = tables;
  return {
    *enter() {
      const { epoch: now, ledger: next, others } = yield* numbers.start();
      if (others) conversations.forget();
      // A newer owner's epoch means that this one's lock was lost (a network file system): it must not write.
      if (epoch !== undefined && epoch !== now) return fault("store-locked", "Another gateway took this store over.");
      ledger.start(next);
      yield* time.enter();
      return undefined;
    },
    *leave() {
      time.leave();
      yield* ledger.write();
      yield* tally.write();
    },
    forget() {
      conversations.forget();
      ledger.forget();
      tally.forget();
      time.forget();
    },
  };
}
