import { type ErrorCode, type Fault, fault, type Result } from "../../core/errors.ts";
import type { HttpRequest, HttpResponse } from "../../core/http.ts";
import { parseJson } from "../../core/json.ts";
import type { MatrixAccount } from "./settings.ts";

/** Why a call gave no result. https://spec.matrix.org/v1.16/client-server-api/#standard-error-response */
export interface ApiFailure {
  readonly fault: Fault;
  /** False when nobody can say whether the server acted on it. */
  readonly sure: boolean;
  readonly status?: number;
  /** `M_FORBIDDEN`; absent when the answer, if any, was no homeserver's. */
  readonly errcode?: string;
  readonly retryAfterMs?: number;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Sent as it is instead of JSON. */
  readonly upload?: { readonly mediaType: string; readonly bytes: Uint8Array };
}

type JsonObject = Readonly<Record<string, unknown>>;

/** `path` with everything in it encoded; it begins behind `/_matrix/`. The token goes in a header, so that no address holds it. */
export async function call(
  account: MatrixAccount,
  method: HttpRequest["method"],
  path: string,
  body: JsonObject | undefined,
  options: CallOptions = {},
): Promise<Result<JsonObject, ApiFailure>> {
  const { upload, ...rest } = options;
  const content = upload
    ? { headers: { "content-type": upload.mediaType }, body: upload.bytes }
    : body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await account.http.send({
    ...{ method, url: address(account, path), ...rest },
    headers: { ...authorization(account), ...content?.headers },
    ...(content ? { body: content.body } : {}),
  });
  if (answer.ok) return read(answer.value, method, path, account);
  const { code, message, ambiguous } = answer.fault;
  return { ok: false, fault: { fault: fault(code, message), sure: !ambiguous } };
}

export function address({ settings }: MatrixAccount, path: string): string {
  return `${settings.homeserver.replace(/\/+$/, "")}/_matrix/${path}`;
}

/** https://spec.matrix.org/v1.16/client-server-api/#using-access-tokens */
export function authorization({ settings }: MatrixAccount): { readonly authorization: string } {
  return { authorization: `Bearer ${settings.token}` };
}

/** The segments of a path, each encoded: ids hold `!`, `:`, `/` and `+`. */
export function path(...segments: readonly string[]): string {
  return segments.map(encodeURIComponent).join("/");
}

function read(
  { status, headers, body }: HttpResponse,
  method: string,
  path: string,
  { settings }: MatrixAccount,
): Result<JsonObject, ApiFailure> {
  const json = parseJson(body, 200);
  const object = json.ok && typeof json.value === "object" && json.value !== null && !Array.isArray(json.value) ? json.value : undefined;
  if (status >= 200 && status < 300 && object) return { ok: true, value: object };
  const errcode = typeof object?.errcode === "string" && /^[A-Z0-9._]{1,100}$/i.test(object.errcode) ? object.errcode : undefined;
  const what = `${method} ${path.split("?", 1)[0]?.slice(0, 60)}`;
  if (errcode === undefined) {
    // Something between us and the homeserver answered. It refused with 3xx or 4xx; otherwise anything may have happened.
    const refused = status >= 300 && status < 500;
    const code = status === 413 ? "channel-permanent" : status === 429 ? "channel-retry" : "channel-unreachable";
    const message = `an answer with status ${status} that is not a homeserver's (${what})`;
    return { ok: false, fault: { fault: fault(code, message), sure: refused, status, ...waiting(status, headers, object) } };
  }
  const said = (typeof object?.error === "string" ? object.error : "").replaceAll(settings.token, "<token>").slice(0, 300);
  const again = object?.soft_logout === true ? " (the session can be renewed by logging in again)" : "";
  const message = `the homeserver refused ${what}: ${status} ${errcode} ${said}${again}`;
  return {
    ok: false,
    fault: {
      fault: fault(codeOf(status, errcode, said), message),
      sure: status < 500,
      status,
      errcode,
      ...waiting(status, headers, object),
    },
  };
}

/** https://spec.matrix.org/v1.16/client-server-api/#common-error-codes */
function codeOf(status: number, errcode: string, said: string): ErrorCode {
  if (/^M_(UNKNOWN_TOKEN|MISSING_TOKEN|USER_DEACTIVATED|USER_LOCKED|USER_SUSPENDED)$/.test(errcode)) return "channel-auth";
  if (errcode === "M_LIMIT_EXCEEDED" || status === 429 || status >= 500) return "channel-retry";
  // Whoever isn't in a room is forbidden to speak there, as is who lacks the power; only the words tell the two apart.
  if (status === 404 || (errcode === "M_FORBIDDEN" && /not in room|not a member|unknown room|left the room|banned/i.test(said)))
    return "channel-gone";
  return "channel-permanent";
}

/** Retry-After is in seconds, the older retry_after_ms in milliseconds; a day at most. */
function waiting(status: number, headers: HttpResponse["headers"], body: JsonObject | undefined): { retryAfterMs?: number } {
  if (status !== 429) return {};
  const seconds = /^\d{1,6}$/.test(headers["retry-after"] ?? "") ? Number(headers["retry-after"]) * 1000 : undefined;
  const ms = body?.retry_after_ms;
  const wait = seconds ?? (typeof ms === "number" && ms >= 0 ? ms : undefined);
  return wait === undefined ? {} : { retryAfterMs: Math.min(wait, 86_400_000) };
}
