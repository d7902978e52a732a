import { type ErrorCode, fault, ok, type Result } from "../../core/errors.ts";
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
import type { TelegramAccount } from "./settings.ts";

/** `word` is the Bot API's description. https://core.telegram.org/bots/api#making-requests */
export interface ApiFailure extends CallFailure {
  /** The group became this supergroup. https://core.telegram.org/bots/api#responseparameters */
  readonly migratedTo?: string;
}

export interface Upload {
  readonly field: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Sent under these parameters' names, with the others as form fields. */
  readonly uploads?: readonly Upload[];
}

/** `<bot id>:<secret>`. Anything else could change the address that is called. */
const tokenShape = /^\d{1,20}:[A-Za-z0-9_-]{1,128}$/;
const uploadMs = 180_000;

/** Calls one method. Undefined parameters are left out. The token stands in the address, so no fault shows an address. */
export async function call(
  account: TelegramAccount,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  { signal, maxBytes, uploads = [], timeoutMs = uploads.length > 0 ? uploadMs : undefined }: CallOptions = {},
): Promise<Result<Json, ApiFailure>> {
  const { token, webhookSecret } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "Telegram's token has the form 123456:ABC…; this one has not");
  const body = uploads.length > 0 ? await multipart(parameters, uploads) : { type: "application/json", bytes: JSON.stringify(parameters) };
  let migratedTo: string | undefined;
  const answer = await callPlatform(account.http, {
    platform: "Telegram",
    foreign: true,
    what: method,
    request: {
      method: "POST",
      url: `${apiRoot(account)}/bot${token}/${method}`,
      headers: { "content-type": body.type },
      body: body.bytes,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(signal ? { signal } : {}),
    },
    secrets: [token, webhookSecret ?? ""],
    refusal(given) {
      const { migrate_to_chat_id: id } = fieldsOf(fieldsOf(given.json).parameters);
      if (Number.isSafeInteger(id)) migratedTo = String(id);
      return refusal(given);
    },
  });
  if (!answer.ok) return migratedTo === undefined ? answer : { ok: false, fault: { ...answer.fault, migratedTo } };
  const { ok: done, result } = fieldsOf(answer.value.json);
  if (done === true) return ok(result ?? null);
  const message = `an answer that is not the Bot API's (${method})`;
  return { ok: false, fault: { fault: fault("channel-unreachable", message), sure: false } };
}

/** The address of a file that `getFile` named. https://core.telegram.org/bots/api#file */
export function fileUrl(account: TelegramAccount, path: string): string {
  return `${apiRoot(account)}/file/bot${account.settings.token}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function apiRoot({ settings }: TelegramAccount): string {
  return settings.apiRoot.replace(/\/+$/, "");
}

function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { ok: done, error_code: number = status, description, parameters } = fieldsOf(json);
  if (done !== false) return undefined;
  const word = typeof description === "string" ? description.slice(0, 300) : "";
  const { retry_after: seconds } = fieldsOf(parameters);
  return {
    code: codeOf(Number(number), word),
    word,
    sure: Number(number) < 500 || restarting.test(word),
    // Telegram limits a bot as a whole and in each chat, and doesn't say which of them was meant, so no scope is named:
    // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    ...(typeof seconds === "number" ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

/**
 * The one 5xx that is given before a request is acted on. Others can come after it: 502 from Telegram's front servers, and
 * "500 … sent message was immediately deleted and can't be returned", both seen with messages that had arrived.
 */
const restarting = /^Internal Server Error: restart\b/;

/** Descriptions as in the Bot API server's source; the number alone doesn't tell them apart. */
const gone =
  /chat not found|user not found|PEER_ID_INVALID|bot was (blocked|kicked)|is not a member|user is deactivated|chat was deleted|group chat was deactivated|message thread not found|TOPIC_(CLOSED|DELETED)|can't initiate conversation/i;

function codeOf(status: number, description: string): ErrorCode {
  // A method we call always exists, so 404 can only mean the token.
  if (status === 401 || status === 404) return "channel-auth";
  if (status === 403 || gone.test(description)) return "channel-gone";
  return status === 429 || status >= 500 ? "channel-retry" : "channel-permanent";
}
