import { type ErrorCode, ok, type Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { type CallFailure, callPlatform, failed, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { RocketAccount } from "./settings.ts";

export interface CallOptions {
  readonly json?: object;
  readonly form?: { readonly type: string; readonly bytes: Uint8Array };
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly fields: Readonly<Record<string, Json>>;
  readonly headers: PlatformAnswer["headers"];
}

/** An id of Rocket.Chat's, safe in a path; a chat's id comes from our own store, and may still be anything there. Ours begin with `dl_`. */
export const idShape = /^[A-Za-z0-9_-]{1,128}$/;
const tokenShape = /^[A-Za-z0-9_-]{1,256}$/;

/** Calls `path` below `/api/v1`; its parts must be safe already. https://developer.rocket.chat/apidocs */
export async function call(
  account: RocketAccount,
  method: HttpRequest["method"],
  path: string,
  { json, form, signal }: CallOptions = {},
): Promise<Result<Answer, CallFailure>> {
  const { token, server } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "the token holds characters that no token of Rocket.Chat's has");
  const body = form ?? (json && { type: "application/json", bytes: JSON.stringify(json) });
  const headers = { ...authorization(account), ...(body ? { "content-type": body.type } : {}) };
  const rest = { ...(body ? { body: body.bytes } : {}), ...(form ? { timeoutMs: 180_000 } : {}), ...(signal ? { signal } : {}) };
  const answer = await callPlatform(account.http, {
    ...{ platform: "Rocket.Chat", what: `${method} ${path.split(/[/?]/)[0]}`, secrets: [token], foreign: true, refusal },
    request: { method, url: `${server.replace(/\/+$/, "")}/api/v1/${path}`, headers, maxBytes: 128 * 1024 * 1024, ...rest },
  });
  return answer.ok ? ok({ fields: fieldsOf(answer.value.json), headers: answer.value.headers }) : answer;
}

export function authorization({ settings }: RocketAccount): Readonly<Record<string, string>> {
  return { "x-auth-token": settings.token, "x-user-id": settings.userId };
}

/** What the server says where one may not speak (its canSendMessage.ts), or a room or a thread isn't there. */
const gone =
  /error-not-allowed|error-invalid-room|error-room-not-found|room_is_(blocked|archived)|You_have_been_muted|error-action-not-allowed/;

/** `error` is for people, `errorType` for programs; at the door of the API there may be text only. */
function refusal({ status, headers, json }: PlatformAnswer): Refusal | undefined {
  const { success, error, errorType, message } = fieldsOf(json);
  if (status === 401) return { code: "channel-auth", word: "401" };
  if (success === true && status < 300) return undefined;
  if (success !== false && typeof error !== "string" && status !== 403) return status === 200 ? unreadable : undefined;
  const said = String(error ?? message ?? "");
  const word = String(errorType ?? /\[([\w-]+)\]$/.exec(said)?.[1] ?? "").slice(0, 100);
  if (status === 429 || word === "error-too-many-requests") {
    const seconds = /wait (\d+) seconds/.exec(said)?.[1] ?? headers["retry-after"];
    return { code: "channel-retry", word, sure: true, ...(seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1000 }) };
  }
  const code: ErrorCode =
    status >= 500 ? "channel-retry" : status === 403 || gone.test(`${word} ${said}`) ? "channel-gone" : "channel-permanent";
  return { code, word: word || unnamed, said };
}

const unreadable: Refusal = { code: "channel-unreachable", word: "", said: "an answer without `success`", sure: false };
/** `Refusal.word` of an error that has no name, as of a bug of the server's. */
export const unnamed = "unnamed";
