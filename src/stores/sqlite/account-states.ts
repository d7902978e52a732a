import type { StateChanges } from "../../core/account-state.ts";
import type { AccountId, TenantId } from "../../core/ids.ts";
import type { Prepare } from "./database.ts";

/** See `AccountStateStore`. */
export interface AccountStates {
  all(tenant: TenantId, account: AccountId): ReadonlyMap<string, Uint8Array>;
  put(tenant: TenantId, account: AccountId, changes: StateChanges): void;
  drop(tenant: TenantId, account: AccountId): void;
}

export function accountStateTable(prepare: Prepare): AccountStates {
  const all = prepare<{ key: string; value: Uint8Array }>("SELECT key, value FROM account_states WHERE tenant = ? AND account = ?");
  const put = prepare(`
    INSERT INTO account_states (tenant, account, key, value) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, account, key) DO UPDATE SET value = excluded.value`);
  const remove = prepare("DELETE FROM account_states WHERE tenant = ? AND account = ? AND key = ?");
  const drop = prepare("DELETE FROM account_states WHERE tenant = ? AND account = ?");
  return {
    all: (tenant, account) => new Map(all.all(tenant, account).map(({ key, value }) => [key, value])),
    put(tenant, account, changes) {
      for (const [key, value] of changes) {
        if (value === undefined) remove.run(tenant, account, key);
        else put.run(tenant, account, key, value);
      }
    },
    drop: (tenant, account) => void drop.run(tenant, account),
  };
}
