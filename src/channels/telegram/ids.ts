import type { Chat } from "../../core/event.ts";

/** Ids go as numbers, as Telegram gives them; anything else is a public @name, which only a person can have typed. */
export function chatId(id: string): number | string {
  return /^-?\d{1,16}$/.test(id) ? Number(id) : id;
}

/**
 * Unique in the chat, and in a group that may become a supergroup also beyond that: message 7 of the supergroup is another one than
 * message 7 of the group it was. https://core.telegram.org/bots/api#message
 */
export function messageId({
  chat,
  message_id: id,
}: {
  readonly chat: { readonly id?: unknown; readonly type?: unknown };
  readonly message_id: number;
}): string {
  return chat.type === "group" ? `${chat.id}:${id}` : String(id);
}

/** The number in the chat of what `messageId` made (of an album's first message); nothing when the message was left behind in the group that the chat was. */
export function messageNumber(chat: Chat, id: string): number | undefined {
  const [, group, number] = /^(?:(-\d{1,16}):)?(\d{1,16})(?:,|$)/.exec(id) ?? [];
  return number === undefined || (group !== undefined && group !== chat.id) ? undefined : Number(number);
}

export function isOfGroup(id: string): boolean {
  return id.includes(":");
}
