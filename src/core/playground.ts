import type { Cost } from "./cost.ts";
import type { Fault } from "./errors.ts";
import type { TenantId } from "./ids.ts";
import type { EndReason, ToolCall, Usage } from "./provider.ts";
import type { Agent } from "./route.ts";

/** The channel under which its calls are counted. */
export const playgroundChannel = "playground";

/**
 * An agent tried by an operator, saved or as it is being changed. It reads what it would read in a turn and its calls are billed,
 * counted and limited like all others; but there is no conversation: nothing of it is stored, and nothing leaves. Its steps and
 * handing over are a turn's, and no part of it.
 */
export interface Playground {
  /** Ends with exactly one `end` or `fail`. Who stops reading ends the model's call. */
  play(of: PlayOf, signal: AbortSignal): AsyncIterable<PlayEvent>;
}

export interface PlayOf {
  readonly tenant: TenantId;
  readonly agent: Agent;
  /** The channel whose style it answers in. */
  readonly channel: string;
  /** Who tries it: whom the calls are counted for, and whom the agent talks to. */
  readonly operator: { readonly id: string; readonly name: string };
  /** In order; the last is the operator's. */
  readonly said: readonly { readonly from: "operator" | "agent"; readonly text: string }[];
  /** The operator's word on one use of a tool, with exactly these arguments. False as well when the signal aborts. */
  readonly allow: (call: ToolCall, signal: AbortSignal) => Promise<boolean>;
}

export type PlayEvent =
  /** Who is asked now, as `provider/model`; of a chain the next is asked only while nothing was said. */
  | { readonly type: "model"; readonly model: string }
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "tool"; readonly call: ToolCall; readonly state: "asks" | "running" }
  /** `refused`: by the operator. `skipped`: it acts on a conversation, and there is none. */
  | {
      readonly type: "tool";
      readonly call: ToolCall;
      readonly state: "done" | "failed" | "refused" | "skipped";
      readonly result: string;
      readonly ms: number;
    }
  | { readonly type: "call"; readonly call: PlayedCall }
  /** `steps`: it wanted to go on, and had as many calls as it may have. */
  | { readonly type: "end"; readonly reason: Exclude<EndReason, "tool-calls"> | "steps" }
  | { readonly type: "fail"; readonly fault: Fault; readonly afterMs?: number };

/** One call of a model, over and well. */
export interface PlayedCall {
  readonly model: string;
  readonly ms: number;
  /** Until something came of it. */
  readonly firstMs: number;
  readonly usage: Usage;
  /** By the prices of its moment. Absent: nobody knows them. */
  readonly cost?: Cost | undefined;
}
