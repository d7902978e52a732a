import { createHash, randomBytes } from "node:crypto";
import type { EntryOptions } from "@napi-rs/keyring";

/** The operating system's store of credentials, of which we use one entry a data folder. Methods reject when it refuses. */
export interface Keychain {
  read(slot: KeychainSlot): Promise<Uint8Array | undefined>;
  write(slot: KeychainSlot, key: Uint8Array): Promise<void>;
  remove(slot: KeychainSlot): Promise<void>;
  /** Writes something and reads it back; says why that didn't work. */
  probe(): Promise<string | undefined>;
}

/** `next`: a new master key before the commit that makes it the one in use. */
export type KeychainSlot = "current" | "next";

const service = "polylogue";
const patienceMs = 3000;

/**
 * macOS Keychain, Windows Credential Manager, or on Linux the Secret Service and nothing else: left to itself the
 * library falls back to the kernel's keyring, which is in memory and empty for the next process.
 */
export async function systemKeychain(home: string): Promise<Keychain | string> {
  const options: EntryOptions = { linux: { store: "secret-service" } };
  const name = createHash("sha256").update(home).digest("hex").slice(0, 16);
  let library: typeof import("@napi-rs/keyring");
  try {
    library = await import("@napi-rs/keyring");
  } catch (thrown) {
    return `the library for the OS keychain can't be loaded: ${firstLine(thrown)}`;
  }
  const entry = (user: string) => new library.AsyncEntry(service, user, options);
  const userOf = (slot: KeychainSlot) => (slot === "current" ? `vault ${name}` : `vault ${name} next`);

  return {
    async read(slot) {
      const text = await soon(entry(userOf(slot)).getPassword());
      return text === null ? undefined : Buffer.from(text, "base64");
    },
    write: (slot, key) => soon(entry(userOf(slot)).setPassword(Buffer.from(key).toString("base64"))),
    async remove(slot) {
      await soon(entry(userOf(slot)).deleteCredential());
    },
    async probe() {
      const sent = randomBytes(9).toString("base64");
      try {
        const user = `probe ${randomBytes(6).toString("hex")}`;
        await soon(entry(user).setPassword(sent));
        const back = await soon(entry(user).getPassword());
        await soon(entry(user).deleteCredential());
        return back === sent ? undefined : "the OS keychain doesn't give back what is put in";
      } catch (thrown) {
        return `the OS keychain isn't available: ${firstLine(thrown)}`;
      }
    },
  };
}

/** The library's own signal stops only calls that haven't begun; a keychain that waits for a person must not hold us. */
function soon<Value>(call: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
  return Promise.race([call, promise]).finally(() => clearTimeout(timer));
}

function firstLine(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0]?.slice(0, 200) ?? "";
}
