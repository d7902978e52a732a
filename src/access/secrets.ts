import { createHash, randomBytes } from "node:crypto";

/** Machines send these in `Authorization: Bearer`; the prefix lets scanners for leaked keys recognise them. */
export const tokenPrefix = "plg_";

/** 256 random bits. Only its hash is kept, and a fast hash is enough: it can't be guessed. */
export function mintSecret(prefix = ""): string {
  return prefix + randomBytes(32).toString("base64url");
}

/** Under what a credential is stored. Looking it up by its hash tells nothing by its time. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
