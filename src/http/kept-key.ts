import { randomBytes } from "node:crypto";
import type { Result } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/** The vault, as far as this needs it. */
export interface KeyVault {
  read(name: string): Promise<Result<string>>;
  add(name: string, text: string, by: string): Promise<Result<string>>;
  write(name: string, text: string, by: string): Promise<Result<unknown>>;
}

/**
 * A key that signs what strangers hold, from the vault; made when it is asked for the first time, by one of the gateways that
 * ask. While the vault can't be read or written it is a key of this process alone: after a restart what it signed is void.
 */
export async function keptKey(name: "webchat-key" | "file-link-key", vault: KeyVault, log: Log): Promise<Uint8Array> {
  const fresh = randomBytes(32);
  let kept = await vault.read(name);
  if (!kept.ok && kept.fault.code === "secret-missing") kept = await vault.add(name, fresh.toString("base64"), "gateway");
  const bytes = kept.ok ? Buffer.from(kept.value, "base64") : undefined;
  if (bytes !== undefined && bytes.length >= 32) return bytes;
  // Too short for a key: somebody set it by hand.
  const written = kept.ok ? await vault.write(name, fresh.toString("base64"), "gateway") : kept;
  if (!written.ok) log.warn("key-unkept", { key: name, code: written.fault.code, why: written.fault.message });
  return fresh;
}
