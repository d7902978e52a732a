import type { AccountStateStore } from "../core/account-state.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { Vault } from "./vault.ts";

interface Parts {
  readonly tenant: TenantId;
  readonly store: Pick<AccountStateStore, "dropAccountState"> & { readonly records: Pick<Records, "setPaused"> };
  readonly vault: Pick<Vault, "remove"> & { list(): Promise<readonly { readonly name: string }[]> };
}

interface Explained {
  /** Every setting that is left. */
  explain(): readonly { readonly path: string; readonly value: Json }[];
}

/**
 * What goes with an account, once the configuration is without it: the secrets that were made for it, what its channel kept,
 * its place in the platform's stream, a pause. `entry` is what stood there, `left` what stands now.
 */
export async function clearAccount(
  parts: Parts,
  id: string,
  entry: Json | undefined,
  left: Explained,
  by: string,
  at: Instant,
): Promise<void> {
  const { tenant, store, vault } = parts;
  const used = new Set(left.explain().flatMap(({ path, value }) => (path.endsWith(".vault") && typeof value === "string" ? [value] : [])));
  const own = new Set(referencesOf(entry).flatMap(({ key, name }) => (madeFor(id, key, name) ? [name] : [])));
  for (const { name } of await vault.list()) {
    if (name.startsWith(accountSecret(id, "")) || own.has(name)) {
      if (!used.has(name)) await vault.remove(name, by);
    }
  }
  await store.dropAccountState(tenant, id as AccountId);
  await store.records.setPaused(tenant, id as AccountId, false, by, at);
}

/** What the gateway calls a secret of an account. */
export function accountSecret(id: string, key: string): string {
  return `accounts.${id}.${key}`;
}

function referencesOf(entry: Json | undefined): { readonly key: string; readonly name: string }[] {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
  return Object.entries(entry).flatMap(([key, value]) => {
    const name = typeof value === "object" && value !== null && !Array.isArray(value) ? value.vault : undefined;
    return typeof name === "string" ? [{ key, name }] : [];
  });
}

/** As the command line names what it puts away (`freeName`): anything else an operator named, and keeps. */
function madeFor(id: string, key: string, name: string): boolean {
  const wanted = `${id}-${key}`.replace(/[^A-Za-z0-9._-]/g, "-");
  return name === wanted || (name.startsWith(`${wanted}-`) && /^[1-9]\d*$/.test(name.slice(wanted.length + 1)));
}
