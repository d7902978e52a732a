import { randomBytes } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail, ok, type Result } from "../core/errors.ts";

export function keyFile(home: string): string {
  return join(home, "vault.key");
}

/** Where a new master key waits for the commit that makes it the one in use. */
export function nextKeyFile(home: string): string {
  return join(home, "vault.key.new");
}

/** 32 bytes as base64, with or without the URL alphabet; nothing when it isn't that. */
export function decodeKey(text: string): Uint8Array | undefined {
  const plain = text.trim().replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]{43}$/.test(plain)) return undefined;
  const bytes = Buffer.from(plain, "base64");
  return bytes.length === 32 ? bytes : undefined;
}

/** The key in the file; nothing when there is no file. Refuses a file that others can read, whatever is in it. */
export async function readKeyFile(path: string): Promise<Result<Uint8Array | undefined>> {
  try {
    await using handle = await open(path, "r");
    const about = await handle.stat();
    const mode = about.mode & 0o777;
    if (process.platform !== "win32") {
      if ((mode & 0o077) !== 0)
        return fail("vault-locked", `The key file ${path} is open to other users (mode ${mode.toString(8)}): run \`chmod 600 ${path}\`.`);
      const self = process.getuid?.();
      if (self !== undefined && self !== 0 && about.uid !== self)
        return fail("vault-locked", `The key file ${path} belongs to another user.`);
    }
    const key = about.size <= 4096 ? decodeKey(await handle.readFile("utf8")) : undefined;
    return key ? ok(key) : fail("vault-locked", `The key file ${path} doesn't hold a key (32 bytes in base64).`);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    return code === "ENOENT" ? ok(undefined) : fail("vault-locked", `The key file ${path} can't be read (${code ?? "unknown error"}).`);
  }
}

/**
 * Writes a key into a file that isn't there yet: complete and on disk before it has its name, so that neither a crash nor
 * a second process ever sees half a key. False when there is one already.
 */
export async function createKeyFile(path: string, key: Uint8Array): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await using handle = await open(draft, "wx", 0o600);
    await handle.writeFile(`${Buffer.from(key).toString("base64")}\n`);
    await handle.sync();
    await link(draft, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Gives the waiting key the name of the one in use. */
export async function adoptKeyFile(home: string): Promise<void> {
  await rename(nextKeyFile(home), keyFile(home));
  await syncFolder(home);
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await using handle = await open(path, "r");
  await handle.sync();
}
