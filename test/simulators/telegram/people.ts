import type { Entity } from "./html.ts";
import type { Update, Updates } from "./updates.ts";
import type { Chat, Json, Seen, World } from "./world.ts";

export interface SayOptions {
  readonly thread?: number;
  readonly replyTo?: number;
}

/** What people do in Telegram. Chats and persons come into being when they are first named. */
export class People {
  readonly #world: World;
  readonly #updates: Updates;

  constructor(world: World, updates: Updates) {
    this.#world = world;
    this.#updates = updates;
  }

  /** A person writes; mentions and commands become entities, as in the clients. The message's id comes back. */
  say(chatId: number, from: number, text: string, options: SayOptions = {}): number {
    return this.#tell(chatId, from, { text, entities: entitiesOf(text) }, options, {});
  }

  edit(chatId: number, messageId: number, text: string): void {
    const chat = this.#world.chat(chatId);
    const message = found(chat, messageId);
    message.history.push(message.text);
    message.text = text;
    message.entities = entitiesOf(text);
    const kind = chat.type === "channel" ? "edited_channel_post" : "edited_message";
    const content = this.#world.messageJson(chat, message, { edit_date: Math.floor(Date.now() / 1000) });
    this.#updates.push(chatId, kind, content, { text, message: messageId });
  }

  /** Presses a button by its label. Returns the callback query's id. */
  press(chatId: number, from: number, messageId: number, label: string): string {
    const chat = this.#world.chat(chatId);
    const message = found(chat, messageId);
    const button = message.buttons.flat().find((one) => one.text === label);
    if (!button) throw new Error(`message ${messageId} has no button "${label}"`);
    const id = `${from}${this.#world.queries.size + 1}`;
    this.#world.queries.set(id, false);
    const content = {
      id,
      from: this.#world.userJson(from),
      message: this.#world.messageJson(chat, message),
      chat_instance: String(chatId),
      data: button.callback_data,
    };
    this.#updates.push(chatId, "callback_query", content, { text: label, message: messageId });
    return id;
  }

  react(chatId: number, from: number, messageId: number, emojis: readonly string[], before: readonly string[] = []): Update | undefined {
    const reaction = (emoji: string): Json => ({ type: "emoji", emoji });
    const chat = this.#world.chat(chatId);
    const content = {
      chat: this.#world.chatJson(chat),
      message_id: messageId,
      user: this.#world.userJson(from),
      date: Math.floor(Date.now() / 1000),
      old_reaction: before.map(reaction),
      new_reaction: emojis.map(reaction),
    };
    return this.#updates.push(chatId, "message_reaction", content, { message: messageId });
  }

  /** `claimedSize` makes a file look larger than it is, for the 20 MB limit of downloads. */
  sendFile(
    chatId: number,
    from: number,
    field: "photo" | "document" | "voice" | "audio" | "video",
    bytes: Uint8Array,
    options: SayOptions & {
      readonly name?: string;
      readonly mediaType?: string;
      readonly caption?: string;
      readonly claimedSize?: number;
    } = {},
  ): number {
    const ending = options.name?.split(".").at(-1) ?? { photo: "jpg", document: "bin", voice: "oga", audio: "mp3", video: "mp4" }[field];
    const stored = this.#world.store(bytes, field, ending, options.claimedSize);
    const file: Json = { file_id: stored.id, file_unique_id: stored.id.slice(-12), file_size: stored.size };
    if (options.name) file.file_name = options.name;
    if (options.mediaType) file.mime_type = options.mediaType;
    const content: Json =
      field === "photo"
        ? {
            photo: [
              { ...file, file_id: `thumb-${stored.id}`, width: 90, height: 60, file_size: 1 },
              { ...file, width: 900, height: 600 },
            ],
          }
        : { [field]: field === "document" ? file : { ...file, duration: 1, ...(field === "video" ? { width: 900, height: 600 } : {}) } };
    const caption = options.caption ? { caption: options.caption } : {};
    return this.#tell(chatId, from, {}, options, { ...content, ...caption });
  }

  /** Pictures that are one to people: a message and an update for each. Gives the messages' ids. */
  sendAlbum(chatId: number, from: number, pictures: readonly { readonly bytes: Uint8Array; readonly caption?: string }[]): number[] {
    const group = `${Date.now()}${this.#world.files.size}`;
    return pictures.map(({ bytes, caption }) => {
      const { id, size } = this.#world.store(bytes, "photo", "jpg");
      const photo = [{ file_id: id, file_unique_id: id.slice(-12), file_size: size, width: 900, height: 600 }];
      const words = caption === undefined ? {} : { caption, caption_entities: entitiesOf(caption) };
      return this.#tell(chatId, from, {}, {}, { media_group_id: group, photo, ...words });
    });
  }

  /** Any message with this content, e.g. `{ location: { latitude, longitude } }`. */
  sendContent(chatId: number, from: number, content: Json, options: SayOptions = {}): number {
    return this.#tell(chatId, from, {}, options, content);
  }

  /** In a private chat the person blocks the bot; in a group the bot is removed. */
  block(chatId: number, from = chatId): void {
    const chat = this.#world.chat(chatId);
    chat.closed =
      chat.type === "private" ? "Forbidden: bot was blocked by the user" : `Forbidden: bot was kicked from the ${chat.type} chat`;
    this.#membership(chat, from, "member", "kicked");
  }

  unblock(chatId: number, from = chatId): void {
    const chat = this.#world.chat(chatId);
    delete chat.closed;
    this.#membership(chat, from, "kicked", "member");
  }

  /** A group becomes a supergroup with a new id. */
  migrate(chatId: number, to: number, from: number): void {
    const old = this.#world.chat(chatId);
    const next = this.#world.chat(to, { type: "supergroup" });
    old.migratedTo = to;
    this.#tell(chatId, from, {}, {}, { migrate_to_chat_id: to });
    this.#tell(next.id, from, {}, {}, { migrate_from_chat_id: chatId });
  }

  #membership(chat: Chat, from: number, before: string, after: string): void {
    const user = this.#world.userJson(this.#world.bot.id);
    const member = (status: string): Json => ({ status, user, ...(status === "kicked" ? { until_date: 0 } : {}) });
    this.#updates.push(chat.id, "my_chat_member", {
      chat: this.#world.chatJson(chat),
      from: this.#world.userJson(from),
      date: Math.floor(Date.now() / 1000),
      old_chat_member: member(before),
      new_chat_member: member(after),
    });
  }

  #tell(chatId: number, from: number, said: Partial<Seen>, options: SayOptions, extra: Json): number {
    const chat = this.#world.chat(chatId);
    const { thread, replyTo } = options;
    if (thread !== undefined) chat.topics.add(thread);
    const message = this.#world.add(chat, from, {
      ...said,
      ...(thread === undefined ? {} : { thread }),
      ...(replyTo === undefined ? {} : { replyTo }),
    });
    const kind = chat.type === "channel" ? "channel_post" : "message";
    const text = said.text ?? (typeof extra.caption === "string" ? extra.caption : undefined);
    this.#updates.push(chatId, kind, this.#world.messageJson(chat, message, extra), {
      message: message.id,
      ...(text === undefined ? {} : { text }),
    });
    return message.id;
  }
}

function found(chat: Chat, messageId: number): Seen {
  const message = chat.messages.get(messageId);
  if (!message) throw new Error(`no message ${messageId} in chat ${chat.id}`);
  return message;
}

function entitiesOf(text: string): Entity[] {
  return [...text.matchAll(/(?<!\w)(?:@\w{4,32}|\/\w{1,32}(?:@\w{4,32})?)/g)].map((match) => {
    return { type: match[0].startsWith("/") ? "bot_command" : "mention", offset: match.index, length: match[0].length };
  });
}
