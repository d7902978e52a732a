import { inspect } from "node:util";
import type { SendOutcome } from "../../core/delivery.ts";
import { type ErrorCode, errorTable, type Fault, fault, ok, type Result } from "../../core/errors.ts";
import type { HttpFailure, HttpResponse } from "../../core/http.ts";
import { parseJson } from "../../core/json.ts";
import type { Json } from "../../core/terms.ts";
import type { SlackAccount } from "./settings.ts";

/** Why a call to the Web API gave no result. `sure` is false when nobody can say whether Slack acted on it. */
export interface ApiFailure {
  readonly fault: Fault;
  readonly sure: boolean;
  /** Slack's word for it (`channel_not_found`); absent when the answer, if any, was not the Web API's. */
  readonly error?: string;
  readonly retryAfterMs?: number;
}

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
): Promise<Result<Answer, ApiFailure>> {
  if (!tokenShape.test(token)) return failed("channel-auth", "the token holds characters that no token of Slack's has", true);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const answer = await account.http.send({
    method: "POST",
    url: `${account.settings.apiRoot.replace(/\/+$/, "")}/${method}`,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    ...(signal ? { signal } : {}),
  });
  return answer.ok ? read(answer.value, method) : { ok: false, fault: unanswered(answer.fault, token) };
}

function read(answer: HttpResponse, method: string): Result<Answer, ApiFailure> {
  const { status, headers } = answer;
  const seconds = Number(headers["retry-after"]);
  const wait = Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.min(seconds, 86_400) * 1000 } : {};
  const parsed = parseJson(answer.body);
  const fields = parsed.ok && typeof parsed.value === "object" && parsed.value !== null && !Array.isArray(parsed.value) ? parsed.value : {};
  if (fields.ok === true && status === 200) return ok({ fields, headers });
  if (status === 429) return refused("ratelimited", fields, method, wait);
  if (typeof fields.error === "string" && fields.ok === false) return refused(fields.error.slice(0, 100), fields, method, wait);
  // Something between us and Slack answered, or Slack's front. It refused with 3xx or 4xx; otherwise anything may have happened.
  const sure = status >= 300 && status < 500;
  const code = status === 413 ? "channel-permanent" : status >= 500 ? "channel-retry" : "channel-unreachable";
  return failed(code, `an answer with status ${status} that is not the Web API's (${method})`, sure);
}

function refused(
  error: string,
  fields: Answer["fields"],
  method: string,
  wait: { retryAfterMs?: number },
): { ok: false; fault: ApiFailure } {
  const needed =
    typeof fields.needed === "string" && error === "missing_scope" ? `: the app needs the scope ${fields.needed.slice(0, 100)}` : "";
  const of = fault(codeOf(error), `Slack refused ${method}: ${error}${needed}`);
  return { ok: false, fault: { fault: of, sure: !halfDone.has(error), error, ...wait } };
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

function codeOf(error: string): ErrorCode {
  return codes.get(error) ?? "channel-permanent";
}

function unanswered(failure: HttpFailure, token: string): ApiFailure {
  const cause = inspect(failure.cause, { depth: 6 }).includes(token) ? undefined : failure.cause;
  return { fault: fault(failure.code, failure.message.replaceAll(token, "<token>"), cause), sure: !failure.ambiguous };
}

function failed(code: ErrorCode, message: string, sure: boolean): { ok: false; fault: ApiFailure } {
  return { ok: false, fault: { fault: fault(code, message), sure } };
}

/** Slack's limits are per method, workspace and channel, and its Retry-After doesn't say which was meant: so no scope is named. */
export function outcomeOf({ fault: { code, message }, sure, retryAfterMs }: ApiFailure): Exclude<SendOutcome, { kind: "sent" }> {
  if (!sure) return { kind: "unknown", code: "channel-unknown", message };
  if (!errorTable[code].retryable) return { kind: "refused", code, message };
  return { kind: "retry", code, message, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
}
