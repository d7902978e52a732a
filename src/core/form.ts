import { fail, ok, type Result } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Whether a body is a form's: https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
export function isForm(headers: Readonly<Record<string, string>>): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
}

/** The fields of a form from outside. Fault: `body-malformed`. */
export function parseForm(body: Uint8Array): Result<URLSearchParams> {
  try {
    return ok(new URLSearchParams(utf8.decode(body)));
  } catch (error) {
    return fail("body-malformed", "the body isn't UTF-8", error);
  }
}
