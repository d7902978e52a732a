import { z } from "zod";
import { type ErrorCode, type Fault, fail, fault, faultOf, ok, type Result } from "./errors.ts";
import type { HttpClient, HttpFailure, HttpRequest, HttpStream } from "./http.ts";
import type { Usage } from "./provider.ts";
import { withoutSecrets } from "./secret-forms.ts";

/** What model APIs over HTTP have in common: opening the stream, and what their refusals mean. */

/** A failed call as the last event of a stream wants it. */
export interface Refusal {
  readonly fault: Fault;
  /** The provider's own word on when to come back. */
  readonly afterMs?: number;
}

/** An answer to a model call; never read past this, however long a model talks. */
const longestAnswer = 64 * 1024 * 1024;
const longestError = 64 * 1024;

/** Stands in the place of audio where a format has none: the model can say so. */
export const unheard = "(A recording that this model can't hear.)";

export const noUsage: Usage = { input: 0, cachedInput: 0, output: 0, reported: false };

/** Sends the call. What isn't 2xx comes back as a refusal, its body read and its connection closed. */
export async function openModelStream(
  http: HttpClient,
  request: HttpRequest,
  who: Who,
): Promise<{ ok: true; stream: HttpStream } | ({ ok: false } & HttpRefusal)> {
  const result = await http.stream({ maxBytes: longestAnswer, ...request });
  if (!result.ok) return { ok: false, fault: faultOfCall(result.fault, who) };
  const { status, headers, body } = result.value;
  const type = headers["content-type"] ?? "";
  if (status >= 200 && status < 300 && !/^(?:application\/json|text\/html)\b/i.test(type)) return { ok: true, stream: result.value };
  const text = await beginning(body);
  if (status >= 200 && status < 300 && !errorOf(text)) {
    return { ok: false, status, text, fault: fault("provider-malformed", `${who.name} answered ${type} instead of a stream`) };
  }
  const error = status >= 200 && status < 300 ? errorOf(text) : errorOfRefusal(text);
  return { ok: false, status, text, ...refusalOf({ status, headers, text, who, error }) };
}

/**
 * The names of a list of models: `{data: [{id}]}` as OpenAI and Anthropic answer, Google's `{models: [{name}]}`, or Amazon's
 * `{modelSummaries: [{modelId}]}`.
 * https://ai.google.dev/api/models
 */
export async function fetchModelNames(http: HttpClient, request: HttpRequest, who: Who): Promise<Result<readonly string[]>> {
  const result = await fetchJson(http, request, modelList, who);
  if (!result.ok) return result;
  const list = result.value;
  if ("modelSummaries" in list) return ok(list.modelSummaries.map(({ modelId }) => modelId));
  return ok("data" in list ? list.data.map(({ id }) => id) : list.models.map(({ name }) => name.replace(/^models\//, "")));
}

const modelList = z.union([
  z.object({ data: z.array(z.object({ id: z.string() })) }),
  z.object({ models: z.array(z.object({ name: z.string() })) }),
  z.object({ modelSummaries: z.array(z.object({ modelId: z.string() })) }),
]);

/** A call whose answer comes whole: JSON of the given shape, or why not. */
export async function fetchJson<Value>(http: HttpClient, request: HttpRequest, schema: z.ZodType<Value>, who: Who): Promise<Result<Value>> {
  const result = await http.send({ maxBytes: longestAnswer, ...request });
  if (!result.ok) return { ok: false, fault: faultOfCall(result.fault, who) };
  const { status, headers } = result.value;
  const text = new TextDecoder().decode(result.value.body);
  if (status < 200 || status >= 300)
    return { ok: false, fault: refusalOf({ status, headers, text, error: errorOfRefusal(text), who }).fault };
  try {
    return ok(schema.parse(JSON.parse(text)));
  } catch (error) {
    return fail("provider-malformed", `${who.name} answered something that can't be read`, error);
  }
}

export interface HttpRefusal extends Refusal {
  /** Absent when there was no answer at all. */
  readonly status?: number;
  readonly text?: string;
}

/** Whom we talk to: `secret` is cut out of whatever they say. */
export interface Who {
  readonly name: string;
  readonly secret?: string | undefined;
}

/** The network's fault in the turn's words; `aborted` stays what it is. */
function faultOfCall(failure: Fault | HttpFailure, { name }: Who): Fault {
  const code: ErrorCode =
    failure.code === "aborted"
      ? "aborted"
      : failure.code === "request-invalid" || failure.code === "address-refused"
        ? "provider-refused"
        : failure.code === "http-malformed" || failure.code === "http-too-large"
          ? "provider-malformed"
          : "provider-unavailable";
  return fault(code, `${name}: ${failure.message}`, failure);
}

/** Whatever a stream threw: the network's fault, or an event without end. */
export function faultOfStream(thrown: unknown, who: Who): Fault {
  if (thrown instanceof Error && thrown.name === "ParseError") return fault("provider-malformed", `${who.name}: ${thrown.message}`, thrown);
  return faultOfCall(faultOf(thrown), who);
}

/** The `error` object that OpenAI, Anthropic and those who follow them put into a body or an event. */
export interface ApiError {
  readonly type: string;
  readonly code: string;
  readonly message: string;
}

function errorOf(text: string): ApiError | undefined {
  return readError(objectIn(text)?.error);
}

/** Also of those who put it into the body itself: Mistral, Cohere, Amazon (`message`), FastAPI (`detail`). */
function errorOfRefusal(text: string): ApiError | undefined {
  const body = objectIn(text);
  return readError(body?.error) ?? (typeof body?.message === "string" ? readError(body) : readError(body?.detail));
}

/** Google sends a list where a stream was to come. */
function objectIn(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const read: unknown = JSON.parse(text);
    const body: unknown = Array.isArray(read) ? read[0] : read;
    return typeof body === "object" && body !== null ? (body as { [key: string]: unknown }) : undefined;
  } catch {
    return undefined; // a proxy's HTML, say
  }
}

export function readError(error: unknown): ApiError | undefined {
  if (typeof error === "string") return { type: "", code: "", message: error };
  if (typeof error !== "object" || error === null) return undefined;
  const { type, code, message } = error as Record<string, unknown>;
  return { type: word(type), code: word(code), message: word(message) };
}

function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/**
 * What a refusal is known by: the names that servers give it in `type` or `code`, or how they begin to say it in words. Nothing
 * else of the words counts: they may quote what a person wrote, who could shut the model for everybody by it.
 */
interface Sign {
  readonly name: RegExp;
  readonly words: RegExp;
}

const spent: Sign = {
  name: /^(?:insufficient_quota|credit_balance\w*|\w*spend_limit\w*|usage_limit_exceeded|billing_(?:error|hard_limit\w*|not_active))$/i,
  words: /^(?:your credit balance|billing hard limit)/i,
};

const tooLong: Sign = {
  name: /^(?:context_length_exceeded|exceed_context_size\w*|request_too_large|string_above_max_length)$/i,
  words: new RegExp(
    `^(?:${[
      "this (?:model|endpoint)['’]s maximum (?:context|prompt) length",
      "prompt is too long",
      "(?:the model returned the following errors: )?input is too long",
      "the input token count",
      "your input exceeds the context window",
      "the (?:request|prompt) exceeds the (?:available|model's) context",
      "(?:the )?input (?:length )?exceeds (?:the )?(?:maximum )?context (?:length|window)",
      "prompt contains \\d+ tokens",
      "the (?:decoder )?prompt \\((?:total )?length \\d+\\) is (?:too long|longer)",
      "the number of tokens to keep from the initial prompt",
      "trying to keep the first \\d+ tokens",
      "(?:the )?(?:maximum )?context (?:length|window|size)\\b",
      "too many tokens",
    ].join("|")})`,
    "i",
  ),
};

/** Google says 400 to a wrong key: https://ai.google.dev/gemini-api/docs/troubleshooting */
const wrongKey: Sign = { name: /^API_KEY_INVALID$/, words: /^API key not valid/ };

/**
 * Content filters refuse with 400, 403 or in mid-stream. It concerns one call: taken for a refused key, what one person wrote
 * would shut the model for all others.
 * https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter https://openrouter.ai/docs/api/reference/errors-and-debugging
 */
const withheld: Sign = {
  name: /^(?:content_filter|content_policy_violation)$/i,
  words:
    /^(?:the response was filtered|output blocked by content filtering policy|invalid prompt: your prompt was flagged|content violates usage guidelines)/i,
};

/** Names of exceptions that a gateway between puts in front. */
const wrapping = /^(?:[\w.]+(?:Error|Exception)\s*[:-]\s*)+/;

/** A name in OpenRouter's JSON. What somebody wrote stands there with its quotes escaped. */
const flagged = /"flagged_input"\s*:/;

/**
 * What a refusal means, by status, then by the error's own words, which differ between servers.
 * https://developers.openai.com/api/docs/guides/error-codes https://platform.claude.com/docs/en/api/errors
 */
export function refusalOf(answer: {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly error: ApiError | undefined;
  readonly who: Who;
}): Refusal {
  const { headers, error, who } = answer;
  // Inside a stream the status is 200; some routers put the real one into the code.
  const status = answer.status >= 400 ? answer.status : Number(error?.code) || 0;
  const sent: ApiError = error ?? { type: "", code: "", message: answer.text };
  const code = error && flagged.test(answer.text) ? "answer-withheld" : codeOf(status, sent);
  const said = clean(error?.message || answer.text || error?.type || error?.code || "", who.secret);
  const message = `${who.name} refused the call${status ? ` with ${status}` : ""}${said ? `: ${said}` : ""}`;
  const afterMs =
    code === "provider-quota" || code === "provider-unavailable" ? (retryAfter(headers) ?? (error && retryDelay(answer.text))) : undefined;
  return { fault: fault(code, message), ...(afterMs === undefined ? {} : { afterMs }) };
}

function codeOf(status: number, { type, code, message }: ApiError): ErrorCode {
  const words = message.trimStart().replace(wrapping, "");
  const shows = (sign: Sign) => sign.name.test(type) || sign.name.test(code) || sign.words.test(words);
  if (status < 500 && shows(withheld)) return "answer-withheld";
  if (status === 402 || (status < 500 && shows(spent))) return "provider-spent";
  if (status === 413 || (status < 500 && shows(tooLong))) return "context-too-long";
  if (status === 401 || status === 403 || shows(wrongKey) || type === "authentication_error" || type === "permission_error")
    return "provider-auth";
  if (status === 429 || /rate_limit|throttling/i.test(`${type} ${code}`)) return "provider-quota";
  if (status >= 500 || status === 408 || status === 409) return "provider-unavailable";
  if (status >= 400 || /invalid_request|not_found/.test(type)) return "provider-refused";
  return "provider-unavailable";
}

/** Milliseconds; `retry-after-ms` is OpenAI's, `retry-after` everybody's: seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const ms = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (ms >= 0) return ms;
  const after = headers["retry-after"];
  if (after === undefined) return undefined;
  const seconds = Number(after);
  if (seconds >= 0) return seconds * 1000;
  const now = Date.parse(headers.date ?? ""); // the server's own clock: no need to trust ours
  const wait = Date.parse(after) - now;
  return wait >= 0 ? wait : undefined;
}

/** Google's google.rpc.RetryInfo in the body: https://google.aip.dev/193 */
function retryDelay(text: string): number | undefined {
  const seconds = /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/.exec(text)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

/** One line, short, without the key (OpenAI quotes part of a wrong one). */
function clean(text: string, secret: string | undefined): string {
  const masked = withoutSecrets(text, [secret], "***").replace(/\b(?:sk|pk|key)-[\w*-]{4,}/g, "***");
  const line = masked.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

async function beginning(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > longestError) break;
    }
  } catch {
    // The status says enough.
  }
  return new TextDecoder().decode(joined(chunks, size));
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
