import { appendFileSync, closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { wholeBody } from "./body.ts";
import { anthropic } from "./model/anthropic.ts";
import { bedrock } from "./model/bedrock.ts";
import { dialects } from "./model/chat-dialects.ts";
import { cohere } from "./model/cohere.ts";
import { type Body, type Complaint, type Format, type FormatName, invalid, isObject, type Plan } from "./model/format.ts";
import { google } from "./model/google.ts";
import { ollama } from "./model/ollama.ts";
import { openai } from "./model/openai.ts";
import { responses } from "./model/responses.ts";
import { wholeCall } from "./model/whole-calls.ts";

/**
 * A model API over real HTTP, in the formats of OpenAI (Chat Completions with some accents, Responses, embeddings,
 * transcription), Anthropic and Google. It refuses what they would refuse, and behaves as
 * the name of the model says, so that any process can choose: a behaviour, then options after plus signs.
 *
 * | model | what it does |
 * |---|---|
 * | `echo` | repeats the last user message; after tools, their results; counts images |
 * | `chunks-N` | N words, each in a chunk of its own |
 * | `think` | reasons first, then echoes |
 * | `tools` | calls every offered tool at once, with the user's message as arguments if it is JSON; after results, echoes them |
 * | `upper` | what stands between the last two `"""`, in capitals |
 * | `choose-NAME` | the JSON by which a classifier names its choice |
 * | `demand-WORD` | the JSON of a review: passes what has the word between the last two `"""`, else objects and names it |
 * | `length`, `filter` | ends cut off, or withheld from there on · `withheld`: from the beginning |
 * | `quoting` | 400, with what was said in the words of the error
 * | `blocked` | refused by the content filter · `blocked-event`: the same in mid-stream |
 * | `quota` | 429, come back in 7 seconds (with `date` at an HTTP date, with `ms` in milliseconds) · `spent`: 429, no money · `denied`: 403 |
 * | `status-N` | that status, and words that say no more |
 * | `missing` | 404 · `long`: the context is too long · `broken`: 500 · `overloaded`: 529 or 503 |
 * | `html` | 502 with a web page · `page`: 200 with one · `json`: 200 with JSON instead of a stream · `half-json`: with half of it |
 * | `garbled` | a stream of lines that aren't the format's · `empty`: an answer without a word |
 * | `error` | an error event in mid-stream · `quota-event`: the same for a rate limit |
 * | `cut` | the connection closes in mid-stream · `end`: the answer ends cleanly, but in the middle |
 * | `stall` | stops in mid-stream · `silent`: never answers · `mute`: answers, and says nothing · `malformed`: half an event · `endless`: never stops |
 *
 * Options: `bytes` (one byte a write), `crlf`, `comments`, `nodone`, `nousage`, `noindex`, `strict` (knows no
 * stream_options), `slow` (20 ms between chunks), `open` (keeps the connection open after its last event).
 */
export interface ModelSimulator {
  readonly origin: string;
  /** Every call so far, refused ones too. */
  readonly calls: readonly ModelCallRecord[];
  /** Resolves once the n-th call (from 1) is over: answered, refused or closed by the client. */
  over(n: number): Promise<ModelCallRecord>;
  close(): Promise<void>;
}

export interface ModelCallRecord {
  readonly format: FormatName;
  readonly model: string;
  readonly body: Body;
  status: number;
  /** Events written. */
  events: number;
  state: "running" | "done" | "closed-by-client" | "closed-by-us";
}

export interface ModelSimulatorOptions {
  /** The only key that is taken; none is asked for if absent. */
  readonly key?: string;
  /** What its list says of models besides their names, by those. */
  readonly cards?: { readonly [model: string]: object };
  /** Milliseconds between two events; 0 if absent. */
  readonly delayMs?: number;
  readonly port?: number;
  /** Where each call that is over is noted, one JSON line each. */
  readonly log?: string;
  /** Where each call that would be billed is noted as soon as it is taken, and is on disk before anything is answered. */
  readonly bill?: string;
}

const formats: readonly Format[] = [openai, responses, anthropic, google, ollama, cohere, bedrock, ...dialects];
const mostKept = 10_000;

export async function startModelSimulator(options: ModelSimulatorOptions = {}): Promise<ModelSimulator> {
  const calls: ModelCallRecord[] = [];
  const waiting: { n: number; resolve: (call: ModelCallRecord) => void }[] = [];
  const settle = () => {
    for (const { n, resolve } of waiting) {
      const call = calls[n - 1];
      if (call && call.state !== "running") resolve(call);
    }
  };
  const server = http.createServer((request, response) => {
    void answer(request, response, options, (call) => {
      if (calls.length < mostKept) calls.push(call);
      response.on("close", () => {
        if (call.state === "running") call.state = response.writableFinished ? "done" : "closed-by-client";
        if (options.log) appendFileSync(options.log, `${JSON.stringify({ ...call, body: undefined, at: Date.now() })}\n`);
        settle();
      });
    });
  });
  await new Promise<void>((go) => server.listen(options.port ?? 0, "127.0.0.1", go));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    over: (n) => {
      return new Promise((resolve) => {
        waiting.push({ n, resolve });
        settle();
      });
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((gone) => server.close(() => gone()));
    },
  };
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: ModelSimulatorOptions,
  begin: (call: ModelCallRecord) => void,
): Promise<void> {
  const path = request.url?.replace(/\?.*$/, "") ?? "";
  if (path === "/api/show") return showModel(request, response, options);
  if (path === "/router/v1/key") return tellKey(request, response, options.key);
  const list = /^(?:\/\w+)?\/v1(?:beta)?\/models$/.test(path) || path === "/api/tags" || path === "/bedrock/foundation-models";
  if (list)
    return listModels(
      request,
      response,
      path === "/api/tags"
        ? ollama
        : path.startsWith("/bedrock/")
          ? bedrock
          : path.startsWith("/cohere/")
            ? cohere
            : path.startsWith("/v1beta")
              ? google
              : request.headers["anthropic-version"]
                ? anthropic
                : openai,
      options,
    );
  const format = formats.find((one) => one.path.test(path));
  if (!format && /^\/(?:\w+\/)?v1\/(?:embeddings|audio\/transcriptions)$|^\/api\/embed$/.test(path))
    return answerWhole(request, response, path, options.key, begin);
  if (!format) return send(response, 404, openai.refusal(invalid(`Invalid URL (${request.method} ${path})`)));
  const bytes = await wholeBody(request);
  if (!bytes) return;
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    body = undefined;
  }
  const readable = isObject(body) ? body : {};
  const call: ModelCallRecord = {
    format: format.name,
    model: String(readable.model ?? decodeURIComponent(/models?\/([^/:]+)[:/]/.exec(path)?.[1] ?? "")),
    body: readable,
    status: 0,
    events: 0,
    state: "running",
  };
  begin(call);
  const [behaviour = "", ...modes] = call.model.split("+");
  const complaint: Refused | undefined =
    wrongRequest(request, body) ??
    format.check(request.headers, readable, options.key) ??
    refused(behaviour, format, modes) ??
    (behaviour === "quoting" ? quoting(format.read(readable).words) : undefined) ??
    strict(modes, readable);
  if (complaint) {
    call.status = complaint.status;
    return send(
      response,
      complaint.status,
      behaviour === "html" ? "<html><body>Bad gateway</body></html>" : format.refusal(complaint),
      complaint.headers,
    );
  }
  if (options.bill) note(options.bill, { model: call.model, words: format.read(readable).words });
  await speak(response, call, format, behaviour, modes, options.delayMs ?? (modes.includes("slow") ? 20 : 0));
}

async function answerWhole(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  path: string,
  key: string | undefined,
  begin: (call: ModelCallRecord) => void,
): Promise<void> {
  const bytes = await wholeBody(request);
  if (!bytes) return;
  const whole = await wholeCall(path, request.headers["content-type"] ?? "", bytes);
  if (!whole) return;
  const given = request.headers[path.startsWith("/azure/") ? "api-key" : "authorization"]?.toString().replace("Bearer ", "");
  const wrong = key !== undefined && given !== key;
  const unauthorised = { status: 401, type: "invalid_request_error", code: "invalid_api_key", message: "Incorrect API key provided." };
  const refusal = wrong ? unauthorised : (refused(whole.model, openai) ?? (isComplaint(whole.answer) ? whole.answer : undefined));
  begin({ format: "openai", model: whole.model, body: whole.body, status: refusal?.status ?? 200, events: 0, state: "running" });
  if (refusal) send(response, refusal.status, openai.refusal(refusal));
  else send(response, 200, JSON.stringify(whole.answer));
}

function isComplaint(answer: Body | Complaint): answer is Complaint {
  return typeof answer.status === "number";
}

type Refused = Complaint & { readonly headers?: Readonly<Record<string, string>> };

function wrongRequest(request: http.IncomingMessage, body: unknown): Refused | undefined {
  if (request.method !== "POST") return { status: 405, type: "invalid_request_error", message: "Method not allowed" };
  if (!request.headers["content-type"]?.startsWith("application/json"))
    return { status: 415, type: "invalid_request_error", message: "Unsupported content type" };
  return isObject(body) ? undefined : invalid("We could not parse the JSON body of your request.");
}

/** As https://developers.openai.com/api/docs/guides/error-codes words it: the value is said again. */
function quoting(words: string): Complaint {
  return invalid(`Invalid value: '${words}'. Supported values are: 'text', 'image_url'.`, "invalid_value");
}

function strict(modes: readonly string[], body: Body): Refused | undefined {
  return modes.includes("strict") && body.stream_options !== undefined ? invalid("extra fields not permitted: stream_options") : undefined;
}

/** As https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter and Anthropic word it. */
function blocked({ name }: Format): Complaint {
  if (name === "anthropic") return invalid("Output blocked by content filtering policy");
  return invalid("The response was filtered due to the prompt triggering the content management policy.", "content_filter");
}

/** Seven seconds, by the clock of the answer itself. */
function comeBack(modes: readonly string[]): Readonly<Record<string, string>> {
  if (modes.includes("ms")) return { "retry-after-ms": "7000", "retry-after": "9" };
  if (!modes.includes("date")) return { "retry-after": "7" };
  return { date: "Sun, 22 Nov 2026 12:00:00 GMT", "retry-after": "Sun, 22 Nov 2026 12:00:07 GMT" };
}

function refused(behaviour: string, format: Format, modes: readonly string[] = []): Refused | undefined {
  const { name } = format;
  const ours = name !== "anthropic";
  const status = /^status-(\d{3})$/.exec(behaviour)?.[1];
  if (status !== undefined) return { status: Number(status), type: ours ? "error" : "api_error", message: "Not this time." };
  switch (behaviour) {
    case "blocked":
      return blocked(format);
    case "quota":
      return {
        status: 429,
        type: ours ? "tokens" : "rate_limit_error",
        code: "rate_limit_exceeded",
        message: "Rate limit reached",
        ...(name === "google" ? {} : { headers: comeBack(modes) }),
      };
    case "spent":
      return ours
        ? {
            status: 429,
            type: "insufficient_quota",
            code: "insufficient_quota",
            message: "You exceeded your current quota, please check your plan and billing details.",
          }
        : { status: 400, type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." };
    case "denied":
      return { status: 403, type: ours ? "invalid_request_error" : "permission_error", message: "No access to this model" };
    case "missing":
      return {
        status: 404,
        type: ours ? "invalid_request_error" : "not_found_error",
        code: "model_not_found",
        message: "The model `missing` does not exist",
      };
    case "long":
      if (name === "google") return invalid("The input token count (2100000) exceeds the maximum number of tokens allowed (1048576).");
      return ours
        ? invalid("This model's maximum context length is 128000 tokens.", "context_length_exceeded")
        : invalid("prompt is too long: 210000 tokens > 200000 maximum");
    case "broken":
      return { status: 500, type: ours ? "server_error" : "api_error", message: "The server had an error while processing your request" };
    case "overloaded":
      return { status: ours ? 503 : 529, type: "overloaded_error", message: "Overloaded" };
    case "html":
      return { status: 502, type: "", message: "" };
    default:
      return undefined;
  }
}

/** What a step of an agent is asked for. */
function spoken(behaviour: string, words: string): readonly string[] | undefined {
  const quoted = words.split('"""').at(-2)?.trim() ?? words;
  const [role, of = ""] = behaviour.split(/-(.*)/);
  if (behaviour === "upper") return quoted.toUpperCase().match(/\s*\S+/g) ?? [];
  if (role === "choose") return [JSON.stringify({ choice: of, confidence: 0.9, reason: "because" })];
  if (role !== "demand") return undefined;
  return [JSON.stringify(quoted.includes(of) ? { pass: true } : { pass: false, objections: `Say ${of}.` })];
}

function plan(behaviour: string, modes: readonly string[], seen: ReturnType<Format["read"]>): Plan {
  const chunks = /^chunks-(\d+)$/.exec(behaviour)?.[1];
  const echo =
    seen.results.length > 0
      ? `The tools said: ${seen.results.join(", ")}`
      : `${seen.images > 0 ? `(${seen.images} images) ` : ""}You said: ${seen.words}`;
  const said = spoken(behaviour, seen.words);
  const text = said ?? (chunks ? Array.from({ length: Number(chunks) }, (_, n) => `word${n} `) : (echo.match(/\s*\S+/g) ?? []));
  const calling = behaviour === "tools" && seen.results.length === 0;
  const input = seen.words.startsWith("{") ? seen.words : "{}";
  const calls = calling ? seen.tools.map((name, n) => ({ id: `call_${n}`, name, input })) : [];
  const cut = behaviour === "length" ? "length" : behaviour === "filter" || behaviour === "withheld" ? "filter" : undefined;
  return {
    reasoning: behaviour === "think" ? ["Let me ", "think."] : [],
    text: calls.length > 0 ? ["I will look."] : behaviour === "withheld" || behaviour === "empty" ? [] : text,
    calls,
    end: cut ?? (calls.length > 0 ? "tool-calls" : "stop"),
    usage: { input: 20 + seen.words.length, cachedInput: 8, output: text.length },
    without: { usage: modes.includes("nousage"), done: modes.includes("nodone"), index: modes.includes("noindex") },
  };
}

async function speak(
  response: http.ServerResponse,
  call: ModelCallRecord,
  format: Format,
  behaviour: string,
  modes: readonly string[],
  delayMs: number,
): Promise<void> {
  call.status = 200;
  if (behaviour === "silent") return;
  const idHeader = format.name === "anthropic" ? "request-id" : "x-request-id";
  const instead = wholeInstead[behaviour];
  if (instead !== undefined) return send(response, 200, instead, { [idHeader]: "req_simulated" });
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", [idHeader]: "req_simulated" });
  if (behaviour === "mute") return response.flushHeaders();
  const whole = format.events(plan(behaviour, modes, format.read(call.body)), call.model);
  const breaks = ["error", "quota-event", "blocked-event", "cut", "end", "stall", "malformed", "endless"].includes(behaviour);
  const events = breaks ? whole.slice(0, Math.ceil(whole.length / 2)) : whole;
  if (behaviour === "error")
    events.push(
      format.errorEvent({ status: 200, type: format.name === "anthropic" ? "overloaded_error" : "server_error", message: "Overloaded" }),
    );
  if (behaviour === "quota-event")
    events.push(format.errorEvent({ status: 200, type: "rate_limit_error", code: "429", message: "Slow down" }));
  if (behaviour === "blocked-event") events.push(format.errorEvent({ ...blocked(format), status: 200 }));
  if (behaviour === "garbled") events.splice(0, events.length, "event\n\nthe quick brown fox\n\n: nothing\n\n");
  if (behaviour === "malformed") events.push('data: {"type": "half\n\n');
  do {
    for (const event of events) {
      if (response.destroyed) return;
      await write(response, format.encode?.(event) ?? Buffer.from(dress(event, modes)), modes.includes("bytes"));
      call.events++;
      if (delayMs > 0) await new Promise((go) => setTimeout(go, delayMs));
    }
  } while (behaviour === "endless");
  if (behaviour === "stall" || modes.includes("open")) return;
  if (behaviour === "cut") {
    call.state = "closed-by-us";
    await new Promise((go) => setImmediate(go)); // what was said in one go leaves with the next turn of the loop
    response.socket?.destroySoon();
  } else response.end();
}

/** What comes where a stream was asked for. */
const wholeInstead: Readonly<Record<string, string>> = {
  json: JSON.stringify({ id: "x", choices: [] }),
  "half-json": '{"id": "x", "choi',
  page: "<html><body>Welcome to the network. Please log in.</body></html>",
};

function dress(event: string, modes: readonly string[]): string {
  const commented = modes.includes("comments") ? `: keep-alive\nid: 1\nretry: 10\n${event}` : event;
  return modes.includes("crlf") ? commented.replaceAll("\n", "\r\n") : commented;
}

async function write(response: http.ServerResponse, bytes: Buffer, bytewise: boolean): Promise<void> {
  if (bytewise) {
    for (const byte of bytes) {
      if (response.destroyed) return;
      response.write(Buffer.of(byte));
      await nextTurn(); // what is written within one turn leaves as one chunk
    }
    return;
  }
  const room = response.write(bytes);
  if (!room && !response.destroyed) await new Promise<void>((go) => response.once("drain", go).once("close", go));
}

/** https://openrouter.ai/docs/api-reference/get-current-api-key */
function tellKey(request: http.IncomingMessage, response: http.ServerResponse, key: string | undefined): void {
  const known = request.headers.authorization === `Bearer ${key}`;
  const refused = { status: 401, type: "authentication_error", message: "No auth credentials found" };
  send(response, known ? 200 : 401, known ? JSON.stringify({ data: { label: "sk-or-…", usage: 0 } }) : openai.refusal(refused));
}

/** https://docs.ollama.com/api-reference/show-model-details */
async function showModel(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { key, cards }: ModelSimulatorOptions,
): Promise<void> {
  if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) return send(response, 401, `{"error":"unauthorized"}`);
  const bytes = await wholeBody(request);
  if (!bytes) return;
  const { model } = JSON.parse(bytes.toString()) as { model?: string };
  const card = request.method === "POST" ? cards?.[model ?? ""] : undefined;
  send(response, card ? 200 : 404, JSON.stringify(card ?? { error: `model '${model}' not found` }));
}

function listModels(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  format: Format,
  { key, cards }: ModelSimulatorOptions,
): void {
  const { headers } = request;
  const given = headers[request.url?.startsWith("/azure/") ? "api-key" : keyHeaders[format.name]]?.toString().replace("Bearer ", "");
  // Everybody may read what OpenRouter has.
  if (key !== undefined && given !== key && !request.url?.startsWith("/router/")) {
    send(response, 401, format.refusal({ status: 401, type: "authentication_error", message: "invalid key" }));
    return;
  }
  const names = ["echo", "chunks-50"];
  const answer =
    format.name === "bedrock"
      ? { modelSummaries: names.map((modelId) => ({ modelId, modelName: modelId })) }
      : format.name === "ollama" || format.name === "cohere"
        ? { models: names.map((name) => ({ name, model: name })) }
        : format.name === "google"
          ? { models: names.map((name) => ({ name: `models/${name}`, version: "1" })) }
          : { object: "list", data: names.map((id) => ({ id, object: "model", ...cards?.[id] })) };
  send(response, 200, JSON.stringify(answer));
}

const keyHeaders: Readonly<Record<FormatName, string>> = {
  openai: "authorization",
  responses: "authorization",
  anthropic: "x-api-key",
  google: "x-goog-api-key",
  ollama: "authorization",
  cohere: "authorization",
  bedrock: "authorization",
};

function note(file: string, line: object): void {
  const opened = openSync(file, "a");
  writeSync(opened, `${JSON.stringify(line)}\n`);
  fsyncSync(opened);
  closeSync(opened);
}

function send(response: http.ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  const type = body.startsWith("<") ? "text/html" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers }).end(body);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      log: { type: "string" },
      bill: { type: "string" },
      key: { type: "string" },
      delay: { type: "string" },
    },
  });
  const simulator = await startModelSimulator({
    port: Number(values.port),
    ...(values.delay ? { delayMs: Number(values.delay) } : {}),
    ...(values.log ? { log: values.log } : {}),
    ...(values.bill ? { bill: values.bill } : {}),
    ...(values.key ? { key: values.key } : {}),
  });
  console.log(`ready ${simulator.origin}`);
  process.once("SIGTERM", () => void simulator.close());
}
