import { randomBytes } from "node:crypto";
import type { AccountState, AccountStateStore } from "./core/account-state.ts";
import { fail, ok, type Result } from "./core/errors.ts";
import type { AccountId, TenantId } from "./core/ids.ts";
import type { Vault } from "./vault/vault.ts";

interface Parts {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly store: AccountStateStore;
  readonly vault: Pick<Vault, "read" | "write">;
}

/** See `AccountState`; the key goes with the account's other secrets when it is removed. */
export function accountState({ tenant, account, store, vault }: Parts): AccountState {
  const name = `accounts.${account}.state-key`;
  async function key(): Promise<Result<Uint8Array>> {
    const kept = await vault.read(name);
    if (!kept.ok && kept.fault.code !== "secret-missing") return kept;
    if (kept.ok) {
      const bytes = Buffer.from(kept.value, "base64");
      return bytes.length === 32 ? ok(bytes) : fail("vault-damaged", `the secret ${name} is no key of 32 bytes`);
    }
    const fresh = randomBytes(32);
    const written = await vault.write(name, fresh.toString("base64"), "gateway");
    return written.ok ? ok(fresh) : written;
  }
  return {
    read: () => store.accountState(tenant, account),
    write: (changes) => store.putAccountState(tenant, account, changes),
    key,
  };
}
