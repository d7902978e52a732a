import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { fail, ok, type Result } from "../core/errors.ts";
import { adoptKeyFile, createKeyFile, decodeKey, nextKeyFile } from "./key-file.ts";
import { type KeyPlaces, type MasterKey, promoteInKeychain } from "./master-key.ts";
import { keyIdOf } from "./seal.ts";

/** A new master key that waits beside the current one. Until `adopt` (after the commit) a crash changes nothing. */
export interface NextKey {
  readonly key: MasterKey;
  adopt(): Promise<void>;
  discard(): Promise<void>;
}

/** In the same place as the current key. In the environment we can't write: the operator hands over the new one. */
export async function prepareNextKey(places: KeyPlaces, current: MasterKey): Promise<Result<NextKey>> {
  if (current.source === "environment") {
    const bytes = decodeKey(places.environment.POLYLOGUE_NEXT_MASTER_KEY ?? "");
    if (!bytes)
      return fail(
        "vault-locked",
        `The master key comes from ${current.where}: put the new one into POLYLOGUE_NEXT_MASTER_KEY (32 bytes in base64, \`openssl rand -base64 32\`) and rotate again.`,
      );
    return ok({ key: { ...current, bytes, id: keyIdOf(bytes) }, adopt: async () => {}, discard: async () => {} });
  }
  const bytes = randomBytes(32);
  const key = { ...current, bytes, id: keyIdOf(bytes) };
  if (current.source === "file") {
    const path = nextKeyFile(places.home);
    // One that waits here belongs to a rotation that never committed: the current key has just been proven to fit.
    await rm(path, { force: true });
    if (!(await createKeyFile(path, bytes))) return fail("vault-locked", `Another rotation of the master key is under way (${path}).`);
    return ok({ key, adopt: () => adoptKeyFile(places.home), discard: () => rm(path, { force: true }) });
  }
  const keychain = await places.keychain();
  if (typeof keychain === "string") return fail("vault-locked", `The master key can't be changed: ${keychain}.`);
  await keychain.write("next", bytes);
  const back = await keychain.read("next");
  if (!back || keyIdOf(back) !== key.id)
    return fail("vault-locked", "The OS keychain doesn't give back the new master key; nothing was changed.");
  return ok({ key, adopt: () => promoteInKeychain(keychain, bytes), discard: () => keychain.remove("next") });
}
