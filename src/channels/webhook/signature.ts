import { createHmac } from "node:crypto";
import { fail, ok, type Result } from "../../core/errors.ts";
import { sameText } from "../../core/same-text.ts";
import type { Instant } from "../../core/terms.ts";

/** Seconds by which `webhook-timestamp` may differ from our clock, either way. */
const tolerance = 300;
/** Signatures that are looked at in one request; a rotation needs two. */
const maxSignatures = 16;
/** Bytes of a key. The specification recommends 24 to 64. */
const minKey = 16;

/** The three headers of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export interface Signed {
  readonly id: string;
  /** As the sender's clock had it. */
  readonly at: Instant;
}

/** The bytes of a secret: base64, with or without `whsec_` before it. Nothing when it isn't one, or too short to be one. */
export function keyOf(secret: string | undefined): Uint8Array | undefined {
  const text = secret?.trim().replace(/^whsec_/, "") ?? "";
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length < minKey ? undefined : key;
}

export function sign(key: Uint8Array, id: string, seconds: number, body: string | Uint8Array): string {
  return `v1,${digest(key, id, String(seconds), body)}`;
}

/**
 * Verifies a request over its raw bytes. The id is signed too, so it is the same on every repetition: the dedupe key.
 * Without a usable key everything is refused.
 */
export function verify(
  keys: readonly (Uint8Array | undefined)[],
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array },
  now: Instant,
): Result<Signed> {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = request.headers;
  if (!id || !timestamp || !signatures) {
    return fail("signature-missing", "the headers webhook-id, webhook-timestamp and webhook-signature must be there");
  }
  if (!/^[!-~]{1,256}$/.test(id)) return fail("signature-invalid", "webhook-id must be 1 to 256 visible characters of ASCII");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Math.floor(now / 1000) - Number(timestamp)) > tolerance) {
    return fail("signature-stale", `webhook-timestamp must be seconds since 1970, within ${tolerance} s of this machine's clock`);
  }
  if (!keys.some((key) => key))
    return fail("signature-invalid", "the account's secret is no Standard Webhooks secret, so nothing is accepted");
  // Repeated headers come joined by a comma and a blank.
  const given = signatures.split(/[\s,]*\s+/, maxSignatures + 1);
  if (given.length > maxSignatures) return fail("signature-invalid", `webhook-signature may hold ${maxSignatures} signatures`);
  let fits = false;
  for (const key of keys) {
    if (!key) continue;
    const expected = `v1,${digest(key, id, timestamp, request.body)}`;
    for (const one of given) if (sameText(one, expected)) fits = true;
  }
  return fits ? ok({ id, at: Number(timestamp) * 1000 }) : fail("signature-invalid", "no signature fits the account's secret and the body");
}

function digest(key: Uint8Array, id: string, timestamp: string, body: string | Uint8Array): string {
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
}
