import type { Clock } from "../core/clock.ts";
import { fail, faultOf, ok, type Result } from "../core/errors.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import { say } from "../core/say.ts";
import type { Instant } from "../core/terms.ts";
import { findMasterKey, type KeyPlaces, type KeySource, type MasterKey } from "./master-key.ts";
import { prepareNextKey } from "./next-key.ts";
import { open, readHeader, rewrap, seal } from "./seal.ts";

/**
 * Secrets at rest. What comes in is encrypted; `read` is for the configuration alone: neither API nor CLI gives a secret
 * out. Nothing here holds a secret longer than the call, and no fault or audit entry carries one.
 */
export interface Vault {
  /** Fails with `secret-missing`, `vault-locked` or `vault-damaged`. */
  read(name: string): Promise<Result<string>>;
  /** Sets or replaces. Refuses while the vault is locked, so that what is sealed under a lost key stays as it is. */
  write(name: string, text: string, by: string): Promise<Result<SecretWritten>>;
  /** Sets it where there is none, and answers what is there then: of several who add at once all get the same. */
  add(name: string, text: string, by: string): Promise<Result<string>>;
  remove(name: string, by: string): Promise<boolean>;
  list(): Promise<readonly SecretInfo[]>;
  /** A new master key: everything is re-wrapped in one transaction. A crash leaves either the old or the new key in use. */
  rotateMasterKey(by: string): Promise<Result<{ readonly secrets: number; readonly source: KeySource; readonly where: string }>>;
  /** Whether every secret opens; without secrets whether the key, if there is one, can be read. Makes no key. */
  check(): Promise<Result<VaultState>>;
}

export interface SecretInfo {
  readonly name: string;
  readonly updatedAt: Instant;
}

export interface VaultState {
  readonly secrets: number;
  /** Absent as long as nothing was ever sealed. */
  readonly key?: KeyInfo;
}

export interface SecretWritten {
  readonly version: number;
  readonly key: KeyInfo;
}

/** Where the master key is; the key itself never leaves this folder. */
export interface KeyInfo {
  readonly source: KeySource;
  readonly where: string;
  readonly id: string;
  /** Why it isn't in a better place; only when it was just made. */
  readonly note?: string;
}

export interface VaultOptions extends KeyPlaces {
  readonly tenant: TenantId;
  readonly records: Pick<Records, "putSecret" | "addSecret" | "secret" | "secrets" | "removeSecret" | "replaceSecrets" | "audit">;
  readonly clock: Pick<Clock, "now">;
}

export const secretName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const maxSecretBytes = 64 * 2 ** 10;

export function createVault(options: VaultOptions): Vault {
  const { tenant, records, clock } = options;
  let held: MasterKey | undefined;
  const owner = (name: string) => ({ tenant, name });

  let last: Promise<unknown> = Promise.resolve();
  /** One change after the other: a secret that is written during a rotation must not be sealed with the key that goes. */
  function inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const done = last.then(change);
    last = done.catch(() => {});
    return done;
  }

  return {
    read,
    write: (name, text, by) => inTurn(() => write(name, text, by)),
    add: (name, text, by) => inTurn(() => add(name, text, by)),
    remove: (name, by) => inTurn(() => remove(name, by)),
    list: () => records.secrets(tenant),
    rotateMasterKey: (by) => inTurn(() => rotateMasterKey(by)),
    check,
  };

  async function read(name: string): Promise<Result<string>> {
    const sealed = await records.secret(tenant, name);
    if (!sealed) return fail("secret-missing", say`The vault has no secret \`${name}\`.`);
    const header = readHeader(sealed);
    if (!header) return fail("vault-damaged", say`The sealed secret \`${name}\` isn't as it was stored.`);
    const key = await keyFor(new Set([header.keyId]));
    return key.ok ? open(key.value.bytes, owner(name), sealed) : key;
  }

  async function write(name: string, text: string, by: string): Promise<Result<SecretWritten>> {
    const key = await keyToSeal(name, text);
    if (!key.ok) return key;
    const before = await records.secret(tenant, name);
    const version = ((before && readHeader(before)?.version) ?? 0) + 1;
    await records.putSecret(tenant, name, seal(key.value.bytes, owner(name), version, text), clock.now());
    await audit(by, "secret-set", name, { version });
    return ok({ version, key: shown(key.value) });
  }

  async function add(name: string, text: string, by: string): Promise<Result<string>> {
    const key = await keyToSeal(name, text);
    if (!key.ok) return key;
    const version = 1;
    const added = await records.addSecret(tenant, name, seal(key.value.bytes, owner(name), version, text), clock.now());
    if (!added) return read(name);
    await audit(by, "secret-set", name, { version });
    return ok(text);
  }

  async function keyToSeal(name: string, text: string): Promise<Result<MasterKey>> {
    if (!secretName.test(name))
      return fail("request-invalid", "A secret's name has 1 to 128 letters, digits, dots, - or _, and begins with a letter or digit.");
    if (text === "") return fail("request-invalid", say`The secret \`${name}\` would be empty.`);
    if (Buffer.byteLength(text) > maxSecretBytes)
      return fail("request-invalid", say`The secret \`${name}\` is longer than ${maxSecretBytes} bytes.`);
    return keyFor(await keyIds());
  }

  async function remove(name: string, by: string): Promise<boolean> {
    const removed = await records.removeSecret(tenant, name);
    if (removed) await audit(by, "secret-remove", name);
    return removed;
  }

  async function rotateMasterKey(by: string): Promise<Result<{ secrets: number; source: KeySource; where: string }>> {
    held = undefined;
    const current = await keyFor(await keyIds());
    if (!current.ok) return current;
    try {
      const next = await prepareNextKey(options, current.value);
      if (!next.ok) return next;
      const wrapped = await rewrapAll(current.value, next.value.key);
      if (!wrapped.ok) {
        await next.value.discard();
        return wrapped;
      }
      await records.replaceSecrets(tenant, wrapped.value, clock.now());
      await catchUp(current.value, next.value.key);
      await next.value.adopt();
      held = next.value.key;
      await audit(by, "vault-rotate", "master-key", { from: current.value.id, to: next.value.key.id, secrets: wrapped.value.size });
      return ok({ secrets: wrapped.value.size, source: held.source, where: held.where });
    } catch (thrown) {
      // Before the commit the old key is still the one, after it the new one waits where the next look finds it.
      held = undefined;
      return { ok: false, fault: faultOf(thrown) };
    }
  }

  /** Everything under the new key, each proven to open. */
  async function rewrapAll(from: MasterKey, to: MasterKey): Promise<Result<Map<string, Uint8Array>>> {
    const wrapped = new Map<string, Uint8Array>();
    for (const { name } of await records.secrets(tenant)) {
      const sealed = await records.secret(tenant, name);
      if (!sealed) continue;
      const again = rewrap(from.bytes, to.bytes, owner(name), sealed);
      if (!again.ok) return again;
      const proof = open(to.bytes, owner(name), again.value);
      if (!proof.ok) return proof;
      wrapped.set(name, again.value);
    }
    return ok(wrapped);
  }

  /** What another process sealed under the old key in between. */
  async function catchUp(from: MasterKey, to: MasterKey): Promise<void> {
    for (const { name } of await records.secrets(tenant)) {
      const sealed = await records.secret(tenant, name);
      if (!sealed || readHeader(sealed)?.keyId !== from.id) continue;
      const again = rewrap(from.bytes, to.bytes, owner(name), sealed);
      if (again.ok) await records.putSecret(tenant, name, again.value, clock.now());
    }
  }

  async function check(): Promise<Result<VaultState>> {
    const names = await records.secrets(tenant);
    if (names.length === 0 && !held) return ok({ secrets: 0 });
    const key = await keyFor(await keyIds());
    if (!key.ok) return key;
    for (const { name } of names) {
      const sealed = await records.secret(tenant, name);
      const opened = sealed && open(key.value.bytes, owner(name), sealed);
      if (opened && !opened.ok) return opened;
    }
    return ok({ secrets: names.length, key: shown(key.value) });
  }

  async function keyIds(): Promise<Set<string>> {
    const ids = new Set<string>();
    for (const { name } of await records.secrets(tenant)) {
      const sealed = await records.secret(tenant, name);
      const id = sealed && readHeader(sealed)?.keyId;
      if (id) ids.add(id);
    }
    return ids;
  }

  async function keyFor(ids: ReadonlySet<string>): Promise<Result<MasterKey>> {
    if (held && (ids.size === 0 || ids.has(held.id))) return ok(held);
    const found = await findMasterKey(options, ids);
    if (found.ok) held = found.value;
    return found;
  }

  async function audit(by: string, action: string, subject: string, detail?: { [key: string]: string | number }): Promise<void> {
    await records.audit({ tenant, at: clock.now(), actor: by, action, subject, ...(detail && { detail }) });
  }
}

function shown({ source, where, id, note }: MasterKey): KeyInfo {
  return { source, where, id, ...(note && { note }) };
}
