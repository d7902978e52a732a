import type { DeliveryContent, OnUnknown } from "./delivery.ts";
import type { Chat } from "./event.ts";
import type { AccountId, ConversationId, DeliveryId, MessageId, TenantId } from "./ids.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Part } from "./message.ts";
import type { Instant } from "./terms.ts";

/** A message that answers nobody's turn: an operator's, or the gateway's own. */
export interface NewOutbound {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: Chat;
  readonly author: "operator" | "system";
  /** It tells operators of a finding: that it didn't arrive counts as nothing but that (`Trouble`). */
  readonly notice?: true;
  readonly message: MessageId;
  readonly parts: readonly Part[];
  readonly deliveries: readonly { readonly content: DeliveryContent; readonly onUnknown: OnUnknown }[];
  readonly at: Instant;
}

export interface EnqueuedMessage {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly deliveries: readonly DeliveryId[];
  readonly entries: readonly LedgerEntry[];
}
