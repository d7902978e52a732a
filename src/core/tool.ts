import type { ZodType } from "zod";
import type { Clock } from "./clock.ts";
import type { Fault, Result } from "./errors.ts";
import type { AccountId, ConversationId, TenantId } from "./ids.ts";
import type { Passage } from "./knowledge.ts";
import type { Reminder } from "./reminder.ts";
import type { Instant, Json } from "./terms.ts";

/** Something that a model may ask for. `run` gets arguments that passed the schema; its text goes back to the model. */
export interface Tool<Input = unknown> {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  readonly input: ZodType<Input>;
  /** The arguments as JSON Schema, where the tool isn't ours: as its source describes them. */
  readonly parameters?: { readonly [key: string]: Json };
  /**
   * What it changes. `none`: nothing, it only looks and computes. `conversation`: that in which it is used. Absent: nobody knows,
   * as of the tools of others; where there is no conversation, only a person's word lets it run.
   */
  readonly effect?: "none" | "conversation";
  run(input: Input, call: ToolContext): Promise<Result<string>> | Result<string>;
}

/** By a tool's own name: the SHA-256, in hex, of what it says of itself to models (name, description, arguments). */
export type ToolDigests = ReadonlyMap<string, string>;

/** A tool of an MCP server. Models are offered it only while it says what was accepted: they obey what they read. */
export interface ServerTool {
  /** `server/tool`. */
  readonly name: string;
  readonly tool: Tool;
  readonly digest: string;
  /** `changed`: something else was accepted; `new`: nothing was, though others of the server were. */
  readonly state: "accepted" | "changed" | "new";
}

/**
 * What of a server's tools is accepted; `found` is what they say now. What a server says when it is met for the first time
 * counts as accepted.
 */
export type Acceptance = (server: string, found: ToolDigests) => Promise<ToolDigests>;

/** In whose name a tool runs: decided by the turn, never by the model. */
export interface ToolContext {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly sender: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The conversation is a person's, from the end of this turn on; its own answer is still said. */
  readonly handOver: (called: { readonly reason: string; readonly summary?: string | undefined }) => void;
  /** Of that sender, in that conversation. */
  readonly reminders: {
    /** Its id; nothing when there are too many. */
    set(text: string, dueAt: Instant): Promise<string | undefined>;
    list(): Promise<readonly Reminder[]>;
    cancel(id: string): Promise<boolean>;
  };
  /** The account's reaction on the message that is answered; without one it is taken away. A fault says why it isn't there. */
  readonly react: (reaction: string | undefined, signal: AbortSignal) => Promise<Fault | undefined>;
  /** Of the documents that its agent may look into, the best passages first. */
  readonly knowledge: (question: string, limit: number) => Promise<readonly Passage[]>;
  /** What is at a public address, and nothing else. */
  readonly fetchPage: FetchPage;
}

export type FetchPage = (url: string, signal: AbortSignal) => Promise<Result<Page>>;

export interface Page {
  /** Without parameters, in lower case; empty where none was stated. */
  readonly mediaType: string;
  readonly charset: string;
  readonly bytes: Uint8Array;
  /** There was more than what is read of a page. */
  readonly cut: boolean;
}

export function defineTool<Input>(tool: Tool<Input>): Tool<Input> {
  return tool;
}
