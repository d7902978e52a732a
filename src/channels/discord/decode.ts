import type { Chat, PlatformEvent, Sender } from "../../core/event.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { Instant } from "../../core/terms.ts";
import type { Attachment, Deletion, Dispatch, Interaction, Message, Reaction, User } from "./payload.ts";
import type { Place } from "./places.ts";

/** What else is to be known of a dispatch. */
export interface View {
  /** The bot's own user; it is in READY, and in the account's identity. */
  readonly self: string | undefined;
  /** As people see it, with the `@`. */
  readonly name: string | undefined;
  /** Where a channel is: a thread has a channel above it. */
  place(channel: string): Place | undefined;
  /** Unique for this dispatch, and the same when it is sent again after a resume. */
  readonly key: string;
  readonly now: Instant;
}

/** What one dispatch says. Pure. https://docs.discord.com/developers/events/gateway-events#receive-events */
export function decode(dispatch: Dispatch, view: View): readonly PlatformEvent[] {
  switch (dispatch.t) {
    case "MESSAGE_CREATE":
      return one(decodeMessage(dispatch.d, view));
    case "MESSAGE_UPDATE":
      return one(decodeEdit(dispatch.d, view));
    case "MESSAGE_DELETE":
    case "MESSAGE_DELETE_BULK":
      return decodeDeletion(dispatch.d, view);
    case "MESSAGE_REACTION_ADD":
    case "MESSAGE_REACTION_REMOVE":
      return [decodeReaction(dispatch.d, dispatch.t === "MESSAGE_REACTION_ADD", view)];
    case "INTERACTION_CREATE":
      return one(decodeInteraction(dispatch.d, view.now, true));
    default:
      return [];
  }
}

function one(event: PlatformEvent | undefined): readonly PlatformEvent[] {
  return event ? [event] : [];
}

/** What people say: a message and a reply; the other types tell of the channel. https://docs.discord.com/developers/resources/message#message-object-message-types */
const saying = new Set([0, 19, 20, 23]);

function decodeMessage(message: Message, view: View): PlatformEvent | undefined {
  const sender = senderOf(message, view);
  const parts = partsOf(message, view);
  if (!sender || parts.length === 0 || !saying.has(message.type ?? 0)) return undefined;
  const chat = chatOf(message.channel_id, message.guild_id, view.place(message.channel_id));
  const replyTo = message.message_reference?.type === 1 ? undefined : message.message_reference?.message_id;
  return {
    kind: "message",
    key: message.id,
    chat,
    sender,
    at: timeOf(message.id),
    platformId: message.id,
    parts,
    ...(replyTo ? { replyTo } : {}),
    addressed: chat.kind === "direct" || isMentioned(message, view) || message.referenced_message?.author?.id === view.self,
  };
}

/** Discord also "updates" a message when it adds the previews of its links: that has no time of an edit, or the time of the last one. */
function decodeEdit(message: Message, view: View): PlatformEvent | undefined {
  const sender = senderOf(message, view);
  const parts = partsOf(message, view);
  const at = Date.parse(message.edited_timestamp ?? "");
  if (!sender || parts.length === 0 || Number.isNaN(at) || !saying.has(message.type ?? 0)) return undefined;
  const chat = chatOf(message.channel_id, message.guild_id, view.place(message.channel_id));
  return { kind: "edit", key: `edit:${message.id}:${at}`, chat, sender, at, platformId: message.id, parts };
}

/** Discord doesn't say who did it: the chat stands in. */
function decodeDeletion({ id, ids, channel_id, guild_id }: Deletion, view: View): readonly PlatformEvent[] {
  const chat = chatOf(channel_id, guild_id, view.place(channel_id));
  return [...(id ? [id] : []), ...(ids ?? [])].map((platformId): PlatformEvent => {
    return {
      kind: "delete",
      key: `delete:${platformId}`,
      chat,
      sender: { id: chat.id, bot: false, self: false },
      at: view.now,
      platformId,
    };
  });
}

/** Discord tells of one emoji at a time; neither its time nor, in direct chats, more of the person than the id. */
function decodeReaction({ user_id, channel_id, message_id, guild_id, member, emoji }: Reaction, added: boolean, view: View): PlatformEvent {
  const name = emoji.id ? `:${emoji.name ?? emoji.id}:` : (emoji.name ?? "");
  return {
    kind: "reaction",
    key: view.key,
    chat: chatOf(channel_id, guild_id, view.place(channel_id)),
    sender: { ...(member?.user ? personOf(member.user) : { id: user_id, bot: false }), self: user_id === view.self },
    at: view.now,
    platformId: message_id,
    reactions: added && name ? [name] : [],
  };
}

/** `open`: it must still be answered by a call (docs: within 3 seconds); over the endpoint its HTTP answer does that. */
export function decodeInteraction(interaction: Interaction, now: Instant, open: boolean): PlatformEvent | undefined {
  const { id, type, token, channel, guild_id, message, data } = interaction;
  const user = interaction.member?.user ?? interaction.user;
  const channelId = channel?.id ?? interaction.channel_id;
  if (!user || !channelId) return undefined;
  const thread = channel && channel.type >= 10 && channel.type <= 12 ? channel.parent_id : undefined;
  const chat = chatOf(channelId, guild_id, { ...(thread ? { parent: thread } : {}), ...(channel?.name ? { title: channel.name } : {}) });
  const base = { key: id, chat, sender: { ...personOf(user), self: false }, at: timeOf(id) || now };
  if (type === 3 && data?.custom_id) {
    return {
      ...base,
      kind: "press",
      token: data.custom_id,
      ...(message ? { platformId: message.id } : {}),
      ...(open ? { interaction: `${id}/${token}` } : {}),
    };
  }
  const words = commandText(interaction);
  return words === undefined ? undefined : { ...base, kind: "message", platformId: id, parts: [textPart(words)], addressed: true };
}

/** `/ask what is this`: the command's name, its subcommands and what was filled in. */
export function commandText({ type, data }: Interaction): string | undefined {
  if (type !== 2 || !data?.name) return undefined;
  const words: string[] = [`/${data.name}`];
  type Option = { name: string; value?: unknown; options?: readonly Option[] | undefined };
  const add = (all: readonly Option[] | undefined) => {
    for (const { name, value, options } of all ?? []) {
      words.push(value === undefined ? name : String(value));
      add(options);
    }
  };
  add(data.options as readonly Option[] | undefined);
  return words.join(" ").slice(0, 2_000);
}

function chatOf(channel: string, guild: string | undefined, place: Place | undefined): Chat {
  const title = place?.title;
  const where = place?.parent ? { id: place.parent, thread: channel } : { id: channel };
  return { ...where, kind: guild === undefined ? "direct" : "group", ...(title && guild !== undefined ? { title } : {}) };
}

function isMentioned({ mentions, content = "" }: Message, { self }: View): boolean {
  if (self === undefined) return false;
  return mentions?.some(({ id }) => id === self) === true || content.includes(`<@${self}>`) || content.includes(`<@!${self}>`);
}

function senderOf(message: Message, view: View): Sender | undefined {
  const { author, member, webhook_id } = message;
  if (!author) return undefined;
  const person = personOf(author);
  const name = member?.nick ?? person.name;
  return { ...person, ...(name ? { name } : {}), bot: person.bot || webhook_id !== undefined, self: author.id === view.self };
}

function personOf({ id, username, global_name, bot }: User): Omit<Sender, "self"> {
  const name = global_name ?? username;
  return { id, ...(name ? { name } : {}), ...(username ? { handle: `@${username}` } : {}), bot: bot === true };
}

function partsOf(message: Message, view: View): Part[] {
  const { content = "", sticker_items: stickers = [], message_snapshots: forwarded = [], attachments = [], poll } = message;
  const words = [content, ...forwarded.map((one) => one.message.content ?? ""), ...stickers.map(({ name }) => `:${name}:`)]
    .filter(Boolean)
    .join("\n");
  const files = [...attachments, ...forwarded.flatMap((one) => one.message.attachments ?? [])];
  const asked: Part[] = poll
    ? [
        {
          type: "poll",
          question: poll.question.text ?? "",
          options: poll.answers.map((answer) => answer.poll_media.text ?? ""),
          ...(poll.allow_multiselect ? { multiple: true as const } : {}),
        },
      ]
    : [];
  // IS_VOICE_MESSAGE, https://docs.discord.com/developers/resources/message#message-object-message-flags
  const voice = ((message.flags ?? 0) & (1 << 13)) !== 0;
  return [
    ...(words ? [textPart(readable(words, message.mentions ?? [], view))] : []),
    ...asked,
    ...files.map((file) => fileOf(file, voice)),
  ];
}

/** https://docs.discord.com/developers/reference#message-formatting-formats */
function readable(words: string, mentions: readonly User[], view: View): string {
  return words
    .replace(/<@!?(\d+)>/g, (_, id: string) => {
      if (id === view.self && view.name) return view.name;
      const user = mentions.find((one) => one.id === id);
      return `@${user?.global_name ?? user?.username ?? id}`;
    })
    .replace(/<#(\d+)>/g, (_, id: string) => `#${view.place(id)?.title ?? id}`)
    .replace(/<@&(\d+)>/g, "@$1")
    .replace(/<a?:(\w+):\d+>/g, ":$1:")
    .replace(/<\/([^:<>]+):\d+>/g, "/$1")
    .replace(/<t:(-?\d{1,12})(?::\w)?>/g, (_, seconds: string) => new Date(Number(seconds) * 1000).toISOString());
}

function fileOf({ filename, url, content_type = "", size }: Attachment, voice: boolean): FilePart {
  const kind = /^(image|audio|video)\//.exec(content_type)?.[1] as "image" | "audio" | "video" | undefined;
  const mediaType = content_type.split(";")[0];
  const source = { at: "platform", ref: url, ...(mediaType ? { mediaType } : {}), ...(size === undefined ? {} : { size }) } as const;
  return { type: voice && kind === "audio" ? "voice" : (kind ?? "file"), source, ...(filename ? { name: filename } : {}) };
}

/** A snowflake holds its time: https://docs.discord.com/developers/reference#snowflakes */
export function timeOf(id: string): Instant {
  return Number(BigInt(id) >> 22n) + 1_420_070_400_000;
}
