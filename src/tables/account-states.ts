import type { StateChanges } from "../core/account-state.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import type { Prepare, Work } from "./work.ts";

/** See `AccountStateStore`. */
export interface AccountStates {
  all(tenant: TenantId, account: AccountId): Work<ReadonlyMap<string, Uint8Array>>;
  put(tenant: TenantId, account: AccountId, changes: StateChanges): Work<void>;
  drop(tenant: TenantId, account: AccountId): Work<void>;
}

export function accountStateTable(prepare: Prepare): AccountStates {
  const all = prepare<{ key: string; value: Uint8Array }>("SELECT key, value FROM account_states WHERE tenant = ? AND account = ?");
  const put = prepare(`
    INSERT INTO account_states (tenant, account, key, value) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, account, key) DO UPDATE SET value = excluded.value`);
  const remove = prepare("DELETE FROM account_states WHERE tenant = ? AND account = ? AND key = ?");
  const drop = prepare("DELETE FROM account_states WHERE tenant = ? AND account = ?");
  const dropCursor = prepare("DELETE FROM cursors WHERE tenant = ? AND account = ?");
  return {
    *all(tenant, account) {
      return new Map((yield* all.all(tenant, account)).map(({ key, value }) => [key, value]));
    },
    *put(tenant, account, changes) {
      for (const [key, value] of changes) {
        if (value === undefined) yield* remove.do(tenant, account, key);
        else yield* put.do(tenant, account, key, value);
      }
    },
    *drop(tenant, account) {
      yield* drop.do(tenant, account);
      yield* dropCursor.do(tenant, account);
    },
  };
}
