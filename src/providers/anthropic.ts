import { z } from "zod";
import { fault } from "../core/errors.ts";
import { faultOfStream, fetchModelNames, noUsage, openModelStream, readError, refusalOf, unheard, type Who } from "../core/model-http.ts";
import {
  defineProvider,
  type EndReason,
  type ModelEvent,
  type ModelMessage,
  type ModelRequest,
  type ProviderAccount,
  type Usage,
} from "../core/provider.ts";
import { secret } from "../core/secret.ts";
import { eventReader } from "../core/sse.ts";
import type { Json } from "../core/terms.ts";

const settings = z.strictObject({
  apiKey: secret("The key, from platform.claude.com"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://api.anthropic.com")
    .describe("Where /v1/messages is"),
});
type Settings = z.infer<typeof settings>;

/** `max_tokens` is required there; this is taken when the agent sets no limit. */
const defaultMaxTokens = 4096;

/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages https://platform.claude.com/docs/en/build-with-claude/streaming */
export default defineProvider<Settings>({
  kind: "anthropic",
  name: "Anthropic",
  settings,
  translations: {
    de: {
      settings: {
        apiKey: ["Schlüssel", "Der Schlüssel, von platform.claude.com"],
        baseUrl: ["Adresse", "Wo /v1/messages ist"],
      },
    },
  },
  vendor: ({ baseUrl }) => ({ kind: "api", url: baseUrl }),

  async *stream(account, request, signal) {
    const who = identify(account);
    const { stallMs } = account;
    const headers = { ...standardHeaders(account), "content-type": "application/json", accept: "text/event-stream" };
    const body = JSON.stringify(encode(request));
    const opened = await openModelStream(
      account.http,
      { method: "POST", url: address(account, "v1/messages"), headers, body, timeoutMs: stallMs, stallMs, signal },
      who,
    );
    if (signal.aborted) return;
    if (!opened.ok) {
      yield { type: "fail", fault: opened.fault, ...(opened.afterMs === undefined ? {} : { afterMs: opened.afterMs }) };
      return;
    }
    const answer = new Answer(opened.stream.headers["request-id"]);
    const read = eventReader();
    try {
      for await (const chunk of opened.stream.body) {
        for (const { data } of read(chunk)) {
          for (const event of answer.take(data, who)) {
            yield event;
            if (event.type === "fail" || event.type === "end") return;
          }
        }
      }
    } catch (thrown) {
      if (!signal.aborted) yield { type: "fail", fault: faultOfStream(thrown, who), usage: answer.usage };
      return;
    }
    if (!signal.aborted) yield answer.cutOff(who);
  },

  models: (account, signal) =>
    fetchModelNames(
      account.http,
      { method: "GET", url: `${address(account, "v1/models")}?limit=1000`, headers: standardHeaders(account), signal },
      identify(account),
    ),
});

function identify({ id, settings }: ProviderAccount<Settings>): Who {
  return { name: id, secret: settings.apiKey };
}

function address({ settings }: ProviderAccount<Settings>, path: string): string {
  return `${settings.baseUrl.replace(/\/+$/, "")}/${path}`;
}

function standardHeaders({ settings }: ProviderAccount<Settings>): Record<string, string> {
  return { "x-api-key": settings.apiKey, "anthropic-version": "2023-06-01" };
}

function encode(request: ModelRequest): Json {
  return {
    model: request.model,
    max_tokens: request.maxOutputTokens ?? defaultMaxTokens,
    stream: true,
    messages: encodeMessages(request.messages),
    ...(request.instructions ? { system: request.instructions } : {}),
    ...(request.tools.length > 0
      ? { tools: request.tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })) }
      : {}),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  };
}

/**
 * User and assistant take turns there, the user begins, the results of all calls of one answer stand in one message,
 * and no text is empty.
 */
function encodeMessages(messages: readonly ModelMessage[]): Json[] {
  const turns: { role: "user" | "assistant"; content: Json[] }[] = [];
  for (const message of messages) {
    const content = encodeContent(message);
    if (content.length === 0) continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  if (turns[0]?.role === "assistant")
    turns.unshift({ role: "user", content: [{ type: "text", text: "(The conversation begins with your message.)" }] });
  return turns;
}

function encodeContent(message: ModelMessage): Json[] {
  if (message.role === "tool") {
    return [
      { type: "tool_result", tool_use_id: callId(message.callId), content: message.result, ...(message.failed ? { is_error: true } : {}) },
    ];
  }
  if (message.role === "assistant") {
    const calls = (message.toolCalls ?? []).map(({ id, name, input }) => ({
      type: "tool_use",
      id: callId(id),
      name,
      input: objectOf(input),
    }));
    return [...(message.text.trim() ? [{ type: "text", text: message.text.trimEnd() }] : []), ...calls];
  }
  return message.content.flatMap((part): Json[] => {
    if (part.type === "text") return part.text.trim() ? [{ type: "text", text: part.text }] : [];
    if (part.type === "audio") return [{ type: "text", text: unheard }];
    return [{ type: "image", source: { type: "base64", media_type: part.mediaType, data: Buffer.from(part.data).toString("base64") } }];
  });
}

/** Ids of calls may come from another provider, after a fallback within the turn. */
function callId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, "_");
}

function objectOf(input: string): Json {
  try {
    const value = JSON.parse(input) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** An event as it may come; every field is checked where it is used. */
interface StreamEvent {
  readonly type?: unknown;
  readonly index?: unknown;
  readonly message?: { readonly usage?: Billed | null } | null;
  readonly content_block?: { readonly type?: unknown; readonly id?: unknown; readonly name?: unknown; readonly text?: unknown } | null;
  readonly delta?: {
    readonly type?: unknown;
    readonly text?: unknown;
    readonly thinking?: unknown;
    readonly partial_json?: unknown;
    readonly stop_reason?: unknown;
  } | null;
  readonly usage?: Billed | null;
  readonly error?: unknown;
}

interface Billed {
  readonly input_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  readonly output_tokens?: unknown;
}

/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const reasons: Readonly<Record<string, EndReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "filter",
};

/** What has come so far. */
class Answer {
  usage: Usage = noUsage;
  readonly #requestId: string | undefined;
  #billed: Record<keyof Billed, number> = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 };
  #reason: EndReason | undefined;
  /** Calls by the index of their block. */
  readonly #calls = new Map<unknown, { id: string; name: string; input: string }>();

  constructor(requestId: string | undefined) {
    this.#requestId = requestId;
  }

  take(data: string, who: Who): ModelEvent[] {
    let event: StreamEvent | null;
    try {
      event = JSON.parse(data) as StreamEvent | null;
    } catch (error) {
      return [{ type: "fail", fault: fault("provider-malformed", `${who.name} sent an event that is no JSON`, error), usage: this.usage }];
    }
    switch (event?.type) {
      case "message_start":
        this.#bill(event.message?.usage);
        return [];
      case "content_block_start":
        return this.#begin(event);
      case "content_block_delta":
        return this.#grow(event);
      case "message_delta":
        this.#bill(event.usage);
        if (typeof event.delta?.stop_reason === "string") this.#reason = reasons[event.delta.stop_reason] ?? "stop";
        return [];
      case "message_stop":
        return this.#end();
      case "error":
        return [
          { type: "fail", ...refusalOf({ status: 200, headers: {}, text: data, error: readError(event.error), who }), usage: this.usage },
        ];
      default:
        return []; // ping, content_block_stop, and what they may add one day
    }
  }

  /** The stream ended without `message_stop`. */
  cutOff(who: Who): ModelEvent {
    return { type: "fail", fault: fault("provider-unavailable", `${who.name} ended its answer in the middle`), usage: this.usage };
  }

  #begin({ index, content_block: block }: StreamEvent): ModelEvent[] {
    if (block?.type === "tool_use") this.#calls.set(index, { id: String(block.id), name: String(block.name), input: "" });
    return block?.type === "text" && typeof block.text === "string" && block.text ? [{ type: "text", delta: block.text }] : [];
  }

  #grow({ index, delta }: StreamEvent): ModelEvent[] {
    if (delta?.type === "text_delta" && typeof delta.text === "string" && delta.text) return [{ type: "text", delta: delta.text }];
    if (delta?.type === "thinking_delta" && typeof delta.thinking === "string" && delta.thinking)
      return [{ type: "reasoning", delta: delta.thinking }];
    const call = this.#calls.get(index);
    if (delta?.type === "input_json_delta" && typeof delta.partial_json === "string" && call) call.input += delta.partial_json;
    return [];
  }

  #end(): ModelEvent[] {
    const reason = this.#reason ?? (this.#calls.size > 0 ? "tool-calls" : "stop");
    const calls = reason === "tool-calls" ? [...this.#calls.values()] : []; // of an answer that was cut off, half a call remains
    const end: ModelEvent = { type: "end", reason, usage: this.usage, ...(this.#requestId ? { requestId: this.#requestId } : {}) };
    return [...calls.map((call): ModelEvent => ({ type: "tool-call", call: { ...call, input: call.input || "{}" } })), end];
  }

  /** Figures are totals so far: the last one of each counts. Cached input is billed apart and is no part of `input_tokens`. */
  #bill(billed: Billed | null | undefined): void {
    if (!billed) return;
    for (const name of Object.keys(this.#billed) as (keyof Billed)[]) {
      const value = billed[name];
      if (typeof value === "number" && Number.isFinite(value) && value >= 0) this.#billed[name] = Math.floor(value);
    }
    const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = this.#billed;
    this.usage = {
      input: input_tokens + cache_creation_input_tokens + cache_read_input_tokens,
      cachedInput: cache_read_input_tokens,
      output: output_tokens,
      reported: true,
    };
  }
}
