import { randomBytes } from "node:crypto";
import type { Result } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/** The vault, as far as this needs it. */
export interface KeyVault {
  read(name: string): Promise<Result<string>>;
  write(name: string, text: string, by: string): Promise<Result<unknown>>;
}

/**
 * A key that signs what strangers hold, from the vault; made when it is asked for the first time. While the vault can't be
 * read or written it is a key of this process alone: after a restart what it signed is void.
 */
export async function keptKey(name: "webchat-key" | "file-link-key", vault: KeyVault, log: Log): Promise<Uint8Array> {
  const kept = await vault.read(name);
  const bytes = kept.ok ? Buffer.from(kept.value, "base64") : undefined;
  if (bytes !== undefined && bytes.length >= 32) return bytes;
  const fresh = randomBytes(32);
  const missing = kept.ok || kept.fault.code === "secret-missing";
  const written = missing ? await vault.write(name, fresh.toString("base64"), "gateway") : kept;
  if (!written.ok) log.warn("key-unkept", { key: name, code: written.fault.code, why: written.fault.message });
  return fresh;
}
