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

/** By what a process knows that it may still write: its owner's epoch is the newest, or the others haven't declared it dead. */
export type Claim = { readonly epoch: number } | { readonly alive: () => Work<boolean> };

/** `claim`: absent for those who look on beside the owner. */
export function transactionFrame(tables: Tables, time: UntoldTime, claim?: Claim): TransactionFrame {
  const { conversations, ledger, numbers, tally } = tables;
  return {
    *enter() {
      const { epoch: now, ledger: next, others } = yield* numbers.start();
      if (others) conversations.forget();
      // A newer owner's epoch means that this one's lock was lost (a network file system): it must not write.
      if (claim && "epoch" in claim && claim.epoch !== now) return fault("store-locked", "Another gateway took this store over.");
      if (claim && "alive" in claim && !(yield* claim.alive())) {
        return fault("store-locked", "The other gateways heard nothing of this one for too long, and took over what it had.");
      }
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
