import { errorTable, type Fault } from "../core/errors.ts";

/** An error as every route answers it. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const secondsToWait = 5;

export function problemOf(fault: Fault & { readonly afterMs?: number }, requestId: string): Problem {
  const kind = errorTable[fault.code];
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  if (kind.status === 429 || kind.status === 503) {
    headers["retry-after"] = String(fault.afterMs === undefined ? secondsToWait : Math.max(1, Math.ceil(fault.afterMs / 1000)));
  }
  if (kind.status === 401) headers["www-authenticate"] = "Bearer";
  // What a bug said of itself may hold anything: it goes to the log only.
  const message = fault.code === "internal" ? "something went wrong inside" : fault.message;
  return { status: kind.status, headers, body: JSON.stringify({ error: { code: fault.code, message, hint: kind.hint, requestId } }) };
}
