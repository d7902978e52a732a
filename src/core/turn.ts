import type { Hold } from "./budget.ts";
import type { CallPurpose, Cost } from "./cost.ts";
import type { Fault } from "./errors.ts";
import type { AgentId, ConversationId, EventId, ModelCallId, TenantId, TurnId } from "./ids.ts";
import type { Part } from "./message.ts";
import type { Usage } from "./provider.ts";
import type { Instant } from "./terms.ts";

/**
 * The life of a turn: one input to its final answer.
 *
 * `queued` while its event waits in the lane, `running` from the commit that stores its first model call,
 * then `done`, `failed` (after its last try) or `cancelled` (by a takeover, a stop or an interrupt).
 */
export type TurnState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Turn {
  readonly tenant: TenantId;
  readonly id: TurnId;
  readonly event: EventId;
  readonly conversation: ConversationId;
  readonly agent: AgentId;
  readonly state: TurnState;
  /** How often it was begun; a crash begins it again. */
  readonly tries: number;
  readonly startedAt: Instant;
}

/** What a running turn tells whoever watches: the web app, the web chat, the streaming draft. */
export type TurnEvent =
  | { readonly type: "turn-start"; readonly turn: TurnId }
  | { readonly type: "turn-text"; readonly turn: TurnId; readonly delta: string }
  /** What was streamed so far is void: another model starts over. */
  | { readonly type: "turn-restart"; readonly turn: TurnId }
  | { readonly type: "turn-tool"; readonly turn: TurnId; readonly name: string; readonly state: "running" | "done" | "failed" }
  | { readonly type: "turn-end"; readonly turn: TurnId; readonly state: "done" | "failed" | "cancelled" };

/**
 * What a model is given to read, and what was left out of it: in tokens as they were counted before the call, from what is
 * said in words. What it came to stands in the call's usage.
 */
export interface ContextPlan {
  /** Tokens that it may be at most. Absent: nobody knows, the provider will say. */
  readonly limit?: number;
  /** By a tokenizer, or only roughly: far from the limit nobody needs to know. */
  readonly counted: "exactly" | "roughly";
  /** Instructions with style and examples. */
  readonly instructions: number;
  readonly summary?: number;
  /** Passages of documents that were found by the input, and what they are. */
  readonly knowledge?: number;
  readonly passages?: readonly string[];
  readonly past: number;
  /** Messages of the past. */
  readonly messages: number;
  readonly input: number;
  /** What the turn itself has said and done so far, results of tools included. */
  readonly said?: number;
  readonly cut?: ContextCut;
}

export interface ContextCut {
  /** `limit`: it was seen before; `refused`: the model said so. */
  readonly why: "limit" | "refused";
  /** Messages of the past that were left out. */
  readonly messages?: number;
  /** Results of tools that were shortened. */
  readonly results?: number;
  /** Characters of the input. */
  readonly input?: number;
}

/** A billed request to a provider. It is stored before it starts; without an end it may have been billed. */
export interface ModelCall {
  readonly id: ModelCallId;
  readonly provider: string;
  readonly model: string;
  /** Which of the provider's keys, where it isn't the first: 1 is the second. */
  readonly key?: number;
  readonly purpose: CallPurpose;
  /** In whose name it is made. */
  readonly agent?: AgentId;
  readonly startedAt: Instant;
  /** What it reads. */
  readonly context?: ContextPlan;
  /** Its share of the budgets that count it; reserved with its intent. */
  readonly holds?: readonly Hold[];
  readonly endedAt?: Instant;
  /** Something of an answer came: it is billed, whatever became of it. */
  readonly began?: true;
  readonly usage?: Usage;
  /** Absent while nobody knows its price. */
  readonly cost?: Cost;
  readonly fault?: Fault;
}

/** What a turn comes to. `calls` are those whose end isn't stored yet. */
export type TurnResult =
  | {
      readonly kind: "answer";
      readonly parts: readonly Part[];
      /** A model said all of it to the turn's input: nothing broke off, was left out of what it read, or is ours. */
      readonly whole?: true;
      /** A budget ended it: nobody is to be asked about it any more. */
      readonly stopped?: true;
      readonly calls: readonly ModelCall[];
      /** The tool that a person is to allow, with the arguments it would run with. */
      readonly asks?: { readonly tool: string; readonly input: string };
    }
  | {
      readonly kind: "failure";
      readonly fault: Fault;
      readonly calls: readonly ModelCall[];
      /** Try the turn again after this long. */
      readonly retryAfterMs?: number;
    }
  /** The rest is another agent's. */
  | { readonly kind: "hand"; readonly to: AgentId; readonly reason: string; readonly calls: readonly ModelCall[] }
  | { readonly kind: "cancelled"; readonly calls: readonly ModelCall[] };
