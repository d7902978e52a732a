import type { Chat, MembershipEvent, MessageEvent, PlatformEvent, Sender } from "../../core/event.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { Instant } from "../../core/terms.ts";
import { messageId } from "./ids.ts";
import type {
  CallbackQuery,
  ChatMember,
  Entity,
  Member,
  Message,
  MessageReaction,
  Origin,
  TelegramChat,
  TelegramFile,
  Update,
  User,
} from "./update.ts";

/** Who we are there; the name (`@bot` in lower case) is unknown before the first probe. */
export interface Self {
  readonly id: string;
  readonly name: string | undefined;
}

/**
 * What one Update says, or nothing where it holds nothing for us. Pure; `now` stands in where Telegram gives no time
 * (presses). https://core.telegram.org/bots/api#update
 */
export function decode(update: Update, self: Self, now: Instant): PlatformEvent | undefined {
  const key = String(update.update_id);
  const said = update.message ?? update.channel_post;
  if (said) return decodeMessage(key, said, self);
  const edited = update.edited_message ?? update.edited_channel_post;
  if (edited) return decodeEdit(key, edited, self);
  if (update.callback_query) return decodePress(key, update.callback_query, self, now);
  if (update.message_reaction) return decodeReaction(key, update.message_reaction, self);
  if (update.my_chat_member) return decodeMembership(key, update.my_chat_member, self);
  return undefined;
}

function decodeMessage(key: string, message: Message, self: Self): PlatformEvent | undefined {
  const sender = senderOf(message.from, message.sender_chat ?? (message.from ? undefined : message.chat), self);
  const base = { key, chat: chatOf(message.chat, threadOf(message)), sender, at: message.date * 1000 };
  // A group that becomes a supergroup goes on under a new id; Telegram tells it once in each of the two.
  const { migrate_to_chat_id: to, migrate_from_chat_id: from } = message;
  if (to !== undefined) return { ...base, kind: "move", chat: { ...base.chat, id: String(to) }, from: base.chat.id };
  if (from !== undefined) return { ...base, kind: "move", from: String(from) };
  const parts = partsOf(message, self);
  if (parts.length === 0) return undefined; // a service message: title changed, somebody joined, …
  const replied = repliedMessage(message);
  const event: MessageEvent = {
    ...base,
    kind: "message",
    platformId: messageId(message),
    parts,
    ...(replied ? { replyTo: messageId({ ...replied, chat: message.chat }) } : {}),
    ...(message.media_group_id ? { group: message.media_group_id } : {}),
    addressed: isAddressed(message, self),
  };
  return event;
}

function decodeEdit(key: string, message: Message, self: Self): PlatformEvent | undefined {
  const parts = partsOf(message, self);
  if (parts.length === 0) return undefined;
  return {
    kind: "edit",
    key,
    chat: chatOf(message.chat, threadOf(message)),
    sender: senderOf(message.from, message.sender_chat ?? (message.from ? undefined : message.chat), self),
    at: (message.edit_date ?? message.date) * 1000,
    platformId: messageId(message),
    parts,
  };
}

function decodePress(key: string, query: CallbackQuery, self: Self, now: Instant): PlatformEvent | undefined {
  const { message, data } = query;
  if (!message || !data) return undefined; // of an inline message or a game, neither of which we send
  return {
    kind: "press",
    key,
    chat: chatOf(message.chat, threadOf(message)),
    sender: senderOf(query.from, undefined, self),
    at: now,
    platformId: messageId(message),
    token: data,
    interaction: query.id,
  };
}

function decodeReaction(key: string, update: MessageReaction, self: Self): PlatformEvent | undefined {
  if (!update.user && !update.actor_chat) return undefined;
  return {
    kind: "reaction",
    key,
    chat: chatOf(update.chat, undefined), // Telegram doesn't say in which topic
    sender: senderOf(update.user, update.actor_chat, self),
    at: update.date * 1000,
    platformId: messageId(update),
    reactions: update.new_reaction.map((reaction) => reaction.emoji ?? reaction.custom_emoji_id ?? reaction.type),
  };
}

function decodeMembership(key: string, update: ChatMember, self: Self): PlatformEvent | undefined {
  const before = isMember(update.old_chat_member);
  const after = isMember(update.new_chat_member);
  if (before === after) return undefined; // promoted or restricted, but as much a member as before
  const direct = update.chat.type === "private";
  const change: MembershipEvent["change"] = after ? "joined" : direct ? "blocked" : "left";
  return {
    kind: "membership",
    key,
    chat: chatOf(update.chat, undefined),
    sender: senderOf(update.from, undefined, self),
    at: update.date * 1000,
    change,
  };
}

/** https://core.telegram.org/bots/api#chatmember */
function isMember(member: Member): boolean {
  return member.status === "restricted" ? member.is_member === true : member.status !== "left" && member.status !== "kicked";
}

function chatOf(chat: TelegramChat, thread: string | undefined): Chat {
  const title = chat.title ?? fullName(chat);
  return {
    id: String(chat.id),
    kind: chat.type === "private" ? "direct" : "group",
    ...(thread === undefined ? {} : { thread }),
    ...(title ? { title } : {}),
  };
}

/** Only in a topic: elsewhere `message_thread_id` merely names the first message of a chain of replies. */
function threadOf(message: { is_topic_message?: boolean | undefined; message_thread_id?: number | undefined }): string | undefined {
  return message.is_topic_message && message.message_thread_id !== undefined ? String(message.message_thread_id) : undefined;
}

/** A chat that speaks (anonymous administrator, linked channel, channel post) comes before the stand-in user in `from`. */
function senderOf(user: User | undefined, chat: TelegramChat | undefined, self: Self): Sender {
  const id = String((chat ?? user)?.id);
  const name = chat ? (chat.title ?? fullName(chat)) : user && fullName(user);
  const handle = chat ? chat.username : user?.username;
  return {
    id,
    ...(name ? { name } : {}),
    ...(handle ? { handle: `@${handle}` } : {}),
    bot: !chat && user?.is_bot === true,
    self: id === self.id,
  };
}

function fullName(named: { first_name?: string | undefined; last_name?: string | undefined }): string {
  return [named.first_name, named.last_name].filter(Boolean).join(" ");
}

/** In a topic every message "answers" the one that opened the topic; that says nothing. */
function repliedMessage(message: Message): Message["reply_to_message"] {
  const replied = message.reply_to_message;
  return message.is_topic_message && replied?.message_id === message.message_thread_id ? undefined : replied;
}

function isAddressed(message: Message, self: Self): boolean {
  if (message.chat.type === "private") return true;
  const answered = repliedMessage(message)?.from;
  if (answered && String(answered.id) === self.id) return true;
  const words = message.text ?? message.caption ?? "";
  return (message.entities ?? message.caption_entities ?? []).some((entity) => names(entity, words, self));
}

/** https://core.telegram.org/bots/api#messageentity: offsets and lengths are UTF-16 units, as in JavaScript. */
function names(entity: Entity, words: string, self: Self): boolean {
  const covered = words.slice(entity.offset, entity.offset + entity.length).toLowerCase();
  switch (entity.type) {
    case "mention":
      return covered === self.name;
    case "text_mention":
      return entity.user !== undefined && String(entity.user.id) === self.id;
    case "bot_command": {
      const at = covered.indexOf("@");
      return at < 0 || covered.slice(at) === self.name;
    }
    default:
      return false;
  }
}

/** The content, where it was forwarded from, and what it answers as far as the agent can't know that. */
function partsOf(message: Message, self: Self): Part[] {
  const content = contentOf(message);
  if (content.length === 0) return content;
  const { forward_origin: origin } = message;
  const from = origin ? [textPart(`[forwarded from ${originName(origin)}]`)] : [];
  const context = contextOf(message, self);
  return [...from, ...content, ...(context ? [textPart(context)] : [])];
}

/** Characters of another message that are told with the one that answers it. */
const quoted = 1_000;

/**
 * What was quoted on purpose, and in groups the words of another person that are answered: a bot isn't shown most of what is said
 * there. A command stays as it is. https://core.telegram.org/bots/api#textquote
 */
function contextOf(message: Message, self: Self): string | undefined {
  const { quote, external_reply: other } = message;
  if (message.text?.startsWith("/")) return undefined;
  const replied = repliedMessage(message);
  const ours = replied?.from !== undefined && String(replied.from.id) === self.id;
  const theirs = message.chat.type === "private" || ours ? undefined : (replied?.text ?? replied?.caption);
  const words = quote && (quote.is_manual || other) ? quote.text : theirs;
  if (!words) return undefined;
  const who = other ? originName(other.origin) : ours ? "you" : nameOf(replied?.sender_chat ?? replied?.from);
  return `[in answer to ${who ? `${who}: ` : ""}${words.slice(0, quoted).toWellFormed()}]`;
}

function originName({ sender_user: user, sender_user_name: hidden, sender_chat: chat, chat: channel }: Origin): string {
  return hidden ?? nameOf(user ?? chat ?? channel) ?? "somebody";
}

function nameOf(named: User | TelegramChat | undefined): string | undefined {
  if (!named) return undefined;
  return ("title" in named ? named.title : undefined) ?? fullName(named);
}

function contentOf(message: Message): Part[] {
  const { caption } = message;
  const media = mediaOf(message);
  if (media) return [caption ? { ...media, caption } : media];
  if (message.text) return [textPart(message.text)];
  if (message.venue) {
    const { location, title, address } = message.venue;
    return [
      { type: "location", latitude: location.latitude, longitude: location.longitude, title: [title, address].filter(Boolean).join(", ") },
    ];
  }
  if (message.location) return [{ type: "location", latitude: message.location.latitude, longitude: message.location.longitude }];
  if (message.contact) return [{ type: "contact", name: fullName(message.contact), phone: message.contact.phone_number }];
  if (message.dice) return [textPart(`${message.dice.emoji} ${message.dice.value}`)];
  if (message.poll) {
    const { question, options, allows_multiple_answers: multiple } = message.poll;
    return [{ type: "poll", question, options: options.map(({ text }) => text), ...(multiple ? { multiple } : {}) }];
  }
  return caption ? [textPart(caption)] : [];
}

function mediaOf(message: Message): FilePart | undefined {
  const { photo, animation, video, video_note, voice, audio, sticker, document } = message;
  if (photo) {
    const largest = photo.reduce((best, size) => (size.width * size.height > best.width * best.height ? size : best));
    return filePart("image", largest, "image/jpeg");
  }
  if (animation) return filePart("video", animation); // `document` repeats it for old bots
  if (video) return filePart("video", video);
  if (video_note) return filePart("video", video_note, "video/mp4");
  if (voice) return filePart("voice", voice, "audio/ogg");
  if (audio)
    return filePart("audio", audio.file_name ? audio : { ...audio, file_name: [audio.performer, audio.title].filter(Boolean).join(" – ") });
  if (sticker) {
    const part = sticker.is_video
      ? filePart("video", sticker, "video/webm")
      : sticker.is_animated
        ? filePart("file", sticker, "application/x-tgsticker")
        : filePart("image", sticker, "image/webp");
    return sticker.emoji ? { ...part, caption: sticker.emoji } : part;
  }
  return document && filePart(document.mime_type?.startsWith("image/") ? "image" : "file", document);
}

function filePart(type: FilePart["type"], file: TelegramFile, usual?: string): FilePart {
  const mediaType = file.mime_type ?? usual;
  return {
    type,
    source: {
      at: "platform",
      ref: file.file_id,
      ...(mediaType ? { mediaType } : {}),
      ...(file.file_size === undefined ? {} : { size: file.file_size }),
    },
    ...(file.file_name ? { name: file.file_name } : {}),
  };
}
