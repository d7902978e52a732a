import { inspect } from "node:util";
import { type Fault, fault, type Result } from "../../core/errors.ts";
import type { HttpFailure, HttpResponse } from "../../core/http.ts";
import type { TelegramAccount } from "./settings.ts";

/**
 * Why a call to the Bot API gave no result. `sure` is false when nobody can say whether Telegram acted on it.
 * https://core.telegram.org/bots/api#making-requests
 */
export interface ApiFailure {
  readonly fault: Fault;
  readonly sure: boolean;
  /** The Bot API's `error_code`; absent when the answer, if any, was not the Bot API's. */
  readonly status?: number;
  readonly description: string;
  /** https://core.telegram.org/bots/api#responseparameters */
  readonly retryAfterMs?: number;
  readonly migratedTo?: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Sent as a file upload under this parameter name, with the others as form fields. */
  readonly upload?: { readonly field: string; readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array };
}

/** `<bot id>:<secret>`. Anything else could change the address that is called. */
const tokenShape = /^\d{1,20}:[A-Za-z0-9_-]{1,128}$/;

/** Calls one method. Undefined parameters are left out. The token stands in the address, so no fault shows an address. */
export async function call(
  account: TelegramAccount,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  options: CallOptions = {},
): Promise<Result<unknown, ApiFailure>> {
  const { token, apiRoot } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "Telegram's token has the form 123456:ABC…; this one has not", true);
  const body = options.upload
    ? await multipart(parameters, options.upload)
    : { type: "application/json", bytes: JSON.stringify(parameters) };
  const answer = await account.http.send({
    method: "POST",
    url: `${apiRoot.replace(/\/+$/, "")}/bot${token}/${method}`,
    headers: { "content-type": body.type },
    body: body.bytes,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return answer.ok ? read(answer.value, method) : { ok: false, fault: unanswered(answer.fault, token) };
}

/** The address of a file that `getFile` named. https://core.telegram.org/bots/api#file */
export function fileUrl(account: TelegramAccount, path: string): string {
  const { token, apiRoot } = account.settings;
  return `${apiRoot.replace(/\/+$/, "")}/file/bot${token}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

async function multipart(
  parameters: Readonly<Record<string, unknown>>,
  upload: NonNullable<CallOptions["upload"]>,
): Promise<{ type: string; bytes: Uint8Array }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  form.set(upload.field, new Blob([new Uint8Array(upload.bytes)], { type: upload.mediaType }), upload.name);
  const encoded = new Response(form);
  return { type: encoded.headers.get("content-type") as string, bytes: new Uint8Array(await encoded.arrayBuffer()) };
}

interface Envelope {
  readonly ok?: unknown;
  readonly result?: unknown;
  readonly error_code?: unknown;
  readonly description?: unknown;
  readonly parameters?: { readonly retry_after?: unknown; readonly migrate_to_chat_id?: unknown };
}

function read(answer: HttpResponse, method: string): Result<unknown, ApiFailure> {
  const envelope = parse(answer.body);
  if (envelope?.ok === true) return { ok: true, value: envelope.result };
  if (envelope?.ok !== false) {
    // Something between us and the Bot API answered. It refused with 3xx or 4xx; after 2xx or 5xx anything may have happened.
    const refused = answer.status >= 300 && answer.status < 500;
    const code = answer.status === 413 ? "channel-permanent" : "channel-unreachable";
    return failed(code, `an answer with status ${answer.status} that is not the Bot API's (${method})`, refused);
  }
  const status = typeof envelope.error_code === "number" ? envelope.error_code : answer.status;
  const description = typeof envelope.description === "string" ? envelope.description.slice(0, 500) : `status ${status}`;
  const seconds = envelope.parameters?.retry_after;
  const migrated = envelope.parameters?.migrate_to_chat_id;
  return {
    ok: false,
    fault: {
      fault: fault(codeOf(status, description), `Telegram refused ${method}: ${status} ${description}`),
      sure: status < 500 || restarting.test(description),
      status,
      description,
      ...(typeof seconds === "number" && seconds >= 0 ? { retryAfterMs: Math.min(seconds, 86_400) * 1000 } : {}),
      ...(Number.isSafeInteger(migrated) ? { migratedTo: String(migrated) } : {}),
    },
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

function codeOf(status: number, description: string): Fault["code"] {
  // A method we call always exists, so 404 can only mean the token.
  if (status === 401 || status === 404) return "channel-auth";
  if (status === 403 || gone.test(description)) return "channel-gone";
  return status === 429 || status >= 500 ? "channel-retry" : "channel-permanent";
}

const utf8 = new TextDecoder();

function parse(body: Uint8Array): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(body));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function unanswered(failure: HttpFailure, token: string): ApiFailure {
  const message = failure.message.replaceAll(token, "<token>");
  const cause = inspect(failure.cause, { depth: 6 }).includes(token) ? undefined : failure.cause;
  return { fault: fault(failure.code, message, cause), sure: !failure.ambiguous, description: message };
}

function failed(code: Fault["code"], message: string, sure: boolean): { ok: false; fault: ApiFailure } {
  return { ok: false, fault: { fault: fault(code, message), sure, description: message } };
}
