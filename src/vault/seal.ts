import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { fail, ok, type Result } from "../core/errors.ts";

/**
 * How a secret is kept. Envelope encryption with AES-256-GCM (NIST SP 800-38D): every sealing has a fresh data key, and
 * the master key encrypts only data keys, so that a new master key means re-wrapping, not decrypting.
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 4 | `PLV1`, the format's name and version |
 * | 4 | 8 | id of the master key: the start of SHA-256 over a label and the key |
 * | 12 | 4 | version of the secret, big endian, from 1 |
 * | 16 | 12 | nonce of the data key |
 * | 28 | 32 | the data key, encrypted with the master key |
 * | 60 | 16 | its tag |
 * | 76 | 12 | nonce of the secret |
 * | 88 | n | the secret in UTF-8, encrypted with the data key |
 * | 88+n | 16 | its tag |
 *
 * Both encryptions authenticate tenant, name and version too: a sealed secret moved to another name, another tenant or
 * another version doesn't open. The data key's also authenticates the id of the master key.
 */
const magic = Buffer.from("PLV1");
const headerBytes = 16;
const wrapEnd = 76;
const least = 88 + 16;

/** What a sealed secret belongs to. */
export interface Owner {
  readonly tenant: string;
  readonly name: string;
}

export function keyIdOf(master: Uint8Array): string {
  return createHash("sha256").update("polylogue vault key\0").update(master).digest("hex").slice(0, 16);
}

export function seal(master: Uint8Array, owner: Owner, version: number, text: string): Uint8Array {
  const header = headerOf(keyIdOf(master), version);
  const dataKey = randomBytes(32);
  try {
    return Buffer.concat([
      header,
      encrypt(master, dataKey, wrapContext(header, owner)),
      encrypt(dataKey, Buffer.from(text), dataContext(header, owner)),
    ]);
  } finally {
    dataKey.fill(0);
  }
}

/** Which master key and version it says it has; nothing of it is proven before it is opened. */
export function readHeader(sealed: Uint8Array): { readonly keyId: string; readonly version: number } | undefined {
  const bytes = Buffer.from(sealed);
  if (bytes.length < least || !bytes.subarray(0, 4).equals(magic)) return undefined;
  return { keyId: bytes.subarray(4, 12).toString("hex"), version: bytes.readUInt32BE(12) };
}

/** Fails with `vault-locked` under another master key, and with `vault-damaged` when a single bit isn't as it was sealed. */
export function open(master: Uint8Array, owner: Owner, sealed: Uint8Array): Result<string> {
  const unwrapped = unwrap(master, owner, sealed);
  if (!unwrapped.ok) return unwrapped;
  const { header, dataKey } = unwrapped.value;
  try {
    const text = decrypt(dataKey, Buffer.from(sealed).subarray(wrapEnd), dataContext(header, owner));
    return text ? ok(text.toString("utf8")) : damaged(owner);
  } finally {
    dataKey.fill(0);
  }
}

/** The same secret under another master key; what is encrypted with the data key stays as it is. */
export function rewrap(from: Uint8Array, to: Uint8Array, owner: Owner, sealed: Uint8Array): Result<Uint8Array> {
  const unwrapped = unwrap(from, owner, sealed);
  if (!unwrapped.ok) return unwrapped;
  const { header, dataKey } = unwrapped.value;
  try {
    const next = headerOf(keyIdOf(to), header.readUInt32BE(12));
    return ok(Buffer.concat([next, encrypt(to, dataKey, wrapContext(next, owner)), Buffer.from(sealed).subarray(wrapEnd)]));
  } finally {
    dataKey.fill(0);
  }
}

function unwrap(master: Uint8Array, owner: Owner, sealed: Uint8Array): Result<{ header: Buffer; dataKey: Buffer }> {
  const about = readHeader(sealed);
  if (!about) return damaged(owner);
  if (about.keyId !== keyIdOf(master)) return fail("vault-locked", `The secret \`${owner.name}\` was sealed with another master key.`);
  const bytes = Buffer.from(sealed);
  const header = bytes.subarray(0, headerBytes);
  const dataKey = decrypt(master, bytes.subarray(headerBytes, wrapEnd), wrapContext(header, owner));
  return dataKey ? ok({ header, dataKey }) : damaged(owner);
}

function damaged(owner: Owner) {
  return fail("vault-damaged", `The sealed secret \`${owner.name}\` isn't as it was stored.`);
}

function headerOf(keyId: string, version: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(version);
  return Buffer.concat([magic, Buffer.from(keyId, "hex"), number]);
}

function wrapContext(header: Uint8Array, owner: Owner): Buffer {
  return Buffer.concat([header, ...lengthFirst("data key", owner.tenant, owner.name)]);
}

/** Without the id of the master key, which re-wrapping changes. */
function dataContext(header: Uint8Array, owner: Owner): Buffer {
  const bytes = Buffer.from(header);
  return Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12), ...lengthFirst("secret", owner.tenant, owner.name)]);
}

function lengthFirst(...texts: string[]): Buffer[] {
  return texts.flatMap((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    return [length, Buffer.from(text)];
  });
}

function encrypt(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, bytes: Buffer, context: Uint8Array): Buffer | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(context);
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
