import type { ZodType } from "zod";
import type { Clock } from "./clock.ts";
import type { Result } from "./errors.ts";
import type { AccountId, ConversationId, TenantId } from "./ids.ts";

/** Something that a model may ask for. `run` gets arguments that passed the schema; its text goes back to the model. */
export interface Tool<Input = unknown> {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  readonly input: ZodType<Input>;
  run(input: Input, call: ToolContext): Promise<Result<string>> | Result<string>;
}

/** In whose name a tool runs: decided by the turn, never by the model. */
export interface ToolContext {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly sender: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function defineTool<Input>(tool: Tool<Input>): Tool<Input> {
  return tool;
}
