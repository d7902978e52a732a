import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { z } from "zod";
import { type ErrorCode, type Fault, fault, type Result } from "../core/errors.ts";
import { fetchModelNames, noUsage, type Refusal, readError, refusalOf, type Who } from "../core/model-http.ts";
import type { OptionalPackage } from "../core/packages.ts";
import {
  defineProvider,
  type EndReason,
  type ModelEvent,
  type Provider,
  type ProviderAccount,
  type ToolCall,
  type Usage,
} from "../core/provider.ts";
import { secret } from "../core/secret.ts";
import { promptOf, toolsOf } from "./prompt.ts";
import { type Wire, wireOf } from "./wire.ts";

/** Hosts any package of the AI SDK through its provider interface: https://ai-sdk.dev/providers/community-providers/custom-providers */
export interface HostedKind {
  readonly kind: string;
  readonly name: string;
  readonly package: OptionalPackage;
  /** The package's function that makes a provider of `{apiKey, baseURL, fetch}`. */
  readonly factory: string;
  readonly baseUrl: string;
  /** Where a key is made. */
  readonly keyFrom: string;
  /** The same in other languages, where it isn't a name. */
  readonly keyFromIn?: { readonly de: string };
  /** How the list of models is asked for; `Authorization: Bearer` if absent. */
  readonly keyHeader?: string;
  /** Where the list of models is, of the API's address; `…/models` if absent. */
  readonly modelsUrl?: (baseUrl: string) => string;
  /** Whether recordings reach its models. */
  readonly hears?: true;
  /** What the stream says when it is over; what a server sends after it is not waited for. */
  readonly endMark?: string;
  /**
   * Reasons of an end that the package has no word for. What came is no whole answer where the server broke it off (`interrupted`), or the
   * model did (`broken`): that concerns this answer only.
   */
  readonly ends?: Readonly<Record<string, EndReason | "interrupted" | "broken">>;
}

export interface HostedSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
}

/** The interface that is spoken here. */
const specification = "v4";

export function hostedProvider(kind: HostedKind): Provider<HostedSettings> {
  const settings = z.strictObject({
    apiKey: secret(`The key, from ${kind.keyFrom}`),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default(kind.baseUrl)
      .describe("Where the API is"),
  });
  return defineProvider<HostedSettings>({
    kind: kind.kind,
    name: kind.name,
    package: kind.package,
    settings,
    translations: {
      de: {
        settings: {
          apiKey: ["Schlüssel", `Der Schlüssel, von ${kind.keyFromIn?.de ?? kind.keyFrom}`],
          baseUrl: ["Adresse", "Wo die API ist"],
        },
      },
    },
    vendor: ({ baseUrl }) => ({ kind: "api", url: baseUrl }),

    async *stream(account, request, signal) {
      if (signal.aborted) return;
      const who = identify(account);
      const module = await load(kind, account);
      if (!module.ok) {
        yield { type: "fail", fault: module.fault };
        return;
      }
      const over = new AbortController();
      const wire = wireOf(account, who, AbortSignal.any([signal, over.signal]), kind.endMark);
      const answer = new Answer(who, wire, kind.ends ?? {});
      try {
        const model = modelOf(kind, module.value, account, wire, request.model);
        const tools = toolsOf(request.tools);
        const { stream } = await model.doStream({
          prompt: promptOf(request, kind.hears === true),
          ...(tools.length > 0 ? { tools } : {}),
          ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
          ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
        });
        for await (const part of stream) {
          for (const event of answer.take(part)) {
            if (signal.aborted) return;
            yield event;
            if (event.type === "fail" || event.type === "end") return;
          }
        }
        if (!signal.aborted) yield answer.cutOff();
      } catch (thrown) {
        if (!signal.aborted) yield { type: "fail", ...(wire.failure() ?? meaning(thrown, who)), usage: answer.usage };
      } finally {
        over.abort(); // whoever breaks off closes the connection
      }
    },

    models: (account, signal) =>
      fetchModelNames(
        account.http,
        {
          method: "GET",
          url: (kind.modelsUrl ?? modelsUrl)(account.settings.baseUrl.replace(/\/+$/, "")),
          headers: kind.keyHeader ? { [kind.keyHeader]: account.settings.apiKey } : { authorization: `Bearer ${account.settings.apiKey}` },
          signal,
        },
        identify(account),
      ),
  });
}

function modelsUrl(baseUrl: string): string {
  return `${baseUrl}/models`;
}

function identify({ id, settings }: ProviderAccount<HostedSettings>): Who {
  return { name: id, secret: settings.apiKey };
}

async function load({ kind, package: wanted }: HostedKind, { id, load }: ProviderAccount): Promise<Result<unknown>> {
  const loaded = await load?.(wanted);
  if (loaded?.ok) return loaded;
  const why = loaded ? ` (${loaded.fault.message})` : "";
  return { ok: false, fault: fault("package-missing", `${id}: the kind ${kind} needs ${wanted.name}@${wanted.version}${why}`) };
}

type Factory = (options: { apiKey: string; baseURL: string; fetch: Wire["fetch"] }) => Record<string, (model: string) => LanguageModelV4>;

function modelOf(kind: HostedKind, module: unknown, account: ProviderAccount<HostedSettings>, wire: Wire, name: string): LanguageModelV4 {
  const make = (module as Record<string, Factory | undefined>)[kind.factory];
  if (typeof make !== "function") throw new Error(`${kind.package.name} has no ${kind.factory}`);
  const { apiKey, baseUrl } = account.settings;
  const provider = make({ apiKey, baseURL: baseUrl.replace(/\/+$/, ""), fetch: wire.fetch });
  const model = provider.languageModel?.(name);
  if (model?.specificationVersion !== specification)
    throw new Error(
      `${kind.package.name} doesn't speak version ${specification} of the interface: run \`polylogue models add ${kind.kind}\``,
    );
  return model;
}

const reasons: Readonly<Record<string, EndReason>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool-calls",
  "content-filter": "filter",
  other: "stop",
};

/** What has come so far. */
class Answer {
  usage: Usage = noUsage;
  readonly #who: Who;
  readonly #wire: Wire;
  readonly #ends: NonNullable<HostedKind["ends"]>;
  readonly #calls: ToolCall[] = [];
  #id: string | undefined;

  constructor(who: Who, wire: Wire, ends: NonNullable<HostedKind["ends"]>) {
    this.#who = who;
    this.#wire = wire;
    this.#ends = ends;
  }

  take(part: LanguageModelV4StreamPart): ModelEvent[] {
    switch (part.type) {
      case "text-delta":
        return part.delta ? [{ type: "text", delta: part.delta }] : [];
      case "reasoning-delta":
        return part.delta ? [{ type: "reasoning", delta: part.delta }] : [];
      case "tool-call":
        if (!part.providerExecuted) this.#calls.push({ id: part.toolCallId, name: part.toolName, input: part.input || "{}" });
        return [];
      case "response-metadata":
        this.#id ??= part.id;
        return [];
      case "error":
        return [{ type: "fail", ...(this.#wire.failure() ?? meaning(part.error, this.#who)), usage: this.usage }];
      case "finish":
        return this.#finish(part);
      default:
        return []; // starts and ends of blocks, sources, files, warnings
    }
  }

  /** `why`: the provider's word. */
  cutOff(why?: string, code: "provider-unavailable" | "answer-broken" = "provider-unavailable"): ModelEvent {
    const failure = this.#wire.failure() ?? { fault: endless(this.#who, why, code) };
    return { type: "fail", ...failure, usage: this.usage };
  }

  #finish({ finishReason, usage }: Extract<LanguageModelV4StreamPart, { type: "finish" }>): ModelEvent[] {
    const { inputTokens, outputTokens } = usage;
    const input = tokens(inputTokens.total);
    // No call has an empty prompt: nothing but zeroes means that the server said nothing.
    if (input > 0) {
      this.usage = {
        input,
        cachedInput: Math.min(input, tokens(inputTokens.cacheRead)),
        output: tokens(outputTokens.total),
        reported: true,
      };
    }
    const { raw, unified } = finishReason;
    const own = raw === undefined ? "interrupted" : this.#ends[raw]; // who was told no reason was cut off
    if (own === "broken") return [this.cutOff(raw, "answer-broken")];
    if (own === "interrupted" || unified === "interrupted" || unified === "error") return [this.cutOff(raw)];
    const said = own ?? reasons[unified] ?? "stop";
    const reason = said === "stop" && this.#calls.length > 0 ? "tool-calls" : said;
    const calls = reason === "tool-calls" ? this.#calls : []; // of an answer that was cut off, half a call remains
    const requestId = this.#wire.requestId() ?? this.#id;
    const end: ModelEvent = { type: "end", reason, usage: this.usage, ...(requestId ? { requestId } : {}) };
    return [...calls.map((call): ModelEvent => ({ type: "tool-call", call })), end];
  }
}

function endless({ name }: Who, why: string | undefined, code: ErrorCode): Fault {
  return fault(code, `${name} ended its answer in the middle${why ? `: ${why}` : ""}`);
}

function tokens(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

/** What a package says of an event that it couldn't take: an error that the server sent, or something else than it promised. */
function meaning(thrown: unknown, who: Who): Refusal {
  const { name, type, value, data } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Record<string, unknown>;
  const sent = errorIn(value) ?? errorIn(data);
  const error = sent && { ...sent, type: sent.type || (typeof type === "string" ? type : "") };
  if (error) return refusalOf({ status: 200, headers: {}, text: "", error, who });
  if (name === "AI_JSONParseError" || name === "AI_TypeValidationError")
    return { fault: fault("provider-malformed", `${who.name} sent an event that can't be read`, thrown) };
  if (name === "AI_UnsupportedFunctionalityError" || name === "AI_InvalidPromptError" || name === "AI_InvalidArgumentError")
    return { fault: fault("provider-refused", `${who.name}: ${String((thrown as Error).message)}`, thrown) };
  const plain = thrown instanceof Error ? undefined : readError(thrown);
  if (plain) return refusalOf({ status: 200, headers: {}, text: "", error: plain, who });
  return {
    fault: fault("provider-malformed", `${who.name}: ${thrown instanceof Error ? thrown.message : "an event without meaning"}`, thrown),
  };
}

function errorIn(value: unknown): ReturnType<typeof readError> {
  if (typeof value !== "object" || value === null) return undefined;
  return readError("error" in value ? value.error : "message" in value ? value : undefined);
}
