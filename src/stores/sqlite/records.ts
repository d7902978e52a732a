import type { DatabaseSync } from "node:sqlite";
import type { Records } from "../../core/records.ts";
import type { Prepare } from "./database.ts";
import type { Ledger } from "./ledger.ts";

export interface RecordsDoor {
  read<Value>(query: () => Value): Promise<Value>;
  write<Value>(job: () => Value): Promise<Value>;
  readonly ledger: Ledger;
}

export function sqliteRecords(_database: DatabaseSync, _prepare: Prepare, _door: RecordsDoor): Records {
  return {} as Records;
}
