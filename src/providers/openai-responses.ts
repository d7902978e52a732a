import { z } from "zod";
import { fault } from "../core/errors.ts";
import { faultOfStream, fetchModelNames, noUsage, openModelStream, readError, refusalOf, unheard, type Who } from "../core/model-http.ts";
import {
  defineProvider,
  type EndReason,
  type ModelContent,
  type ModelEvent,
  type ModelMessage,
  type ModelRequest,
  type ProviderAccount,
  type ToolCall,
  type Usage,
} from "../core/provider.ts";
import { secret } from "../core/secret.ts";
import { eventReader } from "../core/sse.ts";
import type { Json } from "../core/terms.ts";

const settings = z.strictObject({
  apiKey: secret("The key, from platform.openai.com"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://api.openai.com/v1")
    .describe("Where /responses is"),
});
type Settings = z.infer<typeof settings>;

/**
 * OpenAI's Responses API; nothing is kept there (`store: false`).
 * https://developers.openai.com/api/docs/guides/streaming-responses https://developers.openai.com/api/reference/resources/responses
 */
export default defineProvider<Settings>({
  kind: "openai-responses",
  name: "OpenAI Responses",
  settings,
  translations: {
    de: {
      settings: {
        apiKey: ["Schlüssel", "Der Schlüssel, von platform.openai.com"],
        baseUrl: ["Adresse", "Wo /responses ist"],
      },
    },
  },
  vendor: ({ baseUrl }) => ({ kind: "api", url: baseUrl }),

  async *stream(account, request, signal) {
    const who = identify(account);
    const { stallMs } = account;
    const headers = { ...authorization(account), "content-type": "application/json", accept: "text/event-stream" };
    const body = JSON.stringify(encode(request));
    const opened = await openModelStream(
      account.http,
      { method: "POST", url: address(account, "responses"), headers, body, timeoutMs: stallMs, stallMs, signal },
      who,
    );
    if (signal.aborted) return;
    if (!opened.ok) {
      yield { type: "fail", fault: opened.fault, ...(opened.afterMs === undefined ? {} : { afterMs: opened.afterMs }) };
      return;
    }
    const answer = new Answer(who, opened.stream.headers["x-request-id"]);
    const read = eventReader();
    try {
      for await (const chunk of opened.stream.body) {
        for (const { data } of read(chunk)) {
          for (const event of answer.take(data)) {
            yield event;
            if (event.type === "fail" || event.type === "end") return;
          }
        }
      }
    } catch (thrown) {
      if (!signal.aborted) yield { type: "fail", fault: faultOfStream(thrown, who), usage: answer.usage };
      return;
    }
    if (!signal.aborted)
      yield { type: "fail", fault: fault("provider-unavailable", `${who.name} ended its answer in the middle`), usage: answer.usage };
  },

  models: (account, signal) =>
    fetchModelNames(
      account.http,
      { method: "GET", url: address(account, "models"), headers: authorization(account), signal },
      identify(account),
    ),
});

function identify({ id, settings }: ProviderAccount<Settings>): Who {
  return { name: id, secret: settings.apiKey };
}

function address({ settings }: ProviderAccount<Settings>, path: string): string {
  return `${settings.baseUrl.replace(/\/+$/, "")}/${path}`;
}

function authorization({ settings }: ProviderAccount<Settings>): Record<string, string> {
  return { authorization: `Bearer ${settings.apiKey}` };
}

function encode(request: ModelRequest): Json {
  return {
    model: request.model,
    input: request.messages.flatMap(encodeMessage),
    stream: true,
    store: false,
    ...(request.instructions ? { instructions: request.instructions } : {}),
    // They are strict by default there, which not every schema is fit for.
    ...(request.tools.length > 0 ? { tools: request.tools.map((tool) => ({ type: "function", ...tool, strict: false })) } : {}),
    ...(request.maxOutputTokens === undefined ? {} : { max_output_tokens: request.maxOutputTokens }),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  };
}

function encodeMessage(message: ModelMessage): Json[] {
  if (message.role === "tool") {
    const output = message.failed ? `Error: ${message.result}` : message.result;
    return [{ type: "function_call_output", call_id: message.callId, output }];
  }
  if (message.role === "assistant") {
    const said = message.text.trim() ? [{ role: "assistant", content: [{ type: "output_text", text: message.text }] }] : [];
    const calls = message.toolCalls ?? [];
    return [...said, ...calls.map(({ id, name, input }) => ({ type: "function_call", call_id: id, name, arguments: input }))];
  }
  return [{ role: "user", content: message.content.map(encodePart) }];
}

function encodePart(part: ModelContent): Json {
  if (part.type === "text") return { type: "input_text", text: part.text };
  if (part.type === "audio") return { type: "input_text", text: unheard };
  const data = Buffer.from(part.data).toString("base64");
  return { type: "input_image", detail: "auto", image_url: `data:${part.mediaType};base64,${data}` };
}

/** An event as it may come; every field is checked where it is used. */
interface StreamEvent {
  readonly type?: unknown;
  readonly delta?: unknown;
  readonly item?: { readonly type?: unknown; readonly call_id?: unknown; readonly name?: unknown; readonly arguments?: unknown } | null;
  readonly response?: {
    readonly usage?: Billed | null;
    readonly error?: unknown;
    readonly incomplete_details?: { readonly reason?: unknown } | null;
  } | null;
  readonly error?: unknown;
  readonly code?: unknown;
}

interface Billed {
  readonly input_tokens?: unknown;
  readonly input_tokens_details?: { readonly cached_tokens?: unknown } | null;
  readonly output_tokens?: unknown;
}

/** What has come so far. */
class Answer {
  usage: Usage = noUsage;
  readonly #who: Who;
  readonly #requestId: string | undefined;
  readonly #calls: ToolCall[] = [];

  constructor(who: Who, requestId: string | undefined) {
    this.#who = who;
    this.#requestId = requestId;
  }

  take(data: string): ModelEvent[] {
    let event: StreamEvent | null;
    try {
      event = JSON.parse(data) as StreamEvent | null;
    } catch (error) {
      const broken = fault("provider-malformed", `${this.#who.name} sent an event that is no JSON`, error);
      return [{ type: "fail", fault: broken, usage: this.usage }];
    }
    switch (event?.type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return words("text", event.delta);
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return words("reasoning", event.delta);
      case "response.output_item.done":
        this.#collect(event.item);
        return [];
      case "response.completed":
        this.#bill(event.response?.usage);
        return this.#end(this.#calls.length > 0 ? "tool-calls" : "stop");
      case "response.incomplete":
        this.#bill(event.response?.usage);
        return this.#end(event.response?.incomplete_details?.reason === "content_filter" ? "filter" : "length");
      case "response.failed":
        this.#bill(event.response?.usage);
        return [this.#fail(event.response?.error, data)];
      case "error":
        return [this.#fail(event.error ?? event, data)];
      default:
        return []; // beginnings and ends of parts, and what they may add one day
    }
  }

  /** An item comes whole once it is done; its pieces needn't be joined. */
  #collect(item: StreamEvent["item"]): void {
    if (item?.type !== "function_call") return;
    const { call_id: id, name, arguments: input } = item;
    this.#calls.push({ id: String(id), name: String(name), input: typeof input === "string" && input ? input : "{}" });
  }

  #end(reason: EndReason): ModelEvent[] {
    const calls = reason === "tool-calls" ? this.#calls : []; // of an answer that was cut off, half a call may remain
    const end: ModelEvent = { type: "end", reason, usage: this.usage, ...(this.#requestId ? { requestId: this.#requestId } : {}) };
    return [...calls.map((call): ModelEvent => ({ type: "tool-call", call })), end];
  }

  #fail(error: unknown, text: string): ModelEvent {
    const refusal = refusalOf({ status: 200, headers: {}, text, error: readError(error), who: this.#who });
    return { type: "fail", ...refusal, usage: this.usage };
  }

  #bill(billed: Billed | null | undefined): void {
    if (!billed) return;
    const input = tokens(billed.input_tokens);
    const cachedInput = Math.min(input, tokens(billed.input_tokens_details?.cached_tokens));
    this.usage = { input, cachedInput, output: tokens(billed.output_tokens), reported: true };
  }
}

function words(type: "text" | "reasoning", delta: unknown): ModelEvent[] {
  return typeof delta === "string" && delta ? [{ type, delta }] : [];
}

function tokens(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
