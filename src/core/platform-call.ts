import { inspect } from "node:util";
import type { SendOutcome } from "./delivery.ts";
import { type ErrorCode, errorTable, type Fault, fault, ok, type Result } from "./errors.ts";
import type { HttpClient, HttpFailure, HttpRequest, HttpResponse } from "./http.ts";
import { parseForeignJson, parseJson } from "./json.ts";
import { withoutSecrets } from "./secret-forms.ts";
import type { Json } from "./terms.ts";

/** Milliseconds: the longest wait that a platform may impose. */
const longestWait = 86_400_000;
/** Characters of a platform's own words that a fault quotes. */
const quoted = 300;

/** One call of a platform's HTTP API that answers in JSON. */
export interface PlatformCall {
  /** As people call it: "Slack refused …". */
  readonly platform: string;
  /** Names the call in faults, without an id or a secret: `chat.postMessage`, `POST /messages`. */
  readonly what: string;
  readonly request: HttpRequest;
  /** The answer holds what strangers wrote: `parseForeignJson` reads it. */
  readonly foreign?: true;
  /** Texts that no fault may show: the tokens that go with the request. */
  readonly secrets: readonly string[];
  /**
   * Why the platform refused, read from its own answer. Undefined: a result, when the status is 2xx; otherwise an answer that isn't the
   * platform's at all (a proxy's page).
   */
  refusal(answer: PlatformAnswer): Refusal | undefined;
}

export interface PlatformAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: HttpResponse["headers"];
  /** Undefined when the body is no JSON, null when there is none. */
  readonly json: Json | undefined;
}

export interface Refusal {
  readonly code: ErrorCode;
  /** The platform's name or number for it: `channel_not_found`. */
  readonly word: string;
  /** The platform's words for people. */
  readonly said?: string | undefined;
  /** Whether it surely didn't act; if absent, whether the status is below 500. */
  readonly sure?: boolean;
  /** In place of the header Retry-After. */
  readonly retryAfterMs?: number | undefined;
  /** Whose limit was hit, where the platform says. */
  readonly scope?: "account" | "conversation";
}

/** Why a call gave no result. */
export interface CallFailure {
  readonly fault: Fault;
  /** False when nobody can say whether the platform acted on it. */
  readonly sure: boolean;
  /** Absent without an answer. */
  readonly status?: number;
  /** `Refusal.word`; absent when the answer, if any, was not the platform's. */
  readonly word?: string;
  readonly retryAfterMs?: number;
  readonly scope?: "account" | "conversation";
}

/** Makes one call. Never repeats it: that is the outbox's. No fault shows a secret or the address. */
export async function callPlatform(http: HttpClient, call: PlatformCall): Promise<Result<PlatformAnswer & { json: Json }, CallFailure>> {
  const answered = await http.send(call.request);
  if (!answered.ok) return { ok: false, fault: unanswered(answered.fault, call.secrets) };
  const { status, headers, body } = answered.value;
  const parsed = body.length === 0 ? ok(null) : call.foreign ? parseForeignJson(body) : parseJson(body);
  const answer: PlatformAnswer = { status, headers, json: parsed.ok ? parsed.value : undefined };
  const refusal = call.refusal(answer);
  if (refusal) {
    // Read once more without them: what cuts a platform's words off would leave a part of one.
    const safe = { ...answer, ...(answer.json !== undefined && { json: hidden(answer.json, call.secrets) }) };
    return { ok: false, fault: refused(call, answer, call.refusal(safe) ?? refusal) };
  }
  if (status >= 200 && status < 300 && answer.json !== undefined) return ok({ ...answer, json: answer.json });
  // Something in between answered. It refused with 3xx or 4xx; after 2xx or 5xx anything may have happened.
  const code = status === 413 ? "channel-permanent" : status === 429 ? "channel-retry" : "channel-unreachable";
  return {
    ok: false,
    fault: {
      fault: fault(code, `an answer with status ${status} that is not ${call.platform}'s (${call.what})`),
      sure: status >= 300 && status < 500,
      status,
      ...waiting(retryAfter(headers)),
    },
  };
}

/** A failure before any call, or without one: surely nothing was done. */
export function failed(code: ErrorCode, message: string): { ok: false; fault: CallFailure } {
  return { ok: false, fault: { fault: fault(code, message), sure: true } };
}

/** What a failed call means for the delivery that it was made for. */
export function outcomeOf({ fault: { code, message }, sure, retryAfterMs, scope }: CallFailure): Exclude<SendOutcome, { kind: "sent" }> {
  if (!sure) return { kind: "unknown", code: "channel-unknown", message };
  if (!errorTable[code].retryable) return { kind: "refused", code, message };
  return { kind: "retry", code, message, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }), ...(scope ? { scope } : {}) };
}

/** Form fields and files as one body. Undefined fields are left out, what isn't text goes as JSON. */
export async function multipart(
  fields: Readonly<Record<string, unknown>>,
  files: readonly { readonly field: string; readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array }[],
): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  for (const { field, name, mediaType, bytes } of files) form.set(field, new Blob([new Uint8Array(bytes)], { type: mediaType }), name);
  const encoded = new Response(form);
  return { type: encoded.headers.get("content-type") as string, bytes: new Uint8Array(await encoded.arrayBuffer()) };
}

/** `value` if it is a JSON object, else an empty one. */
export function fieldsOf(value: unknown): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};
}

function refused({ platform, what, secrets }: PlatformCall, { status, headers }: PlatformAnswer, refusal: Refusal): CallFailure {
  const { code, word, said, sure = status < 500, retryAfterMs = retryAfter(headers), scope } = refusal;
  const words = [status >= 300 ? status : undefined, word, said?.slice(0, quoted)].filter((part) => part !== undefined && part !== "");
  return {
    fault: fault(code, withoutSecrets(`${platform} refused ${what}: ${words.join(" ")}`, secrets)),
    sure,
    status,
    word,
    ...waiting(retryAfterMs),
    ...(scope ? { scope } : {}),
  };
}

/** Seconds: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3. Platforms name fractions too, and none a date. */
function retryAfter(headers: HttpResponse["headers"]): number | undefined {
  const header = headers["retry-after"];
  return header !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(header) ? Number(header) * 1000 : undefined;
}

function waiting(ms: number | undefined): { retryAfterMs?: number } {
  return ms === undefined || !(ms >= 0) ? {} : { retryAfterMs: Math.min(Math.ceil(ms), longestWait) };
}

function hidden(json: Json, secrets: readonly string[]): Json {
  if (typeof json === "string") return withoutSecrets(json, secrets);
  if (Array.isArray(json)) return json.map((item) => hidden(item, secrets));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, hidden(value, secrets)]));
}

/** Causes are only kept when they show no secret: they hold whatever the network's code put into them. */
function unanswered(failure: HttpFailure, secrets: readonly string[]): CallFailure {
  const shown = inspect(failure.cause, { depth: 6 });
  const cause = secrets.some((secret) => secret && shown.includes(secret)) ? undefined : failure.cause;
  return { fault: fault(failure.code, withoutSecrets(failure.message, secrets), cause), sure: !failure.ambiguous };
}
