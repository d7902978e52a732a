import type { Fault, Result } from "./errors.ts";
import type { Chat } from "./event.ts";
import type { AccountId, ConversationId, MessageId, TenantId, TraceId } from "./ids.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Instant } from "./terms.ts";

/** What is done to a message that is on the platform already. Done again it changes nothing. */
export type Touch =
  /** The account's reaction on it; without one it is taken away. */
  | { readonly kind: "react"; readonly reaction?: string }
  /** It goes, there and from what agents know of the conversation. */
  | { readonly kind: "take-back" };

export interface TouchRequest {
  readonly tenant: TenantId;
  readonly message: MessageId;
  readonly touch: Touch;
  /** An operator, or `agent`. */
  readonly by: string;
  /** An agent's: nothing is done once control of the conversation isn't its own any more (law 6). */
  readonly writtenUnder?: number;
}

/** A message, and where it is. */
export interface Touched {
  readonly tenant: TenantId;
  readonly message: MessageId;
  readonly trace: TraceId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly chat: Chat;
  /** The platform's ids: of a message that came in, one; of ours, one for each piece that was sent, the first first. */
  readonly platformIds: readonly string[];
  /** Pieces of which nobody knows whether the platform has them. */
  readonly lost: number;
  readonly entries: readonly LedgerEntry[];
}

export interface TouchStore {
  /**
   * The intent: audited for an operator, and in the ledger. Before a message is taken back its pieces that wait are dropped. Faults:
   * `not-found`, `request-invalid` (it isn't on the platform, or isn't ours), `busy` (a piece is just being sent), `version-conflict`.
   */
  beginTouch(request: TouchRequest, at: Instant): Promise<Result<Touched>>;
  /** What came of it. A message that was taken back is forgotten with it. */
  endTouch(touched: Touched, request: TouchRequest, why: Fault | undefined, at: Instant): Promise<readonly LedgerEntry[]>;
}
