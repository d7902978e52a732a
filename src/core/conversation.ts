import type { Chat, Sender } from "./event.ts";
import type { HandedBack, Handover } from "./handover.ts";
import type { AccountId, AgentId, ConversationId, EventId, MessageId, TenantId } from "./ids.ts";
import type { Part } from "./message.ts";
import type { Control, Instant } from "./terms.ts";

export interface Conversation {
  readonly tenant: TenantId;
  readonly id: ConversationId;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: Chat;
  readonly control: Control;
  /** Grows with every change of control. */
  readonly controlVersion: number;
  /** Whom the conversation was handed to: it answers in place of its route's agent. */
  readonly agent?: AgentId;
  /** `provider/model` that a person chose here. */
  readonly model?: string;
  /** What was said longer ago than agents see, in short. */
  readonly summary?: Summary;
  /** While control is `human`. */
  readonly handover?: Handover;
  /** The last time that people spoke here, once it is over. */
  readonly handedBack?: HandedBack;
}

export interface Summary {
  /** Empty: nothing was summed up since the past was begun anew. */
  readonly text: string;
  /** The newest message that is in it, or the event that began the past anew. */
  readonly until: MessageId | EventId;
}

export interface PastMessage {
  readonly id: MessageId;
  readonly conversation: ConversationId;
  readonly direction: "in" | "out";
  /** Who wrote an outbound one. */
  readonly author?: "agent" | "operator" | "system";
  readonly sender?: Sender;
  readonly parts: readonly Part[];
  readonly at: Instant;
}
