import type { Spender } from "./budget.ts";
import type { CallPurpose } from "./cost.ts";
import type { Fault, Result } from "./errors.ts";
import type { AccountId, EventId, TenantId } from "./ids.ts";
import type { LedgerEntry } from "./ledger.ts";
import type {
  Embeddings,
  EmbedRequest,
  EndReason,
  ModelEvent,
  ModelRequest,
  ToolCall,
  TranscribeRequest,
  Transcript,
  Usage,
} from "./provider.ts";
import type { ModelCall } from "./turn.ts";

/**
 * Billed requests that are no step of a turn: summaries, descriptions, classifiers, vectors, and what programs ask of the
 * gateway as a model. The same laws hold: each is stored before it goes out, reserved on the budgets that count it, and in
 * the end counts what it came to; breakers, seats and silences are those of turns.
 */
export interface Calls {
  /**
   * One answer of the first model that gives one, as it comes. Another model is asked only as long as nothing was said. Ends
   * with exactly one `end` or `fail`; a `fail` that no model could help says `budget-spent` where a budget stopped it.
   */
  stream(of: CallFor, ask: Ask, signal: AbortSignal): AsyncIterable<CallEvent>;
  complete(of: CallFor, ask: Ask, signal: AbortSignal): Promise<Called<Completion>>;
  /** One vector for each text. Vectors of different models can't be compared: look at `model`. */
  embed(of: CallFor, ask: Chained<EmbedRequest>, signal: AbortSignal): Promise<Called<Embeddings & { readonly model: string }>>;
  transcribe(of: CallFor, ask: Chained<TranscribeRequest>, signal: AbortSignal): Promise<Called<Transcript & { readonly model: string }>>;
}

/** A failure says in `afterMs` when to ask again, where the provider or a breaker named a time. */
export type Called<Value> = Result<Value, Fault & { readonly afterMs?: number }>;

export interface CallFor {
  readonly purpose: CallPurpose;
  readonly spender: Spender;
  /** The event in whose story the call stands. */
  readonly trace?: EventId;
}

/** `models` are `provider/model`, asked in this order. */
export type Chained<Request extends { readonly model: string }> = Omit<Request, "model"> & { readonly models: readonly string[] };

export type Ask = Omit<Chained<ModelRequest>, "tools" | "maxOutputTokens"> & {
  readonly tools?: ModelRequest["tools"];
  readonly maxOutputTokens: number;
};

/** `model`: who is asked now, as `provider/model`; comes before anything that it says. */
export type CallEvent = { readonly type: "model"; readonly model: string } | ModelEvent;

export interface Completion {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly reason: EndReason;
  readonly model: string;
  readonly usage: Usage;
}

/** Whose a call is: what its row says that no event tells. */
export interface CallOwner {
  readonly tenant: TenantId;
  readonly trace?: EventId | undefined;
  readonly account?: AccountId | undefined;
  readonly channel?: string | undefined;
  readonly sender?: string | undefined;
}

export interface CallStore {
  /** Stores a call's intent before it goes out. Answers `budget-spent` (nothing written) when a budget it holds on is used up. */
  beginCall(of: CallOwner, call: ModelCall): Promise<Result<readonly LedgerEntry[]>>;
  /** What came of it. A call whose end isn't stored when the process dies counts as one that may have been billed. */
  endCall(of: CallOwner, call: ModelCall): Promise<readonly LedgerEntry[]>;
}
