import type { Result } from "./errors.ts";
import type { AccountId, TenantId } from "./ids.ts";

/** What a channel keeps of an account beside its events, where a protocol has a memory of its own. */
export interface AccountState {
  /** All of it. */
  read(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Resolves when all of it is on disk; what becomes undefined goes. Later calls are on disk later. Rejects when nothing is. */
  write(changes: StateChanges): Promise<void>;
  /** 32 bytes out of the vault, made when they are asked for the first time: what is secret in the state is sealed with them. */
  key(): Promise<Result<Uint8Array>>;
}

export type StateChanges = ReadonlyMap<string, Uint8Array | undefined>;

export interface AccountStateStore {
  accountState(tenant: TenantId, account: AccountId): Promise<ReadonlyMap<string, Uint8Array>>;
  putAccountState(tenant: TenantId, account: AccountId, changes: StateChanges): Promise<void>;
  /**
   * All of it goes, and with it the account's cursor: when an account is removed, and again before one of the same name begins. A
   * gateway may have heard of the removal late and written after it, and another bot's cursor would pass over this one's messages.
   */
  dropAccountState(tenant: TenantId, account: AccountId): Promise<void>;
}
