import type { Classifier } from "./choice.ts";
import type { CommandName } from "./command.ts";
import type { HandoverSettings } from "./handover.ts";
import type { AccountId, AgentId } from "./ids.ts";
import type { ReplyStyle } from "./instructions.ts";
import type { KnowledgeSource } from "./knowledge.ts";
import type { Matchers } from "./matcher.ts";
import type { Steps } from "./step.ts";

/** Instructions, models, tools and limits. */
export interface Agent {
  readonly id: AgentId;
  /** Of what it is told; see `versionOf`. */
  readonly version: string;
  /** With placeholders; see `fillInstructions`. */
  readonly instructions: string;
  /** Questions as people ask them, each with the answer that is wanted. */
  readonly examples: readonly { readonly user: string; readonly answer: string }[];
  /** By the kind of channel; `*` is for all others. */
  readonly style: { readonly [channel: string]: ReplyStyle };
  /** `provider/model` that put images and speech into words for models that can't read them, and sum up what is long ago. */
  readonly describe: readonly string[];
  readonly transcribe: readonly string[];
  readonly summarise: readonly string[];
  /** Those that make vectors of texts. */
  readonly embed: readonly string[];
  /** `provider/model`, tried in order. */
  readonly models: readonly string[];
  /** What other models do before it answers, and with its answer. */
  readonly steps: Steps;
  /** What becomes of a message when no model of the chain can be reached. */
  readonly whenDown: WhenDown;
  /** What becomes of it when a content filter withholds the answer: the next model is asked, or the person is told. */
  readonly whenWithheld: "next" | "say";
  /** The first whose condition holds says which models answer. */
  readonly scale: readonly ScaleRule[];
  /** Documents that it looks things up in. */
  readonly knowledge: readonly KnowledgeSource[];
  /** Names of tools that it may use. */
  readonly tools: readonly string[];
  /** Those of them that run only when the person who is answered allows it, each time. */
  readonly approve: readonly string[];
  /** Agents to which it may hand a turn, and what about. */
  readonly handTo: readonly { readonly agent: AgentId; readonly about: string }[];
  /** How long: for the rest of the turn, or for what is said in the conversation from then on, too. */
  readonly handFor: "turn" | "conversation";
  /** When people speak in its place, and how long. */
  readonly handover: HandoverSettings;
  /** What people may ask of the gateway itself while they talk to it. */
  readonly commands: readonly CommandName[];
  readonly limits: AgentLimits;
}

/** Other models, while something is scarce. */
export interface ScaleRule {
  /** The budget that this much of is spent (0 to 1). */
  readonly budget?: string | undefined;
  readonly above?: number | undefined;
  /** So many turns wait. */
  readonly waiting?: number | undefined;
  readonly models: readonly string[];
}

export interface WhenDown {
  /** Hours for which an answer may stand in when its question is asked again. 0: never. */
  readonly cacheHours: number;
  /** From which likeness on a question counts as the same, where the agent has models for vectors. 1: only the very same. */
  readonly similarity: number;
  /** Hours for which the message is kept and answered once a model can be reached. 0: it isn't. */
  readonly keepHours: number;
  /** What its sender is told. Absent: a sentence of ours. */
  readonly say?: string | undefined;
}

export interface AgentLimits {
  /** Messages of the conversation's past that the model sees. */
  readonly history: number;
  /** Tokens that a model gets to read at most. Absent: what the model takes. */
  readonly contextTokens?: number | undefined;
  /** Of these, what passages of its documents may take, found by the input. Absent or 0: none are given. */
  readonly knowledgeTokens?: number | undefined;
  readonly maxOutputTokens: number;
  /** Model calls of one turn, tools included. */
  readonly steps: number;
  /** Milliseconds that one turn may take. */
  readonly turnMs: number;
}

/** The first route whose every condition holds decides the agent. No condition holds always. */
export interface Route {
  readonly when?: RouteCondition;
  readonly agent: AgentId;
  /** What of `when` is compiled. */
  readonly matchers?: Matchers | undefined;
  /** Picks another agent, or other models, by what is asked. */
  readonly classify?: Classifier | undefined;
  /** Absent: `queue`. */
  readonly mode?: InboundMode;
  /** Milliseconds without a new message after which `collect` begins its turn. Absent: `defaultCollectMs`. */
  readonly collectMs?: number;
}

/**
 * What becomes of a message that arrives before the one in front of it is answered. Only messages are concerned, only
 * those of the same sender, and only those that the same route leads to the same agent; all others wait in the queue.
 *
 * - `queue`: it waits, and gets a turn of its own.
 * - `collect`: the turn begins when nothing has come for a while, and answers all that came, once.
 * - `steer`: it becomes part of the turn that runs, with the next model call.
 * - `interrupt`: the turn that runs is cancelled; the new message's turn sees what wasn't answered.
 */
export const inboundModes = ["queue", "collect", "steer", "interrupt"] as const;
export type InboundMode = (typeof inboundModes)[number];

export const defaultCollectMs = 1_500;

export interface RouteCondition {
  readonly channel?: string;
  readonly account?: AccountId;
  /** The platform's chat ids; one of them. */
  readonly chat?: readonly string[];
  /** The platform's immutable sender ids; one of them. */
  readonly sender?: readonly string[];
  readonly tenant?: string;
  readonly kind?: "direct" | "group";
}

export type RouteConditionName = keyof RouteCondition | keyof Matchers;

/** What became of a text that nobody wrote: for whoever wonders which route would take it. */
export interface RouteTrial {
  /** Absent: none takes it, because `reason`. */
  readonly route?: number;
  readonly agent?: AgentId;
  readonly reason?: string;
  /** It asks the gateway itself for something, as `/help` does. */
  readonly command?: string;
  /** Of each route, in order, the conditions that don't hold. */
  readonly missed: readonly (readonly RouteConditionName[])[];
}

/** Who may write to an account. Only immutable platform ids count; an empty list admits nobody. */
export interface Access {
  readonly direct: DirectPolicy;
  readonly group: AccessPolicy;
  /** Sender ids that `direct: "allowlist"` and `"pairing"` admit; they gain nothing in groups. */
  readonly allow: readonly string[];
  /** Chat ids of the groups that `group: "allowlist"` admits, with all their members. */
  readonly groups: readonly string[];
  /** In groups answer only when addressed. */
  readonly mention: boolean;
}

export type AccessPolicy = "open" | "allowlist" | "off";
/** `pairing`: those in `allow`, and who was let in by an operator; the others get a code (see `Pairing`). */
export type DirectPolicy = AccessPolicy | "pairing";
