import { z } from "zod";

/**
 * An Update, as far as we read it. Telegram adds fields and kinds at any time, and one odd field must not cost a message:
 * unknown fields are dropped, an unreadable optional one counts as absent.
 * https://core.telegram.org/bots/api#update
 */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const id = z.int();
const text = some(z.string());

const user = z.object({ id, is_bot: z.boolean().catch(false), first_name: text, last_name: text, username: text });
export type User = z.infer<typeof user>;

const chat = z.object({
  id,
  type: z.string(),
  title: text,
  first_name: text,
  last_name: text,
  username: text,
});
export type TelegramChat = z.infer<typeof chat>;

const entity = z.object({ type: z.string(), offset: z.int(), length: z.int(), user: some(user) });
export type Entity = z.infer<typeof entity>;
const entities = some(z.array(entity));

const file = z.object({ file_id: z.string().min(1), file_name: text, mime_type: text, file_size: some(z.int().nonnegative()) });
export type TelegramFile = z.infer<typeof file>;
const photo = file.extend({ width: z.number(), height: z.number() });
const sticker = file.extend({ emoji: text, is_animated: some(z.boolean()), is_video: some(z.boolean()) });
const audio = file.extend({ title: text, performer: text });
const location = z.object({ latitude: z.number(), longitude: z.number() });

/** https://core.telegram.org/bots/api#messageorigin: a person, one who hides, a chat or a channel. */
const origin = z.object({ sender_user: some(user), sender_user_name: text, sender_chat: some(chat), chat: some(chat) });
export type Origin = z.infer<typeof origin>;

const message = z.object({
  message_id: id,
  message_thread_id: some(id),
  is_topic_message: some(z.boolean()),
  from: some(user),
  sender_chat: some(chat),
  date: z.int(),
  edit_date: some(z.int()),
  media_group_id: text,
  chat,
  reply_to_message: some(z.object({ message_id: id, from: some(user), sender_chat: some(chat), text, caption: text })),
  quote: some(z.object({ text: z.string(), is_manual: some(z.boolean()) })),
  external_reply: some(z.object({ origin })),
  forward_origin: some(origin),
  text,
  entities,
  caption: text,
  caption_entities: entities,
  photo: some(z.array(photo).min(1)),
  animation: some(file),
  document: some(file),
  audio: some(audio),
  video: some(file),
  video_note: some(file),
  voice: some(file),
  sticker: some(sticker),
  location: some(location),
  venue: some(z.object({ location, title: z.string(), address: z.string() })),
  contact: some(z.object({ phone_number: z.string(), first_name: z.string(), last_name: text })),
  dice: some(z.object({ emoji: z.string(), value: z.int() })),
  poll: some(
    z.object({ question: z.string(), options: z.array(z.object({ text: z.string() })), allows_multiple_answers: some(z.boolean()) }),
  ),
  migrate_to_chat_id: some(id),
  migrate_from_chat_id: some(id),
});
export type Message = z.infer<typeof message>;

const callbackQuery = z.object({
  id: z.string().min(1),
  from: user,
  message: some(z.object({ message_id: id, chat, message_thread_id: some(id), is_topic_message: some(z.boolean()) })),
  data: text,
});
export type CallbackQuery = z.infer<typeof callbackQuery>;

const reaction = z.object({ type: z.string(), emoji: text, custom_emoji_id: text });
const messageReaction = z.object({
  chat,
  message_id: id,
  user: some(user),
  actor_chat: some(chat),
  date: z.int(),
  new_reaction: z.array(reaction),
});
export type MessageReaction = z.infer<typeof messageReaction>;

const member = z.object({ status: z.string(), is_member: some(z.boolean()) });
const chatMember = z.object({ chat, from: user, date: z.int(), old_chat_member: member, new_chat_member: member });
export type ChatMember = z.infer<typeof chatMember>;
export type Member = z.infer<typeof member>;

const update = z.object({
  update_id: z.int().nonnegative(),
  message: some(message),
  edited_message: some(message),
  channel_post: some(message),
  edited_channel_post: some(message),
  callback_query: some(callbackQuery),
  message_reaction: some(messageReaction),
  my_chat_member: some(chatMember),
});
export type Update = z.infer<typeof update>;

/** What we ask for: `message_reaction` comes only when it is named. */
export const allowedUpdates = [
  "message",
  "edited_message",
  "channel_post",
  "edited_channel_post",
  "callback_query",
  "message_reaction",
  "my_chat_member",
] as const;

export interface ReadUpdate {
  /** Absent when there is no telling even its number. */
  readonly update?: Update;
  /** What couldn't be read although it is of a kind that we asked for. */
  readonly problem?: string;
}

export function readUpdate(raw: unknown): ReadUpdate {
  const read = update.safeParse(raw);
  if (!read.success) return { problem: `no update_id, or no Update: ${read.error.issues[0]?.message}` };
  const lost = allowedUpdates.find((kind) => (raw as Record<string, unknown>)[kind] !== undefined && read.data[kind] === undefined);
  return lost ? { update: read.data, problem: `its ${lost} has not the documented form` } : { update: read.data };
}
