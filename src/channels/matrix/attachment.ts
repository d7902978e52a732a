import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { fail, ok, type Result } from "../../core/errors.ts";

/**
 * A file whose bytes are sealed for a room, as its message describes it.
 * https://spec.matrix.org/v1.16/client-server-api/#extensions-to-mroommessage-msgtypes
 */
const sealedFile = z.object({
  url: z.string().max(600),
  v: z.literal("v2"),
  iv: z.string().max(64),
  key: z.object({ kty: z.literal("oct"), alg: z.literal("A256CTR"), k: z.string().max(64) }),
  hashes: z.object({ sha256: z.string().max(64) }),
});
export type SealedFile = z.infer<typeof sealedFile>;

export function readSealedFile(value: unknown): SealedFile | undefined {
  const read = sealedFile.safeParse(value);
  return read.success ? read.data : undefined;
}

/** What `locateFile` is given of one: its address, and what opens it behind a `#`. */
export function refOf({ url, ...opens }: SealedFile): string {
  return `${url}#${Buffer.from(JSON.stringify(opens)).toString("base64url")}`;
}

/** The address in a ref, and how to open what is there if it is sealed; nothing when it is neither. */
export function readRef(ref: string): { readonly url: string; readonly sealed?: SealedFile } | undefined {
  const [url = "", opens] = ref.split("#", 2);
  if (opens === undefined) return { url };
  try {
    const sealed = readSealedFile({ url, ...(JSON.parse(Buffer.from(opens, "base64url").toString()) as object) });
    return sealed && { url, sealed };
  } catch {
    return undefined;
  }
}

/** The hash is of the sealed bytes, and is checked before anything is opened. */
export function unseal({ key, iv, hashes }: SealedFile, bytes: Uint8Array): Result<Uint8Array> {
  const digest = createHash("sha256").update(bytes).digest();
  if (!digest.equals(Buffer.from(hashes.sha256, "base64")))
    return fail("file-refused", "its bytes aren't those that were sent: the hash differs");
  const [secret, counter] = [Buffer.from(key.k, "base64url"), Buffer.from(iv, "base64")];
  if (secret.length !== 32 || counter.length !== 16) return fail("file-refused", "its key can't be read");
  return ok(createDecipheriv("aes-256-ctr", secret, counter).update(bytes));
}

/** The lower half of the counter begins at 0, so that it can't run over. */
export function seal(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly described: (url: string) => object } {
  const [secret, counter] = [randomBytes(32), Buffer.concat([randomBytes(8), Buffer.alloc(8)])];
  const sealed = createCipheriv("aes-256-ctr", secret, counter).update(bytes);
  const unpadded = (value: Buffer) => value.toString("base64").replace(/=+$/, "");
  const key = { kty: "oct", alg: "A256CTR", ext: true, key_ops: ["encrypt", "decrypt"], k: secret.toString("base64url") };
  const hashes = { sha256: unpadded(createHash("sha256").update(sealed).digest()) };
  return { bytes: sealed, described: (url) => ({ url, v: "v2", key, iv: unpadded(counter), hashes }) };
}
