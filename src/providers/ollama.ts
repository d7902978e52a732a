import { z } from "zod";
import { fail, fault, ok } from "../core/errors.ts";
import {
  faultOfStream,
  fetchJson,
  fetchModelNames,
  noUsage,
  openModelStream,
  readError,
  refusalOf,
  unheard,
  type Who,
} from "../core/model-http.ts";
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
import type { Json } from "../core/terms.ts";

const settings = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("http://127.0.0.1:11434")
    .describe("Where the server is"),
  apiKey: secret("A key, for ollama.com or a proxy; a server of one's own needs none").optional(),
  contextTokens: z
    .int()
    .min(512)
    .max(10_000_000)
    .optional()
    .describe("Tokens that the server keeps room for (`num_ctx`). Missing: what the server does by itself, which cuts off the rest unsaid"),
});
type Settings = z.infer<typeof settings>;

/** Ollama's own API: lines of JSON. https://github.com/ollama/ollama/blob/main/docs/api.md */
export default defineProvider<Settings>({
  kind: "ollama",
  name: "Ollama",
  settings,
  translations: {
    de: {
      settings: {
        baseUrl: ["Adresse", "Wo der Server ist"],
        apiKey: ["Schlüssel", "Ein Schlüssel, für ollama.com oder einen Proxy; ein eigener Server braucht keinen"],
        contextTokens: [
          "Token im Gedächtnis",
          "Für wie viele Token der Server Platz hält (`num_ctx`). Ohne Angabe: was der Server von sich aus tut; den Rest schneidet er ab, ohne es zu sagen",
        ],
      },
    },
  },
  vendor: ({ baseUrl, apiKey }) => (apiKey === undefined ? { kind: "free" } : { kind: "api", url: baseUrl }),

  async *stream(account, request, signal) {
    const who = identify(account);
    const { stallMs } = account;
    const headers = { ...authorization(account), "content-type": "application/json" };
    const body = JSON.stringify(encode(request, account.settings));
    const call = { method: "POST", url: address(account, "chat"), headers, body, timeoutMs: stallMs, stallMs, signal } as const;
    const opened = await openModelStream(account.http, call, who);
    if (signal.aborted) return;
    if (!opened.ok) {
      yield { type: "fail", fault: opened.fault, ...(opened.afterMs === undefined ? {} : { afterMs: opened.afterMs }) };
      return;
    }
    const requestId = opened.stream.headers["x-request-id"];
    let usage = noUsage;
    let calls = 0;
    try {
      for await (const line of linesIn(opened.stream.body)) {
        const chunk = readLine(line);
        if (!chunk) {
          yield { type: "fail", fault: fault("provider-malformed", `${who.name} sent a line that is no JSON`), usage };
          return;
        }
        const error = readError(chunk.error);
        if (error) {
          yield { type: "fail", ...refusalOf({ status: 200, headers: {}, text: line, error, who }), usage };
          return;
        }
        const events = eventsOf(chunk, calls);
        for (const event of events) {
          if (event.type === "tool-call") calls += 1;
          yield event;
        }
        if (chunk.done !== true) continue;
        usage = usageOf(chunk);
        const reason: EndReason = chunk.done_reason === "length" ? "length" : calls > 0 ? "tool-calls" : "stop";
        yield { type: "end", reason, usage, ...(requestId ? { requestId } : {}) };
        return;
      }
    } catch (thrown) {
      if (!signal.aborted) yield { type: "fail", fault: faultOfStream(thrown, who), usage };
      return;
    }
    if (!signal.aborted) yield { type: "fail", fault: fault("provider-unavailable", `${who.name} ended its answer in the middle`), usage };
  },

  models: (account, signal) =>
    fetchModelNames(
      account.http,
      { method: "GET", url: address(account, "tags"), headers: authorization(account), signal },
      identify(account),
    ),

  async contexts(account, models, signal) {
    const headers = { ...authorization(account), "content-type": "application/json" };
    const found = new Map<string, number>();
    for (const model of models) {
      const call = { method: "POST", url: address(account, "show"), headers, body: JSON.stringify({ model }), signal } as const;
      const shown = await fetchJson(account.http, call, description, identify(account));
      // One that isn't there says nothing of the others.
      if (!shown.ok && shown.fault.code !== "provider-refused") return shown;
      const tokens = shown.ok ? contextOf(shown.value, account.settings.contextTokens) : undefined;
      if (tokens !== undefined) found.set(model, tokens);
    }
    return ok(found);
  },

  async embed(account, { model, texts }, signal) {
    const headers = { ...authorization(account), "content-type": "application/json" };
    const body = JSON.stringify({ model, input: texts });
    const call = { method: "POST", url: address(account, "embed"), headers, body, timeoutMs: account.stallMs, signal } as const;
    const answer = await fetchJson(account.http, call, embedded, identify(account));
    if (!answer.ok) return answer;
    const { embeddings, prompt_eval_count: input } = answer.value;
    if (embeddings.length !== texts.length) {
      return fail("provider-malformed", `${account.id} answered ${embeddings.length} vectors to ${texts.length} texts`);
    }
    return ok({ vectors: embeddings, usage: input === undefined ? noUsage : { input, cachedInput: 0, output: 0, reported: true } });
  },
});

/** https://docs.ollama.com/api-reference/show-model-details `parameters` are lines as in a Modelfile. */
const description = z.object({
  parameters: z.string().optional().catch(undefined),
  model_info: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** What the server keeps room for (as it is told with each call, or else by the model's file), and at most what the model can do. */
function contextOf({ parameters = "", model_info: info = {} }: z.infer<typeof description>, asked: number | undefined): number | undefined {
  const trained = info[`${String(info["general.architecture"])}.context_length`];
  const kept = asked ?? (Number(/^num_ctx\s+(\d+)\s*$/m.exec(parameters)?.[1]) || undefined);
  const known = [kept, typeof trained === "number" ? trained : undefined].filter((tokens) => tokens !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

const embedded = z.object({ embeddings: z.array(z.array(z.number()).min(1)), prompt_eval_count: z.int().optional() });

function identify({ id, settings }: ProviderAccount<Settings>): Who {
  return { name: id, secret: settings.apiKey };
}

function address({ settings }: ProviderAccount<Settings>, path: string): string {
  return `${settings.baseUrl.replace(/\/+$/, "")}/api/${path}`;
}

function authorization({ settings }: ProviderAccount<Settings>): Record<string, string> {
  return settings.apiKey ? { authorization: `Bearer ${settings.apiKey}` } : {};
}

function encode(request: ModelRequest, { contextTokens }: Settings): { [key: string]: Json } {
  const { model, instructions, messages, tools, maxOutputTokens, temperature } = request;
  const options = {
    ...(maxOutputTokens !== undefined && { num_predict: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(contextTokens !== undefined && { num_ctx: contextTokens }),
  };
  return {
    model,
    messages: [...(instructions ? [{ role: "system", content: instructions }] : []), ...messages.map(encodeMessage)],
    stream: true,
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: "function", function: { ...tool } })) }),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

function encodeMessage(message: ModelMessage): Json {
  if (message.role === "tool") {
    return { role: "tool", tool_name: message.name, content: message.failed ? `Error: ${message.result}` : message.result };
  }
  if (message.role === "assistant") {
    const calls = (message.toolCalls ?? []).map(({ name, input }) => ({ function: { name, arguments: argumentsOf(input) } }));
    return { role: "assistant", content: message.text, ...(calls.length > 0 && { tool_calls: calls }) };
  }
  const images = message.content.flatMap((part) => (part.type === "image" ? [Buffer.from(part.data).toString("base64")] : []));
  const words = message.content.flatMap((part) => (part.type === "text" ? [part.text] : part.type === "audio" ? [unheard] : []));
  return { role: "user", content: words.join("\n"), ...(images.length > 0 && { images }) };
}

/** Here they are an object: what another provider's model wrote may be none. */
function argumentsOf(input: string): { [key: string]: Json } {
  try {
    const read = JSON.parse(input) as Json;
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as { [key: string]: Json }) : {};
  } catch {
    return {};
  }
}

/** A line as it may come; every field is checked where it is used. */
interface Line {
  readonly message?: { readonly content?: unknown; readonly thinking?: unknown; readonly tool_calls?: unknown } | null;
  readonly done?: unknown;
  readonly done_reason?: unknown;
  readonly prompt_eval_count?: unknown;
  readonly eval_count?: unknown;
  readonly error?: unknown;
}

/** The last one may have no line end; half a line is none. */
async function* linesIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (readLine(rest)) yield rest;
}

function readLine(line: string): Line | undefined {
  try {
    const read = JSON.parse(line) as Line | null;
    return typeof read === "object" && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Its calls have no ids: they are numbered as they come. */
function eventsOf({ message }: Line, before: number): readonly ModelEvent[] {
  const events: ModelEvent[] = [];
  const { content, thinking, tool_calls: calls } = message ?? {};
  if (typeof thinking === "string" && thinking) events.push({ type: "reasoning", delta: thinking });
  if (typeof content === "string" && content) events.push({ type: "text", delta: content });
  for (const call of Array.isArray(calls) ? calls : []) {
    const { name, arguments: input } = (call as { function?: { name?: unknown; arguments?: unknown } | null } | null)?.function ?? {};
    if (typeof name !== "string") continue;
    const id = `call_${before + events.filter(({ type }) => type === "tool-call").length}`;
    events.push({ type: "tool-call", call: { id, name, input: typeof input === "string" ? input : JSON.stringify(input ?? {}) } });
  }
  return events;
}

function usageOf({ prompt_eval_count: input, eval_count: output }: Line): Usage {
  if (typeof input !== "number" && typeof output !== "number") return noUsage;
  return { input: countOf(input), cachedInput: 0, output: countOf(output), reported: true };
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
