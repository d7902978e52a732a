import type { ErrorCode, Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import {
  type CallFailure,
  callPlatform,
  failed,
  fieldsOf,
  multipart,
  type PlatformAnswer,
  type Refusal,
} from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { DiscordAccount } from "./settings.ts";

export interface CallOptions {
  readonly json?: object;
  /** Sent as a form, with `json` as its field `payload_json`. */
  readonly files?: readonly { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array }[];
  readonly signal?: AbortSignal;
}

const tokenShape = /^[A-Za-z0-9._-]{1,256}$/;
/** https://docs.discord.com/developers/reference#user-agent: without one of this form Discord's front refuses. */
const userAgent = "DiscordBot (https://polylogue.dev, 1)";

/** Calls `path` below the API's root; its parts must be safe already. The token travels in a header. */
export async function call(
  account: DiscordAccount,
  method: HttpRequest["method"],
  path: string,
  { json, files, signal }: CallOptions = {},
): Promise<Result<Json, CallFailure>> {
  const { botToken: token, apiRoot } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "the botToken holds characters that no token of Discord's has");
  const body = files
    ? await multipart(
        { payload_json: json ?? {} },
        files.map((file, index) => ({ field: `files[${index}]`, ...file })),
      )
    : json && { type: "application/json", bytes: JSON.stringify(json) };
  const answer = await callPlatform(account.http, {
    platform: "Discord",
    what: `${method} ${path.split("/", 2).join("/")}`,
    request: {
      method,
      url: apiRoot.replace(/\/+$/, "") + path,
      headers: { authorization: `Bot ${token}`, "user-agent": userAgent, ...(body ? { "content-type": body.type } : {}) },
      ...(body ? { body: body.bytes } : {}),
      ...(files ? { timeoutMs: 180_000 } : {}),
      ...(signal ? { signal } : {}),
    },
    secrets: [token],
    refusal,
  });
  return answer.ok ? { ok: true, value: answer.value.json } : answer;
}

/** An id of Discord's, safe in a path; a chat's id comes from our own store, and may still be anything there. */
export function isSnowflake(id: string): boolean {
  return /^\d{1,20}$/.test(id);
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json. Without a code of Discord's something in between refused. */
function refusal({ status, headers, json }: PlatformAnswer): Refusal | undefined {
  if (status < 300) return undefined;
  const { code, message, retry_after: seconds, global } = fieldsOf(json);
  if (typeof code !== "number" && status !== 401 && status !== 429) return undefined;
  const of = {
    code: codeOf(status, code),
    word: typeof code === "number" ? String(code) : "",
    said: typeof message === "string" ? message : "",
  };
  if (status !== 429) return of;
  // A route's limit is that of the channel in it; the other two are the bot's: https://docs.discord.com/developers/topics/rate-limits
  const ofBot = global === true || headers["x-ratelimit-global"] === "true" || headers["x-ratelimit-scope"] === "global";
  return { ...of, scope: ofBot ? "account" : "conversation", ...(typeof seconds === "number" ? { retryAfterMs: seconds * 1000 } : {}) };
}

/** Unknown channel, server or recipient; no access or permission; a person who takes no messages; an archived or locked thread. */
const gone = new Set<unknown>([10_003, 10_004, 10_013, 50_001, 50_007, 50_013, 50_083, 50_278, 160_005]);

function codeOf(status: number, code: unknown): ErrorCode {
  if (status === 401) return "channel-auth";
  if (status === 429 || status >= 500) return "channel-retry";
  return gone.has(code) ? "channel-gone" : "channel-permanent";
}
