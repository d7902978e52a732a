import type { ErrorCode } from "./errors.ts";
import type { DeliveryId } from "./ids.ts";
import type { Part } from "./message.ts";
import type { Instant } from "./terms.ts";

/** What a platform tells us, in our words. A channel's `decode` makes it from one payload, purely. */
export type PlatformEvent =
  | MessageEvent
  | EditEvent
  | DeleteEvent
  | ReactionEvent
  | PressEvent
  | MembershipEvent
  | MoveEvent
  | ReceiptEvent;

interface EventBase {
  /**
   * The platform's own id of this event, unique in the account, the same on every redelivery: the dedupe key.
   * Never a signature, a text or a time of ours.
   */
  readonly key: string;
  readonly chat: Chat;
  readonly sender: Sender;
  /** When it happened, by the platform's clock. */
  readonly at: Instant;
}

/** Where it was said. `id` and `thread` are the platform's own and immutable. */
export interface Chat {
  readonly id: string;
  readonly thread?: string;
  readonly kind: "direct" | "group";
  readonly title?: string;
}

/** Who said it. Only `id` may decide anything: names and handles can be chosen by an attacker. */
export interface Sender {
  readonly id: string;
  readonly name?: string;
  readonly handle?: string;
  readonly bot: boolean;
  /** True when it is this account itself (the platform echoes what we sent). */
  readonly self: boolean;
}

export interface MessageEvent extends EventBase {
  readonly kind: "message";
  /** The platform's id of the message, for replies and edits. */
  readonly platformId: string;
  readonly parts: readonly Part[];
  /** The platform's id of the message that this one answers. */
  readonly replyTo?: string;
  /**
   * Of messages that are one to people and arrive as several (the pictures of an album): the platform's id of what they are together,
   * unique in the chat. One turn answers all of them.
   */
  readonly group?: string;
  /** Whether the account was addressed: by mention, by reply to it, or by a command. Always true in direct chats. */
  readonly addressed: boolean;
}

export interface EditEvent extends EventBase {
  readonly kind: "edit";
  readonly platformId: string;
  readonly parts: readonly Part[];
}

/**
 * Somebody took a message back: its words are forgotten here, too, whoever did it (its sender, a moderator). Where the
 * platform doesn't say who did, the chat's id stands in for the sender's.
 */
export interface DeleteEvent extends EventBase {
  readonly kind: "delete";
  readonly platformId: string;
}

export interface ReactionEvent extends EventBase {
  readonly kind: "reaction";
  readonly platformId: string;
  /** The reactions that the sender has on the message now; empty when the last was taken away. */
  readonly reactions: readonly string[];
}

/** A pressed button. `token` is what `buttonToken` made when the message was sent. */
export interface PressEvent extends EventBase {
  readonly kind: "press";
  readonly platformId?: string;
  readonly token: string;
  /** What the platform wants answered so that its spinner stops (Telegram: callback_query id). */
  readonly interaction?: string;
}

export interface MembershipEvent extends EventBase {
  readonly kind: "membership";
  readonly change: "joined" | "left" | "blocked";
  /** Whom it happened to, where that is somebody else than this account; `sender` is who did it. */
  readonly member?: Sender;
}

/**
 * The chat goes on under another id, which is that of `chat` (a Telegram group became a supergroup): its conversations go on with all
 * that was said, with who speaks in them, and with what is queued. May be told twice. Ids of messages that name
 * others in the new chat must not be the same: the channel sees to that.
 */
export interface MoveEvent extends EventBase {
  readonly kind: "move";
  /** Its id until now. */
  readonly from: string;
}

/**
 * What became of one of our own messages, as the platform tells it afterwards; `sender` is who was to get it. `accepted`: the platform
 * has it, which is news only of a send whose answer was lost. `failed`: it was accepted, and didn't arrive. It may come before the answer to the send that it is about.
 */
export interface ReceiptEvent extends EventBase {
  readonly kind: "receipt";
  /** What the send gave as its receipt. */
  readonly platformId: string;
  readonly state: "accepted" | "delivered" | "read" | "failed";
  /** Present exactly for `failed`. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** Our own id, where the platform gives it back: it settles a send of which nobody knew whether it was accepted. */
  readonly delivery?: DeliveryId;
}

/** At most 64 bytes (Telegram's limit for callback_data): the message that held the buttons, and which one it was. */
export function buttonToken(messageId: string, index: number): string {
  return `${messageId}:${index}`;
}

export function readButtonToken(token: string): { messageId: string; index: number } | undefined {
  const match = /^(ms_[0-9a-z]{22}):(\d{1,3})$/.exec(token);
  return match ? { messageId: match[1] as string, index: Number(match[2]) } : undefined;
}
