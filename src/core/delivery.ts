import { type ErrorCode, errorTable, type Fault } from "./errors.ts";
import type { Chat } from "./event.ts";
import type { AccountId, ConversationId, DeliveryId, MessageId, TenantId, TraceId, TurnId } from "./ids.ts";
import type { Button, ContactPart, FilePart, LocationPart, PollPart } from "./message.ts";
import type { Purpose, Template } from "./template.ts";
import type { Instant } from "./terms.ts";

/**
 * The life of one outbound message to one conversation.
 *
 * - `streaming`: a visible draft of an answer whose turn still runs; it ends in `queued` with its final text.
 * - `queued`: due at `dueAt`; the first of its conversation is taken, the others wait behind it.
 * - `sending`: its intent is stored, the platform may have it. A dead worker leaves it here.
 * - `sent`: the platform gave a receipt.
 * - `unknown`: nobody can say whether the platform has it. It waits for the operator and blocks nothing behind it.
 * - `failed`: the platform refused it for good. `dead`: the tries or the time ran out. Both can be retried by hand.
 * - `dropped`: an operator or a takeover took it away before it was sent.
 */
export type DeliveryState = "streaming" | "queued" | "sending" | "sent" | "unknown" | "failed" | "dead" | "dropped";

/** What becomes of an attempt whose outcome nobody knows: law 4. */
export type OnUnknown =
  /** The platform dedupes by our key, or it is an edit: sending again changes nothing. */
  | "repeat"
  /** The operator prefers a possible duplicate to a possible loss. */
  | "resend"
  /** The operator decides each time (default). */
  | "hold";

export interface Delivery {
  readonly tenant: TenantId;
  readonly id: DeliveryId;
  readonly trace: TraceId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly chat: Chat;
  readonly message: MessageId;
  readonly turn?: TurnId;
  readonly state: DeliveryState;
  readonly content: DeliveryContent;
  /** Attempts begun so far. */
  readonly attempts: number;
  /** How many of them don't count, because the platform failed all alike or asked to wait. */
  readonly spared: number;
  readonly dueAt: Instant;
  readonly createdAt: Instant;
  readonly onUnknown: OnUnknown;
  /** When somebody last wrote there, by the platform's clock; absent: never, as far as the store knows. */
  readonly heardAt?: Instant;
  /** The platform's id, once there is one; with it `content` is written over the existing message. */
  readonly receipt?: string;
  /** What the platform told of it afterwards (`ReceiptEvent`). */
  readonly confirmed?: "delivered" | "read";
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** One platform message, rendered; stored, so that a repeat is the same to the letter. */
export interface DeliveryContent {
  /** In the channel's dialect; empty when only a file is sent. */
  readonly text: string;
  /** The same without markup. */
  readonly visible: string;
  readonly file?: FilePart;
  /** More files of the same message, where `limits.album` says that they may stand together with `file`. */
  readonly album?: readonly FilePart[];
  /** What the platform shows by means of its own (`limits.shows`); `text` then says the same in words. */
  readonly shown?: ShownPart;
  /** Goes instead of everything else. */
  readonly template?: Template;
  /** What it is for, where the account may name a template for that; absent: an agent's answer. */
  readonly purpose?: Purpose;
  /** A person wrote it for whoever reads it, no program; where `Channel.byHand` asks for that. */
  readonly byHand?: true;
  /** A button with a `url` opens that; its token is never pressed. */
  readonly buttons?: readonly (readonly (Button & { readonly token: string })[])[];
  /** The platform's id of the message that it answers. */
  readonly replyTo?: string;
}

/** Parts that a platform may have a form of its own for. */
export type ShownPart = LocationPart | ContactPart | PollPart;

/** What a channel says about one try. */
export type SendOutcome =
  | { readonly kind: "sent"; readonly receipt: string }
  /**
   * Certainly not accepted; may be tried again, not before `afterMs` when the platform said so. `scope`: whom it asked to
   * wait; absent where it doesn't say.
   */
  | {
      readonly kind: "retry";
      readonly code: ErrorCode;
      readonly message: string;
      readonly afterMs?: number;
      readonly scope?: "account" | "conversation";
    }
  /** Certainly not accepted, and never will be. */
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string }
  /** Nobody can say. */
  | { readonly kind: "unknown"; readonly code: ErrorCode; readonly message: string };

/** Of what failed before anything reached the platform. */
export function outcomeOfFault({ code, message }: Fault): Exclude<SendOutcome, { kind: "sent" }> {
  return { kind: errorTable[code].retryable ? "retry" : "refused", code, message };
}
