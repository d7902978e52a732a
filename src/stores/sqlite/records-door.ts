import type { Ledger } from "./ledger.ts";

/** How the files about records reach the store. */
export interface RecordsDoor {
  /** Sees what is committed. */
  read<Value>(query: () => Value): Promise<Value>;
  /** Runs in a transaction; resolves after the commit. */
  write<Value>(job: () => Value): Promise<Value>;
  readonly ledger: Ledger;
}
