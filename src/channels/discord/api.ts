import { inspect } from "node:util";
import type { SendOutcome } from "../../core/delivery.ts";
import { type ErrorCode, errorTable, type Fault, fault, ok, type Result } from "../../core/errors.ts";
import type { HttpFailure, HttpRequest, HttpResponse } from "../../core/http.ts";
import { parseJson } from "../../core/json.ts";
import type { Json } from "../../core/terms.ts";
import type { DiscordAccount } from "./settings.ts";

/** Why a call gave no result. `sure` is false when nobody can say whether Discord acted on it. */
export interface ApiFailure {
  readonly fault: Fault;
  readonly sure: boolean;
  readonly status?: number;
  /** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
  readonly code?: number;
  readonly retryAfterMs?: number;
  readonly scope?: "account" | "conversation";
}

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
): Promise<Result<Json, ApiFailure>> {
  const { botToken: token, apiRoot } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "the botToken holds characters that no token of Discord's has");
  const body = files ? await multipart(json ?? {}, files) : json && { type: "application/json", bytes: JSON.stringify(json) };
  const answer = await account.http.send({
    method,
    url: apiRoot.replace(/\/+$/, "") + path,
    headers: { authorization: `Bot ${token}`, "user-agent": userAgent, ...(body ? { "content-type": body.type } : {}) },
    ...(body ? { body: body.bytes } : {}),
    ...(files ? { timeoutMs: 180_000 } : {}),
    ...(signal ? { signal } : {}),
  });
  return answer.ok
    ? read(answer.value, `${method} ${path.split("/", 2).join("/")}`)
    : { ok: false, fault: unanswered(answer.fault, token) };
}

/** An id of Discord's, safe in a path; a chat's id comes from our own store, and may still be anything there. */
export function isSnowflake(id: string): boolean {
  return /^\d{1,20}$/.test(id);
}

async function multipart(json: object, files: NonNullable<CallOptions["files"]>): Promise<{ type: string; bytes: Uint8Array }> {
  const form = new FormData();
  form.set("payload_json", new Blob([JSON.stringify(json)], { type: "application/json" }));
  files.forEach(({ name, mediaType, bytes }, index) => {
    form.set(`files[${index}]`, new Blob([new Uint8Array(bytes)], { type: mediaType }), name);
  });
  const encoded = new Response(form);
  return { type: encoded.headers.get("content-type") as string, bytes: new Uint8Array(await encoded.arrayBuffer()) };
}

function read({ status, headers, body }: HttpResponse, what: string): Result<Json, ApiFailure> {
  const parsed = body.length === 0 ? ok(null) : parseJson(body);
  if (status === 204) return ok(null);
  if (status >= 200 && status < 300) {
    if (parsed.ok) return ok(parsed.value);
    return {
      ok: false,
      fault: { fault: fault("channel-retry", `an answer with status ${status} that is not JSON (${what})`), sure: false, status },
    };
  }
  const fields = (parsed.ok && typeof parsed.value === "object" && parsed.value !== null ? parsed.value : {}) as Record<string, unknown>;
  const code = typeof fields.code === "number" ? fields.code : undefined;
  const said = typeof fields.message === "string" ? ` ${fields.message.slice(0, 300)}` : "";
  const of = fault(codeOf(status, code), `Discord refused ${what}: ${status}${code ? ` ${code}` : ""}${said}`);
  const base = { fault: of, sure: status < 500, status, ...(code === undefined ? {} : { code }) };
  return { ok: false, fault: status === 429 ? { ...base, ...limitOf(headers, fields) } : base };
}

/** https://docs.discord.com/developers/topics/rate-limits: a route's limit is that of the channel in it; the other two are the bot's. */
function limitOf(headers: HttpResponse["headers"], fields: Record<string, unknown>): Pick<ApiFailure, "retryAfterMs" | "scope"> {
  const seconds = typeof fields.retry_after === "number" ? fields.retry_after : Number(headers["retry-after"]);
  const global = fields.global === true || headers["x-ratelimit-global"] === "true" || headers["x-ratelimit-scope"] === "global";
  return {
    scope: global ? "account" : "conversation",
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: Math.ceil(Math.min(seconds, 86_400) * 1000) } : {}),
  };
}

/** Unknown channel, server or recipient; no access or permission; a person who takes no messages; an archived or locked thread. */
const gone = new Set([10_003, 10_004, 10_013, 50_001, 50_007, 50_013, 50_083, 50_278, 160_005]);

function codeOf(status: number, code: number | undefined): ErrorCode {
  if (status === 401) return "channel-auth";
  if (status === 429 || status >= 500) return "channel-retry";
  if (code !== undefined && gone.has(code)) return "channel-gone";
  // A refusal without Discord's own form came from something in between.
  return code === undefined && (status === 403 || status === 407 || (status >= 300 && status < 400))
    ? "channel-unreachable"
    : "channel-permanent";
}

function unanswered(failure: HttpFailure, token: string): ApiFailure {
  const cause = inspect(failure.cause, { depth: 6 }).includes(token) ? undefined : failure.cause;
  return { fault: fault(failure.code, failure.message.replaceAll(token, "<token>"), cause), sure: !failure.ambiguous };
}

export function failed(code: ErrorCode, message: string): { ok: false; fault: ApiFailure } {
  return { ok: false, fault: { fault: fault(code, message), sure: true } };
}

export function outcomeOf({ fault: { code, message }, sure, retryAfterMs, scope }: ApiFailure): Exclude<SendOutcome, { kind: "sent" }> {
  if (!sure) return { kind: "unknown", code: "channel-unknown", message };
  if (!errorTable[code].retryable) return { kind: "refused", code, message };
  return { kind: "retry", code, message, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }), ...(scope ? { scope } : {}) };
}
