import type { ZodType } from "zod";
import type { Tokens, Vendor } from "./cost.ts";
import type { Fault, Result } from "./errors.ts";
import type { HttpClient } from "./http.ts";
import type { Log } from "./log.ts";
import type { Json } from "./terms.ts";

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
}

export interface ProviderAccount<Settings = unknown> {
  /** The key under `providers` in the configuration. */
  readonly id: string;
  readonly settings: Settings;
  /** Milliseconds without a word after which a call is given up: a connection that is silent need not be held so long. */
  readonly stallMs: number;
  readonly http: HttpClient;
  readonly log: Log;
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

export type ModelMessage =
  | { readonly role: "user"; readonly content: readonly ModelContent[] }
  | { readonly role: "assistant"; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly name: string; readonly result: string; readonly failed: boolean };

export type ModelContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly mediaType: string; readonly data: Uint8Array };

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

export function defineProvider<Settings>(provider: Provider<Settings>): Provider<Settings> {
  return provider;
}
