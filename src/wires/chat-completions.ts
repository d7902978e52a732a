import { z } from "zod";
import { fail, fault, ok } from "../core/errors.ts";
import { faultOfStream, fetchJson, fetchModelNames, noUsage, openModelStream, readError, refusalOf, type Who } from "../core/model-http.ts";
import {
  defineProvider,
  type EndReason,
  type ModelContent,
  type ModelEvent,
  type ModelMessage,
  type ModelRequest,
  type Provider,
  type ProviderAccount,
  type Usage,
} from "../core/provider.ts";
import { eventReader } from "../core/sse.ts";
import type { Json } from "../core/terms.ts";
import { chatContexts } from "./chat-contexts.ts";

export interface ChatSettings {
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
}

export interface ChatKind<Settings extends ChatSettings> {
  readonly kind: string;
  readonly name: string;
  readonly settings: z.ZodType<Settings>;
  readonly translations: NonNullable<Provider["translations"]>;
  /** The header that carries the key. Absent: `authorization: Bearer …`. */
  readonly keyHeader?: string;
  /** A path that only a valid key reads, where the list of models is open to everybody. */
  readonly keyPath?: string;
}

/**
 * The Chat Completions format of OpenAI and of everybody who speaks it (Ollama, vLLM, llama.cpp, LM Studio, OpenRouter,
 * Groq, Mistral, DeepSeek …). It reads generously, since each of them leaves something out.
 * https://developers.openai.com/api/reference/resources/chat https://docs.ollama.com/api/openai-compatibility
 */
export function chatCompletionsProvider<Settings extends ChatSettings>(of: ChatKind<Settings>): Provider<Settings> {
  const { kind, name, settings, translations, keyHeader, keyPath } = of;
  const authorization = ({ settings: { apiKey } }: ProviderAccount<Settings>): Record<string, string> =>
    apiKey === undefined ? {} : keyHeader === undefined ? { authorization: `Bearer ${apiKey}` } : { [keyHeader]: apiKey };
  return defineProvider<Settings>({
    kind,
    name,
    settings,
    translations,
    vendor: ({ baseUrl }) => ({ kind: "api", url: baseUrl }),

    async *stream(account, request, signal) {
      const who = identify(account);
      const call = (body: Json) =>
        openModelStream(
          account.http,
          {
            method: "POST",
            url: address(account, "chat/completions"),
            headers: { ...authorization(account), "content-type": "application/json", accept: "text/event-stream" },
            body: JSON.stringify(body),
            timeoutMs: account.stallMs,
            stallMs: account.stallMs,
            signal,
          },
          who,
        );
      const body = encode(request, new URL(account.settings.baseUrl).hostname);
      let opened = await call(body);
      if (!opened.ok && (opened.status === 400 || opened.status === 422) && opened.text?.includes("stream_options")) {
        // Some servers refuse what they don't know. Nothing was billed: the call is made again without asking for usage.
        const { stream_options: _, ...plain } = body;
        opened = await call(plain);
      }
      if (signal.aborted) return;
      if (!opened.ok) {
        yield { type: "fail", fault: opened.fault, ...(opened.afterMs === undefined ? {} : { afterMs: opened.afterMs }) };
        return;
      }
      const { headers, body: bytes } = opened.stream;
      const answer = new Answer();
      const read = eventReader();
      try {
        for await (const chunk of bytes) {
          for (const { data } of read(chunk)) {
            if (data === "[DONE]") answer.done = true;
            else {
              const events = answer.take(data, headers, who);
              for (const event of events) {
                yield event;
                if (event.type === "fail") return;
              }
            }
          }
          if (answer.done) break; // what follows it is nobody's business; the connection is closed
        }
      } catch (thrown) {
        if (!signal.aborted) yield { type: "fail", fault: faultOfStream(thrown, who), usage: answer.usage };
        return;
      }
      if (!signal.aborted) yield* answer.end(who, headers["x-request-id"]);
    },

    async models(account, signal) {
      const request = { method: "GET", headers: authorization(account), signal } as const;
      if (keyPath !== undefined) {
        const known = await fetchJson(account.http, { ...request, url: address(account, keyPath) }, z.unknown(), identify(account));
        if (!known.ok) return known;
      }
      return fetchModelNames(account.http, { ...request, url: address(account, "models") }, identify(account));
    },

    contexts(account, models, signal) {
      const { baseUrl } = account.settings;
      return chatContexts({ http: account.http, baseUrl, headers: authorization(account), who: identify(account) }, models, signal);
    },

    /** https://developers.openai.com/api/reference/resources/embeddings */
    async embed(account, { model, texts }, signal) {
      const headers = { ...authorization(account), "content-type": "application/json" };
      const body = JSON.stringify({ model, input: texts, encoding_format: "float" });
      const call = { method: "POST", url: address(account, "embeddings"), headers, body, timeoutMs: account.stallMs, signal } as const;
      const answer = await fetchJson(account.http, call, embeddingList, identify(account));
      if (!answer.ok) return answer;
      const vectors = answer.value.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
      if (vectors.length !== texts.length)
        return fail("provider-malformed", `${account.id} answered ${vectors.length} vectors to ${texts.length} texts`);
      return ok({ vectors, usage: billedOf(answer.value.usage) });
    },

    /** https://developers.openai.com/api/reference/resources/audio */
    async transcribe(account, { model, audio, language }, signal) {
      const form = new FormData();
      form.set("model", model);
      form.set("response_format", "json");
      if (language) form.set("language", language);
      form.set("file", new Blob([audio.data.slice()], { type: audio.mediaType }), `recording.${audioFormat(audio.mediaType)}`);
      const whole = new Response(form); // it writes the form as multipart/form-data
      const headers = { ...authorization(account), "content-type": whole.headers.get("content-type") ?? "" };
      const body = new Uint8Array(await whole.arrayBuffer());
      const url = address(account, "audio/transcriptions");
      const call = { method: "POST", url, headers, body, timeoutMs: account.stallMs, signal } as const;
      const answer = await fetchJson(account.http, call, transcriptShape, identify(account));
      return answer.ok ? ok({ text: answer.value.text, usage: billedOf(answer.value.usage) }) : answer;
    },
  });
}

const billed = z
  .object({ prompt_tokens: z.int().optional(), input_tokens: z.int().optional(), output_tokens: z.int().optional() })
  .nullish();

const embeddingList = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()).min(1) })),
  usage: billed,
});

const transcriptShape = z.object({ text: z.string(), usage: billed });

function billedOf(usage: z.infer<typeof billed>): Usage {
  const input = usage?.prompt_tokens ?? usage?.input_tokens;
  return input === undefined ? noUsage : { input, cachedInput: 0, output: usage?.output_tokens ?? 0, reported: true };
}

function identify({ id, settings }: ProviderAccount<ChatSettings>): Who {
  return { name: id, secret: settings.apiKey };
}

function address({ settings }: ProviderAccount<ChatSettings>, path: string): string {
  const url = new URL(settings.baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  return url.href;
}

/** OpenAI's newer models know only the new name of the limit, most other servers only the old one. */
function limitName(host: string): string {
  return /(?:^|\.)(?:openai\.com|azure\.com)$/.test(host) ? "max_completion_tokens" : "max_tokens";
}

function encode(request: ModelRequest, host: string): { [key: string]: Json } {
  const messages: Json[] = request.messages.map(encodeMessage);
  if (request.instructions) messages.unshift({ role: "system", content: request.instructions });
  return {
    model: request.model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    ...(request.tools.length > 0 ? { tools: request.tools.map((tool) => ({ type: "function", function: { ...tool } })) } : {}),
    ...(request.maxOutputTokens === undefined ? {} : { [limitName(host)]: request.maxOutputTokens }),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  };
}

function encodeMessage(message: ModelMessage): Json {
  if (message.role === "tool") {
    return { role: "tool", tool_call_id: message.callId, content: message.failed ? `Error: ${message.result}` : message.result };
  }
  if (message.role === "assistant") {
    const calls = (message.toolCalls ?? []).map(({ id, name, input }) => ({ id, type: "function", function: { name, arguments: input } }));
    return {
      role: "assistant",
      content: message.text || (calls.length > 0 ? null : ""),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
  }
  // Servers for text-only models take a string only.
  if (message.content.every((part) => part.type === "text"))
    return { role: "user", content: message.content.map((part) => part.text).join("\n") };
  return {
    role: "user",
    content: message.content.map(encodePart),
  };
}

function encodePart(part: ModelContent): Json {
  if (part.type === "text") return { type: "text", text: part.text };
  const data = Buffer.from(part.data).toString("base64");
  if (part.type === "image") return { type: "image_url", image_url: { url: `data:${part.mediaType};base64,${data}` } };
  return { type: "input_audio", input_audio: { data, format: audioFormat(part.mediaType) } };
}

/** `mp3` of audio/mpeg, `wav` of audio/x-wav, `ogg` of audio/ogg; codecs=opus. */
function audioFormat(mediaType: string): string {
  const format = mediaType.replace(/^audio\/(?:x-)?/, "").replace(/[^a-z0-9].*$/, "");
  return format === "mpeg" ? "mp3" : format || "wav";
}

/** A chunk as it may come; every field is checked where it is used. */
interface Chunk {
  readonly choices?: readonly { readonly delta?: Delta | null; readonly message?: Delta | null; readonly finish_reason?: unknown }[] | null;
  readonly usage?: {
    readonly prompt_tokens?: unknown;
    readonly completion_tokens?: unknown;
    readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
    /** DeepSeek's: https://api-docs.deepseek.com/guides/kv_cache */
    readonly prompt_cache_hit_tokens?: unknown;
  } | null;
  readonly error?: unknown;
  /** Groq says here why it stopped early: https://console.groq.com/docs/api-reference#chat-create */
  readonly x_groq?: { readonly error?: unknown } | null;
}

interface Delta {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly tool_calls?: readonly Fragment[] | null;
}

interface Fragment {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
}

const reasons: Readonly<Record<string, EndReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "filter",
  model_length: "length", // Mistral's, when the model's context is full
};

/**
 * What came is no whole answer: of Mistral and OpenRouter, and of DeepSeek.
 * https://docs.mistral.ai/api/endpoint/chat https://api-docs.deepseek.com/api/create-chat-completion
 */
const interruptions: ReadonlySet<unknown> = new Set(["error", "insufficient_system_resource"]);

/** What has come so far. */
class Answer {
  done = false;
  usage: Usage = noUsage;
  #reason: EndReason | undefined;
  #interruption: string | undefined;
  readonly #calls: { index: unknown; id: string; name: string; input: string }[] = [];

  take(data: string, headers: Readonly<Record<string, string>>, who: Who): ModelEvent[] {
    let chunk: Chunk | null;
    try {
      chunk = JSON.parse(data) as Chunk | null;
    } catch (error) {
      return [{ type: "fail", fault: fault("provider-malformed", `${who.name} sent a chunk that is no JSON`, error), usage: this.usage }];
    }
    if (typeof chunk !== "object" || chunk === null) return [];
    const error = readError(chunk.error) ?? readError(chunk.x_groq?.error);
    if (error) return [{ type: "fail", ...refusalOf({ status: 200, headers, text: data, error, who }), usage: this.usage }];
    if (chunk.usage) this.#bill(chunk.usage);
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!choice) return [];
    if (typeof choice.finish_reason === "string") {
      if (interruptions.has(choice.finish_reason)) this.#interruption = choice.finish_reason;
      else this.#reason = reasons[choice.finish_reason] ?? "stop";
    }
    const delta = choice.delta ?? choice.message;
    if (!delta) return [];
    const events: ModelEvent[] = [];
    const thought = wordsOf(delta.reasoning_content) || wordsOf(delta.reasoning) || thoughtsOf(delta.content);
    if (thought) events.push({ type: "reasoning", delta: thought });
    const words = wordsOf(delta.content) || wordsOf(delta.refusal);
    if (words) events.push({ type: "text", delta: words });
    if (Array.isArray(delta.tool_calls)) for (const fragment of delta.tool_calls) this.#assemble(fragment);
    return events;
  }

  *end(who: Who, requestId: string | undefined): Generator<ModelEvent> {
    if (this.#interruption || (!this.#reason && !this.done)) {
      const why = this.#interruption ? `: ${this.#interruption}` : "";
      yield { type: "fail", fault: fault("provider-unavailable", `${who.name} ended its answer in the middle${why}`), usage: this.usage };
      return;
    }
    // A call that was cut off has half its arguments; and some servers say "stop" after calls.
    const reason =
      this.#calls.length > 0 && this.#reason !== "length" && this.#reason !== "filter" ? "tool-calls" : (this.#reason ?? "stop");
    if (reason === "tool-calls") {
      for (const [n, { id, name, input }] of this.#calls.entries())
        yield { type: "tool-call", call: { id: id || `call_${n}`, name, input: input || "{}" } };
    }
    yield { type: "end", reason, usage: this.usage, ...(requestId ? { requestId } : {}) };
  }

  #bill(usage: NonNullable<Chunk["usage"]>): void {
    const input = tokens(usage.prompt_tokens);
    const cached = tokens(usage.prompt_tokens_details?.cached_tokens) || tokens(usage.prompt_cache_hit_tokens);
    this.usage = {
      input,
      cachedInput: Math.min(input, cached),
      output: tokens(usage.completion_tokens),
      reported: true,
    };
  }

  /** Fragments belong together by index; where a server leaves it out or repeats it, a new id begins a new call. */
  #assemble(fragment: Fragment): void {
    const id = typeof fragment.id === "string" ? fragment.id : "";
    let call = fragment.index === undefined ? this.#calls.at(-1) : this.#calls.findLast(({ index }) => index === fragment.index);
    if (!call || (id && call.id && id !== call.id)) {
      call = { index: fragment.index, id: "", name: "", input: "" };
      this.#calls.push(call);
    }
    if (id) call.id = id;
    const { name, arguments: input } = fragment.function ?? {};
    if (typeof name === "string") call.name ||= name;
    if (typeof input === "string") call.input += input;
    else if (input !== undefined && input !== null) call.input = JSON.stringify(input);
  }
}

/** What Mistral's models think stands among the pieces of their content: https://docs.mistral.ai/capabilities/reasoning */
function thoughtsOf(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content.map((piece: { thinking?: unknown } | null) => wordsOf(piece?.thinking)).join("");
}

/** Text, or Mistral's list of pieces of text. */
function wordsOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((piece: { text?: unknown } | null) => (typeof piece?.text === "string" ? piece.text : "")).join("");
}

function tokens(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
