import type { ZodType } from "zod";
import type { Tokens, Vendor } from "./cost.ts";
import type { Fault, Result } from "./errors.ts";
import type { HttpClient } from "./http.ts";
import type { Log } from "./log.ts";
import type { OptionalPackage, PackageLoader } from "./packages.ts";
import type { Json } from "./terms.ts";
import type { SettingWords } from "./translation.ts";

/**
 * A model API: a plain object without state, one per file in `providers/`. It translates one request and the stream of
 * its answer, and nothing else: retries, fallback, budgets and tools are the turn's.
 */
export interface Provider<Settings = unknown> {
  /** The word in the configuration (`kind`), and the file's name. */
  readonly kind: string;
  readonly name: string;
  readonly settings: ZodType<Settings>;
  /**
   * One model call. Never throws for what the provider or the network does: a failure is the stream's last event.
   * Always ends with exactly one `end` or `fail`. Aborting the signal closes the connection; the stream then ends with
   * `fail` or just stops.
   */
  stream(account: ProviderAccount<Settings>, request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  /** Whose prices hold for what it bills. Absent: nobody knows them. */
  vendor?(settings: Settings): Vendor;
  /** The models that this key may use, by a real round trip; names what is wrong (key, quota, region). */
  models(account: ProviderAccount<Settings>, signal: AbortSignal): Promise<Result<readonly string[]>>;
  /**
   * Tokens that go in and come out of one call together, as the server itself says, by the models' names; those of which it says nothing
   * are missing. A round trip that bills nothing. Absent: such servers never say it.
   */
  contexts?(
    account: ProviderAccount<Settings>,
    models: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<ReadonlyMap<string, number>>>;
  /** One vector for each text, in their order. Billed: whoever calls it stores the call first. Absent: it has none. */
  embed?(account: ProviderAccount<Settings>, request: EmbedRequest, signal: AbortSignal): Promise<Result<Embeddings>>;
  /** What is said in a recording. Billed as well. Absent: it can't. */
  transcribe?(account: ProviderAccount<Settings>, request: TranscribeRequest, signal: AbortSignal): Promise<Result<Transcript>>;
  /** Speaks through this package, which `polylogue models add` installs. Absent: it needs none. */
  readonly package?: OptionalPackage;
  /** What it says of itself in other languages than English, by language tag. */
  readonly translations?: Readonly<Record<string, ProviderTranslation>>;
}

/** What a provider's form says in one more language. */
export interface ProviderTranslation {
  /** Absent: it is called the same. */
  readonly name?: string;
  /** Of every setting. */
  readonly settings: Readonly<Record<string, SettingWords>>;
}

export interface EmbedRequest {
  readonly model: string;
  /** At least one. */
  readonly texts: readonly string[];
}

export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
}

export interface TranscribeRequest {
  readonly model: string;
  readonly audio: { readonly mediaType: string; readonly data: Uint8Array };
  /** ISO 639-1, where it is known. */
  readonly language?: string;
}

export interface Transcript {
  readonly text: string;
  /** Without a report where it is billed by the minute. */
  readonly usage: Usage;
}

export interface ProviderAccount<Settings = unknown> {
  /** The key under `providers` in the configuration. */
  readonly id: string;
  readonly settings: Settings;
  /** Milliseconds without a word after which a call is given up: a connection that is silent need not be held so long. */
  readonly stallMs: number;
  readonly http: HttpClient;
  readonly log: Log;
  /** The module of `Provider.package`, loaded once. Absent: there is no place where packages are. */
  readonly load?: PackageLoader;
}

export interface ModelRequest {
  /** The provider's own name of the model: what follows the first slash of `local/llama3`. */
  readonly model: string;
  readonly instructions: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolDescription[];
  /** Tokens of the answer at most. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
}

/** What a model reads besides text. */
export const media = ["image", "audio"] as const;
export type Medium = (typeof media)[number];

/** What a model can do, as far as anybody knows. */
export interface Capabilities {
  readonly reads: readonly Medium[];
  /** Tokens that go in and come out of one call together. */
  readonly context?: number | undefined;
}

/** Where a model's `context` is known from: the operator goes first, then the price list, then what the server says. */
export type ContextSource = "configuration" | "price list" | "server";

export type ModelMessage =
  | { readonly role: "user"; readonly content: readonly ModelContent[] }
  | { readonly role: "assistant"; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly name: string; readonly result: string; readonly failed: boolean };

export type ModelContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly mediaType: string; readonly data: Uint8Array }
  /** Only for models that are known to hear. */
  | { readonly type: "audio"; readonly mediaType: string; readonly data: Uint8Array };

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the arguments: an object. */
  readonly parameters: { readonly [key: string]: Json };
}

export interface ToolCall {
  /** The provider's id, unique in the turn. */
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: JSON text, unchecked. */
  readonly input: string;
}

export type ModelEvent =
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "reasoning"; readonly delta: string }
  | { readonly type: "tool-call"; readonly call: ToolCall }
  | { readonly type: "end"; readonly reason: EndReason; readonly usage: Usage; readonly requestId?: string }
  | { readonly type: "fail"; readonly fault: Fault; readonly afterMs?: number; readonly usage?: Usage };

/** `length`: the output limit cut it off. `filter`: the provider withheld it. */
export type EndReason = "stop" | "tool-calls" | "length" | "filter";

/** Tokens as the provider billed them. Zeroes with `reported: false` when it said nothing. */
export interface Usage extends Tokens {
  readonly reported: boolean;
}

/** Whom a call goes to: a model with one of its provider's keys. */
export interface ModelKey {
  /** `provider/model`. */
  readonly model: string;
  /** 0 is the first. */
  readonly key: number;
}

/** Of `provider/model`. */
export function providerOf(model: string): string {
  return model.slice(0, model.indexOf("/"));
}

export function defineProvider<Settings>(provider: Provider<Settings>): Provider<Settings> {
  return provider;
}
