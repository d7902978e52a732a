import type { Chat } from "./event.ts";
import type { AccountId, ConversationId, EventId, TenantId } from "./ids.ts";
import type { EnqueuedMessage, NewOutbound } from "./outbound.ts";
import type { Instant } from "./terms.ts";

/** Something that is said into a conversation at a time that somebody there asked for. */
export interface Reminder {
  readonly tenant: TenantId;
  /** Unique in the installation. */
  readonly id: string;
  readonly account: AccountId;
  readonly channel: string;
  readonly conversation: ConversationId;
  readonly chat: Chat;
  /** The platform's id of who asked for it. */
  readonly sender: string;
  readonly text: string;
  /** By the wall clock: whoever says three o'clock means the clock on the wall, whatever was set meanwhile. */
  readonly dueAt: Instant;
}

export interface NewReminder extends Omit<Reminder, "id"> {
  /** The event whose turn asks: the same text asked for again there is the same reminder. */
  readonly event: EventId;
  readonly at: Instant;
}

export interface ReminderStore {
  /** Its id. Nothing when the sender has `most` that are due later. */
  addReminder(reminder: NewReminder, most: number): Promise<string | undefined>;
  /** Those that are due later, soonest first. */
  reminders(tenant: TenantId, conversation: ConversationId, sender: string): Promise<readonly Reminder[]>;
  /** Whether it was there, in that conversation and of that sender. */
  cancelReminder(of: Pick<Reminder, "tenant" | "conversation" | "sender">, id: string): Promise<boolean>;
  /** Those that are due now, longest waiting first. Reads only. */
  dueReminders(now: Instant, limit: number): Promise<readonly Reminder[]>;
  /**
   * It is said: its end and the message that says it are one transaction. Nothing when it is gone meanwhile; without a message
   * it ends unsaid.
   */
  endReminder(id: string, message?: NewOutbound): Promise<EnqueuedMessage | undefined>;
}
