import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fail, faultOf, ok, type Result } from "../core/errors.ts";
import { adoptKeyFile, createKeyFile, decodeKey, keyFile, nextKeyFile, readKeyFile } from "./key-file.ts";
import type { Keychain } from "./keychain.ts";
import { keyIdOf } from "./seal.ts";

/** The key that opens the vault. */
export interface MasterKey {
  readonly bytes: Uint8Array;
  readonly id: string;
  readonly source: KeySource;
  /** For people: the variable, the file, `OS keychain`. */
  readonly where: string;
  /** Why it isn't in a better place. */
  readonly note?: string;
}

export type KeySource = "environment" | "keychain" | "file";

export interface KeyPlaces {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked only when neither the environment nor the key file has a key; a text says why there is none. */
  readonly keychain: () => Promise<Keychain | string>;
}

/**
 * Finds the master key, or makes one when nothing is sealed yet.
 *
 * POLYLOGUE_MASTER_KEY decides when it is set. Otherwise the key file, otherwise the OS keychain. With `sealedWith` (the
 * ids of the keys of what is stored) only a key that fits counts: a lost or wrong key is `vault-locked`, never a new key.
 * A key that waits for its commit (a rotation that died) counts as well, and is made the current one if it fits.
 */
export async function findMasterKey(places: KeyPlaces, sealedWith: ReadonlySet<string>): Promise<Result<MasterKey>> {
  const fits = (key: MasterKey) => sealedWith.size === 0 || sealedWith.has(key.id);
  const environment = await fromEnvironment(places.environment);
  if (!environment.ok) return environment;
  if (environment.value) {
    const key = environment.value;
    return fits(key)
      ? ok(key)
      : fail("vault-locked", `${key.where} (key ${key.id}) isn't the master key that sealed the vault (${[...sealedWith].join(", ")}).`);
  }
  const file = await fromFile(places.home, fits);
  if (!file.ok) return file;
  if (file.value && fits(file.value)) return ok(file.value);
  const keychain = await fromKeychain(places, fits);
  if (typeof keychain === "object") return ok(keychain);
  if (sealedWith.size > 0) {
    const seen = file.value ? `${keyFile(places.home)} holds another one (${file.value.id})` : `there is no ${keyFile(places.home)}`;
    return fail(
      "vault-locked",
      `The master key that sealed the vault (${[...sealedWith].join(", ")}) isn't there: POLYLOGUE_MASTER_KEY isn't set, ${seen}, ${keychain ?? "the OS keychain has none that fits"}.`,
    );
  }
  return makeMasterKey(places);
}

async function fromEnvironment(environment: KeyPlaces["environment"]): Promise<Result<MasterKey | undefined>> {
  const name = environment.POLYLOGUE_MASTER_KEY
    ? "POLYLOGUE_MASTER_KEY"
    : environment.POLYLOGUE_MASTER_KEY_FILE
      ? "POLYLOGUE_MASTER_KEY_FILE"
      : undefined;
  if (!name) return ok(undefined);
  let text = environment[name] as string;
  if (name === "POLYLOGUE_MASTER_KEY_FILE") {
    try {
      text = await readFile(text, "utf8");
    } catch (thrown) {
      return fail(
        "vault-locked",
        `${name} names a file that can't be read (${(thrown as NodeJS.ErrnoException).code ?? "unknown error"}).`,
      );
    }
  }
  const bytes = decodeKey(text);
  if (!bytes) return fail("vault-locked", `${name} doesn't hold 32 bytes in base64; \`openssl rand -base64 32\` makes such a key.`);
  return ok({ bytes, id: keyIdOf(bytes), source: "environment", where: name });
}

async function fromFile(home: string, fits: (key: MasterKey) => boolean): Promise<Result<MasterKey | undefined>> {
  const current = await readKeyFile(keyFile(home));
  if (!current.ok) return current;
  const asKey = (bytes: Uint8Array): MasterKey => ({ bytes, id: keyIdOf(bytes), source: "file", where: keyFile(home) });
  if (current.value && fits(asKey(current.value))) return ok(asKey(current.value));
  const next = await readKeyFile(nextKeyFile(home));
  if (next.ok && next.value && fits(asKey(next.value))) {
    await adoptKeyFile(home);
    return ok(asKey(next.value));
  }
  return ok(current.value && asKey(current.value));
}

/** A key that fits, or why there is none when that is the keychain's fault. */
async function fromKeychain(places: KeyPlaces, fits: (key: MasterKey) => boolean): Promise<MasterKey | string | undefined> {
  const keychain = await places.keychain();
  if (typeof keychain === "string") return keychain;
  try {
    for (const slot of ["current", "next"] as const) {
      const bytes = await keychain.read(slot);
      const key = bytes?.length === 32 ? inKeychain(bytes) : undefined;
      if (!bytes || !key || !fits(key)) continue;
      if (slot === "next") await promoteInKeychain(keychain, bytes);
      return key;
    }
    return undefined;
  } catch (thrown) {
    return `the OS keychain can't be read (${faultOf(thrown).message})`;
  }
}

/** A new key in the best place there is: the keychain where it proves that it keeps what it is given, or else a file. */
async function makeMasterKey(places: KeyPlaces): Promise<Result<MasterKey>> {
  const bytes = randomBytes(32);
  const keychain = await places.keychain();
  const why = typeof keychain === "string" ? keychain : await keychain.probe();
  if (typeof keychain !== "string" && why === undefined) {
    try {
      await keychain.write("current", bytes);
      return ok(inKeychain(bytes));
    } catch (thrown) {
      return fail("vault-locked", `The OS keychain doesn't take the master key (${faultOf(thrown).message}).`);
    }
  }
  try {
    // Another process may have been faster: then its key is the one.
    await createKeyFile(keyFile(places.home), bytes);
  } catch (thrown) {
    return fail(
      "vault-locked",
      `The key file ${keyFile(places.home)} can't be made (${(thrown as NodeJS.ErrnoException).code ?? "unknown error"}).`,
      thrown,
    );
  }
  const made = await fromFile(places.home, () => true);
  if (!made.ok) return made;
  return made.value ? ok({ ...made.value, note: why ?? "" }) : fail("vault-locked", `The key file ${keyFile(places.home)} is gone again.`);
}

export function inKeychain(bytes: Uint8Array): MasterKey {
  return { bytes, id: keyIdOf(bytes), source: "keychain", where: "OS keychain" };
}

export async function promoteInKeychain(keychain: Keychain, bytes: Uint8Array): Promise<void> {
  await keychain.write("current", bytes);
  await keychain.remove("next");
}
