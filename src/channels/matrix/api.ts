import type { ErrorCode, Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { type CallFailure, callPlatform, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { MatrixAccount } from "./settings.ts";

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
): Promise<Result<JsonObject, CallFailure>> {
  const { upload, ...rest } = options;
  const content = upload
    ? { headers: { "content-type": upload.mediaType }, body: upload.bytes }
    : body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await callPlatform(account.http, {
    platform: "the homeserver",
    what: `${method} ${path.split("?", 1)[0]?.slice(0, 60)}`,
    request: {
      ...{ method, url: address(account, path), ...rest },
      headers: { ...authorization(account), ...content?.headers },
      ...(content ? { body: content.body } : {}),
    },
    foreign: true,
    secrets: [account.settings.token],
    refusal,
  });
  return answer.ok ? { ok: true, value: fieldsOf(answer.value.json) } : answer;
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

/** https://spec.matrix.org/v1.16/client-server-api/#standard-error-response; the older retry_after_ms stands in the body. Limits are a user's, whatever the room. */
function refusal({ status, headers, json }: PlatformAnswer): Refusal | undefined {
  const { errcode, error, soft_logout: soft, retry_after_ms: ms } = fieldsOf(json);
  if (status < 300 || typeof errcode !== "string" || !/^[A-Z0-9._]{1,100}$/i.test(errcode)) return undefined;
  const said = typeof error === "string" ? error : "";
  const again = soft === true ? " (the session can be renewed by logging in again)" : "";
  const wait = headers["retry-after"] === undefined && typeof ms === "number" ? { retryAfterMs: ms } : {};
  return { code: codeOf(status, errcode, said), word: errcode, said: `${said.slice(0, 250)}${again}`, scope: "account", ...wait };
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
