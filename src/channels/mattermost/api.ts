import type { ErrorCode, Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { type CallFailure, callPlatform, failed, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { MattermostAccount } from "./settings.ts";

export interface CallOptions {
  readonly json?: object;
  readonly form?: { readonly type: string; readonly bytes: Uint8Array };
  readonly signal?: AbortSignal;
}
export type Called = Result<PlatformAnswer, CallFailure>;

/** An id of Mattermost's, safe in a path; a chat's id comes from our own store, and may still be anything there. */
export const idShape = /^[a-z0-9]{26}$/;
/** What may stand in a header; Mattermost's tokens are of these. */
const tokenShape = /^[A-Za-z0-9._-]{1,512}$/;
/** Bytes of an answer: a thousand posts of the longest. */
const maxBytes = 128 * 1024 * 1024;

/** Calls `path` below `/api/v4`; its parts must be safe already. https://developers.mattermost.com/api-documentation/ */
export async function call(
  account: MattermostAccount,
  method: HttpRequest["method"],
  path: string,
  options: CallOptions = {},
): Promise<Called> {
  const { json, form, signal } = options;
  const { token } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "the token holds characters that no token of Mattermost's has");
  const body = form ?? (json && { type: "application/json", bytes: JSON.stringify(json) });
  const headers = { ...authorization(account), ...(body ? { "content-type": body.type } : {}) };
  const rest = { ...(body ? { body: body.bytes } : {}), ...(form ? { timeoutMs: 180_000 } : {}), ...(signal ? { signal } : {}) };
  return callPlatform(account.http, {
    ...{ platform: "Mattermost", what: `${method} /${path.split(/[/?]/)[1]}`, secrets: [token], foreign: true, refusal },
    request: { method, url: address(account, path), headers, maxBytes, ...rest },
  });
}

export function address({ settings }: MattermostAccount, path: string): string {
  return `${settings.server.replace(/\/+$/, "")}/api/v4${path}`;
}

export function authorization({ settings }: MattermostAccount): { readonly authorization: string } {
  return { authorization: `Bearer ${settings.token}` };
}

/** No permission in the channel (or not in it), an archived one, a thread whose root is deleted. */
const gone = new Set([
  "api.context.permissions.app_error",
  "api.post.create_post.can_not_post_to_deleted.error",
  "api.post.create_post.can_not_post_in_restricted_dm.error",
  "api.post.create_post.root_id.app_error",
]);
/** The first post with this `pending_post_id` is still being stored; asked again, the server says what became of it. */
const pending = "api.post.deduplicate_create_post.pending";

/** The server's AppError. Its front's limit answers without one. */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { id: word, message: said } = fieldsOf(json);
  if (status < 300 || (typeof word !== "string" && status !== 401)) return undefined;
  const code: ErrorCode =
    status === 401
      ? "channel-auth"
      : status === 429 || status >= 500
        ? "channel-retry"
        : gone.has(String(word))
          ? "channel-gone"
          : "channel-permanent";
  return { code, word: String(word ?? "").slice(0, 100), said: String(said ?? ""), ...(word === pending ? { sure: true } : {}) };
}
