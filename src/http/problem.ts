import { errorTable, type Fault, fault, hintOf } from "../core/errors.ts";
import { inEnglish, type Said } from "../core/say.ts";

/** An error as every route answers it. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const secondsToWait = 5;

/** `speak` puts it into the language of whoever asked. */
export function problemOf(
  of: Fault & { readonly afterMs?: number },
  requestId: string,
  speak: (said: Said) => string = inEnglish,
): Problem {
  const kind = errorTable[of.code];
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  if (kind.status === 429 || kind.status === 503) {
    headers["retry-after"] = String(of.afterMs === undefined ? secondsToWait : Math.max(1, Math.ceil(of.afterMs / 1000)));
  }
  if (kind.status === 401) headers["www-authenticate"] = "Bearer";
  // What a bug said of itself may hold anything: it goes to the log only.
  const message = speak(of.code === "internal" ? fault(of.code, "something went wrong inside") : of);
  return {
    status: kind.status,
    headers,
    body: JSON.stringify({ error: { code: of.code, message, hint: speak(hintOf(of.code)), requestId } }),
  };
}
