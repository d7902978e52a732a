import { readConfigurationFile } from "../config/disk.ts";
import { type Loaded, loadConfiguration } from "../config/load.ts";
import type { Sources } from "../config/sources.ts";
import { type Fault, FaultError, fail } from "../core/errors.ts";
import { defaultTenant } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import type { Json } from "../core/terms.ts";
import { createVault, type Vault } from "../vault/vault.ts";
import type { CommandDoor } from "./door.ts";

/** The data folder as a command sees it. */
export interface Opened {
  readonly loaded: Loaded;
  /** What loaded it: for a second load with a change that isn't saved yet. */
  readonly sources: Sources;
  /** Absent while nothing was ever stored, or when `fault` says why it doesn't open. */
  readonly store?: Store;
  readonly vault?: Vault;
  readonly fault?: Fault;
}

export interface OpenedStore extends Opened {
  readonly store: Store;
  readonly vault: Vault;
}

export const tenant = defaultTenant;
export const actor = "cli";

/** Looks only: a store that isn't there isn't made, one that doesn't open is told of and does without. */
export async function looking<Value>(door: CommandDoor, work: (opened: Opened) => Promise<Value>): Promise<Value> {
  let store: Store | undefined;
  let fault: Fault | undefined;
  if (door.store.exists()) {
    const opening = await door.openStore();
    if (opening.ok) store = opening.value;
    else fault = opening.fault;
  }
  try {
    return await work({ ...(await load(door, store)), ...(fault && { fault }) });
  } finally {
    await store?.close();
  }
}

/** Needs the store, and makes it when it isn't there. Rejects with FaultError when it doesn't open. */
export async function working<Value>(door: CommandDoor, work: (opened: OpenedStore) => Promise<Value>): Promise<Value> {
  const opening = await door.openStore();
  if (!opening.ok) throw new FaultError(opening.fault);
  const store = opening.value;
  try {
    const opened = await load(door, store);
    if (!opened.vault) throw new FaultError({ code: "internal", message: "the vault wasn't opened" });
    return await work({ ...opened, store, vault: opened.vault });
  } finally {
    await store.close();
  }
}

async function load(door: CommandDoor, store: Store | undefined): Promise<Opened> {
  const records = store?.records;
  const { home, environment, clock, keychain } = door;
  const vault = records && createVault({ home, environment, clock, keychain, tenant, records });
  const { file, problem } = await readConfigurationFile(home);
  const sources: Sources = {
    home,
    environment,
    kinds: door.kinds,
    settings: records ? await records.settings(tenant) : new Map<string, Json>(),
    learn: door.mask.add,
    vault: vault ? vault.read : async (name) => fail("secret-missing", `The vault has no secret \`${name}\`.`),
    ...(file && { file }),
    ...(problem && { problem }),
  };
  return { loaded: await loadConfiguration(sources), sources, ...(store && { store }), ...(vault && { vault }) };
}
