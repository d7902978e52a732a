import { randomUUID } from "node:crypto";
import type * as Library from "@matrix-org/matrix-sdk-crypto-wasm";
import type { OlmMachine } from "@matrix-org/matrix-sdk-crypto-wasm";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { OptionalPackage } from "../../core/packages.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { call } from "./api.ts";
import type { IndexedDbModule } from "./indexed-db.ts";
import { isDatabaseKey, keepDatabases } from "./kept-database.ts";
import { sendOutgoing } from "./outgoing.ts";
import type { MatrixAccount, Settings } from "./settings.ts";
import { signDevice } from "./sign-device.ts";

/**
 * End-to-end encryption by Matrix's own library, compiled to WebAssembly: https://github.com/matrix-org/matrix-sdk-crypto-wasm. Where it keeps its
 * keys is an IndexedDB, which Node doesn't have.
 */
export const packages: readonly [crypto: OptionalPackage, database: OptionalPackage] = [
  { name: "@matrix-org/matrix-sdk-crypto-wasm", version: "18.9.0" },
  { name: "fake-indexeddb", version: "6.2.8" },
];

/** The keys of one device, which is one login of the account. */
export interface Machine {
  readonly library: typeof Library;
  /**
   * One piece of work at a time. `flush` must come before what was made is let out of the process, and has come when this
   * resolves: what was used up in making it may never be used again.
   */
  run<Value>(work: (olm: OlmMachine, flush: () => Promise<void>) => Promise<Value>): Promise<Value>;
  /** Who is in a room, by what the homeserver said last; forgotten with each change. */
  readonly members: Map<string, readonly string[]>;
}

/** One for a device as long as the process lives: two with the same keys would use them up twice. */
const machines = new Map<string, Promise<Result<Machine>>>();

/** Whose token it is doesn't change. */
const owners = new WeakMap<Settings, Awaited<ReturnType<typeof deviceOf>>>();

/** The packages, loaded. Fails with `package-missing`. */
export async function loadPackages({ load }: Pick<MatrixAccount, "load">): Promise<Result<readonly [typeof Library, IndexedDbModule]>> {
  const modules: unknown[] = [];
  for (const wanted of packages) {
    const loaded = await load?.(wanted);
    if (!loaded?.ok) {
      const why = loaded ? loaded.fault.message : "there is no place for packages";
      return fail("package-missing", `encryption needs ${wanted.name}@${wanted.version} (${why}): run polylogue channels install matrix`);
    }
    modules.push(loaded.value);
  }
  const [crypto, database] = modules as [{ default?: typeof Library } & typeof Library, IndexedDbModule];
  return ok([crypto.default ?? crypto, database]);
}

/** Whose keys these are: a token is one device's. https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3accountwhoami */
export async function deviceOf(
  account: MatrixAccount,
  signal?: AbortSignal,
): Promise<Result<{ readonly user: string; readonly device: string }>> {
  const answer = await call(account, "GET", "client/v3/account/whoami", undefined, signal ? { signal } : {});
  if (!answer.ok) return { ok: false, fault: answer.fault.fault };
  const { user_id: user, device_id: device } = answer.value;
  if (typeof user !== "string" || typeof device !== "string" || device === "")
    return fail("account-invalid", "the token belongs to no device, and only a device has keys: log in with a password to get one");
  return ok({ user, device });
}

/** Opens the account's keys, or makes them, and tells the homeserver of them. */
export async function machineOf(account: MatrixAccount): Promise<Result<Machine>> {
  const who = owners.get(account.settings) ?? (await deviceOf(account));
  if (!who.ok) return who;
  owners.set(account.settings, who);
  const { user, device } = who.value;
  const key = JSON.stringify([account.tenant, account.id, user, device]);
  const opening = machines.get(key) ?? open(account, user, device, key);
  // Its rows go as well when another device opens.
  const others = JSON.stringify([account.tenant, account.id]).slice(0, -1);
  for (const one of machines.keys()) if (one !== key && one.startsWith(`${others},`)) machines.delete(one);
  machines.set(key, opening);
  const machine = await opening.catch((thrown: unknown) => {
    machines.delete(key);
    throw thrown;
  });
  if (!machine.ok) machines.delete(key);
  return machine;
}

const ownerKey = "device";

async function open(account: MatrixAccount, user: string, device: string, name: string): Promise<Result<Machine>> {
  const { state } = account;
  if (!state) return fail("gateway-stopped", "only a running gateway has the keys of encrypted rooms");
  const loaded = await loadPackages(account);
  if (!loaded.ok) return loaded;
  const [library, database] = loaded.value;
  const key = await state.key();
  if (!key.ok) return key;
  // Another login is another device: the keys of the one before open nothing that is sent to this one.
  const rows = await state.read();
  const owner = rows.get(ownerKey);
  if (owner && Buffer.from(owner).toString() !== name)
    await state.write(new Map([...rows.keys()].filter((one) => isDatabaseKey(one)).map((one) => [one, undefined])));
  await state.write(new Map([[ownerKey, Buffer.from(name)]]));
  for (const [word, value] of Object.entries(database)) if (/^(indexedDB|IDB)/.test(word)) Object.assign(globalThis, { [word]: value });
  await library.initAsync();
  // What an attempt before left in memory isn't what is on disk.
  const prefix = `${name}|${randomUUID()}|`;
  const kept = await keepDatabases(database, state, prefix);
  const opened = await openStore(library, prefix, key.value);
  if (!opened.ok) return opened;
  const olm = await library.OlmMachine.initFromStore(new library.UserId(user), new library.DeviceId(device), opened.value);
  await kept.flush();
  const compared = await compareKeys(account, olm, user, device);
  if (!compared.ok) return compared;
  let last: Promise<unknown> = Promise.resolve();
  const machine: Machine = {
    library,
    members: new Map(),
    run(work) {
      const done = last.then(async () => {
        try {
          return await work(olm, kept.flush);
        } finally {
          await kept.flush();
        }
      });
      last = done.catch(() => {});
      return done;
    },
  };
  await machine.run(async (_, flush) => {
    const failed = await sendOutgoing(account, library, olm, flush);
    if (!failed && !compared.value.signs) await signDevice(account, library, olm, flush);
  });
  return ok(machine);
}

async function openStore(library: typeof Library, name: string, key: Uint8Array): Promise<Result<Library.StoreHandle>> {
  try {
    return ok(await library.StoreHandle.openWithKey(name, new Uint8Array(key)));
  } catch (thrown) {
    return fail("vault-damaged", "the account's keys don't open with the key in the vault: log in anew, and set the new token", thrown);
  }
}

/**
 * Keys are told to the homeserver once and can't be replaced. Where it has others for this device, they were made by another program, or
 * ours were lost: what is encrypted for it could never be read here. Gives whether the account signs its devices.
 */
async function compareKeys(
  account: MatrixAccount,
  olm: OlmMachine,
  user: string,
  device: string,
): Promise<Result<{ readonly signs: boolean }>> {
  const answer = await call(account, "POST", "client/v3/keys/query", { device_keys: { [user]: [device] } });
  if (!answer.ok) return { ok: false, fault: answer.fault.fault };
  const { device_keys: devices, master_keys: masters } = answer.value;
  const there = fieldsOf(fieldsOf(fieldsOf(fieldsOf(devices)[user])[device]).keys)[`ed25519:${device}`];
  if (there === undefined || there === olm.identityKeys.ed25519.toBase64()) return ok({ signs: fieldsOf(masters)[user] !== undefined });
  const message = `the homeserver has other keys for the token's device ${device}: it was made by another program, or its keys were lost`;
  return fail("channel-auth", `${message}; log in anew, and set the new token`);
}
