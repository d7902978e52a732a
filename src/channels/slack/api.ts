import { type ErrorCode, ok, type Result } from "../../core/errors.ts";
import { type CallFailure, callPlatform, failed, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { SlackAccount } from "./settings.ts";

export interface Answer {
  readonly fields: Readonly<Record<string, Json>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallOptions {
  /** The bot token if absent. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal;
}

/** What may stand in a header; Slack's tokens are of these. */
const tokenShape = /^[A-Za-z0-9._-]{1,512}$/;

/**
 * Calls one method with form fields, which every method takes (https://docs.slack.dev/apis/web-api/#post_bodies). Undefined
 * fields are left out, what isn't text goes as JSON. The token travels in a header, never in a body or an address.
 */
export async function call(
  account: SlackAccount,
  method: string,
  fields: Readonly<Record<string, unknown>>,
  { token = account.settings.botToken, signal }: CallOptions = {},
): Promise<Result<Answer, CallFailure>> {
  if (!tokenShape.test(token)) return failed("channel-auth", "the token holds characters that no token of Slack's has");
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const answer = await callPlatform(account.http, {
    platform: "Slack",
    what: method,
    request: {
      method: "POST",
      url: `${account.settings.apiRoot.replace(/\/+$/, "")}/${method}`,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      ...(signal ? { signal } : {}),
    },
    secrets: [token],
    refusal,
  });
  return answer.ok ? ok({ fields: fieldsOf(answer.value.json), headers: answer.value.headers }) : answer;
}

/**
 * https://docs.slack.dev/apis/web-api/#responses. The limits are per method, workspace and channel, and Retry-After doesn't say which was
 * meant: so no scope is named.
 */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { ok: done, error: given, needed } = fieldsOf(json);
  if (done === true && status === 200) return undefined;
  const word = status === 429 ? "ratelimited" : done === false && typeof given === "string" ? given.slice(0, 100) : undefined;
  if (word === undefined)
    return status === 200 ? { code: "channel-unreachable", word: "", said: "an answer without `ok`", sure: false } : undefined;
  const said = word === "missing_scope" && typeof needed === "string" ? `: the app needs the scope ${needed.slice(0, 100)}` : undefined;
  return { code: codes.get(word) ?? "channel-permanent", word, said, sure: !halfDone.has(word) };
}

/**
 * "It's possible some aspect of the operation succeeded before the error was raised", or that it still will.
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
const halfDone = new Set(["internal_error", "fatal_error", "request_timeout"]);

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors and those of the other methods; what isn't here is permanent. */
const codes = new Map<string, ErrorCode>([
  ...each(
    "channel-auth",
    "access_denied account_inactive ekm_access_denied invalid_auth missing_scope no_permission not_allowed_token_type not_authed",
    "org_login_required team_access_not_granted token_expired token_revoked two_factor_setup_required",
  ),
  ...each(
    "channel-gone",
    "cannot_dm_bot cannot_reply_to_message channel_not_found is_archived messages_tab_disabled not_in_channel restricted_action",
    "restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked",
    "restricted_action_thread_only_channel team_not_found thread_not_found user_not_found user_not_visible",
  ),
  ...each(
    "channel-retry",
    "fatal_error internal_error message_limit_exceeded rate_limited ratelimited request_timeout service_unavailable team_added_to_org",
  ),
]);

function each(code: ErrorCode, ...lines: readonly string[]): readonly (readonly [string, ErrorCode])[] {
  return lines.flatMap((line) => line.split(" ")).map((error) => [error, code] as const);
}
