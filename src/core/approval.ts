import type { AgentId, ConversationId, EventId, MessageId, TenantId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/**
 * A person's word on one use of a dangerous tool, with exactly these arguments. The question and what it may allow are stored
 * together; only who was asked can answer it, once, in that conversation, while nobody took over meanwhile, and for a while.
 */
export interface Approval {
  readonly tenant: TenantId;
  /** The answer that asks. */
  readonly message: MessageId;
  readonly conversation: ConversationId;
  /** Who is asked: the platform's id. */
  readonly sender: string;
  readonly agent: AgentId;
  readonly tool: string;
  /** The arguments as the model wrote them, which passed the tool's schema: JSON text. */
  readonly input: string;
  /** Under which it was asked. */
  readonly controlVersion: number;
  readonly expiresAt: Instant;
  /** `granted` and `refused` name the event that said so. */
  readonly state: "asked" | "granted" | "refused";
  readonly by?: EventId | undefined;
  /** What the tool answered. Absent although it was granted: it runs, or nobody knows whether it did. */
  readonly outcome?: { readonly ok: boolean; readonly text: string } | undefined;
}

export type Verdict = "granted" | "refused";

/** The buttons under the question, in this order. */
export const verdicts = [
  { label: "Yes", verdict: "granted" },
  { label: "No", verdict: "refused" },
] as const;

export const approvalMs = 15 * 60_000;
