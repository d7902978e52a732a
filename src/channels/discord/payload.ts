import { z } from "zod";

/**
 * What Discord sends, as far as we read it. It adds fields and kinds at any time, and one odd field must not cost a message: unknown fields
 * are dropped, an unreadable optional one counts as absent.
 */
const some = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
const text = some(z.string());
export const snowflake = z.string().regex(/^\d{1,20}$/);

const user = z.object({ id: snowflake, username: text, global_name: text, bot: some(z.boolean()) });
export type User = z.infer<typeof user>;

const attachment = z.object({
  id: snowflake,
  filename: text,
  url: z.string().min(1),
  content_type: text,
  size: some(z.int().nonnegative()),
});
export type Attachment = z.infer<typeof attachment>;

const poll = z.object({
  question: z.object({ text }),
  answers: z.array(z.object({ poll_media: z.object({ text }) })).max(50),
  allow_multiselect: some(z.boolean()),
});

const snapshot = z.object({ message: z.object({ content: text, attachments: some(z.array(attachment)) }) });

/** https://docs.discord.com/developers/resources/message#message-object */
const message = z.object({
  id: snowflake,
  channel_id: snowflake,
  guild_id: some(snowflake),
  author: some(user),
  member: some(z.object({ nick: text })),
  webhook_id: some(snowflake),
  type: some(z.int()),
  flags: some(z.int()),
  content: text,
  edited_timestamp: text,
  mentions: some(z.array(user)),
  attachments: some(z.array(attachment)),
  sticker_items: some(z.array(z.object({ name: z.string() }))),
  poll: some(poll),
  message_reference: some(z.object({ message_id: some(snowflake), type: some(z.int()) })),
  referenced_message: some(z.object({ author: some(user) })),
  message_snapshots: some(z.array(snapshot)),
});
export type Message = z.infer<typeof message>;

const deletion = z.object({ id: some(snowflake), ids: some(z.array(snowflake)), channel_id: snowflake, guild_id: some(snowflake) });
export type Deletion = z.infer<typeof deletion>;

const reaction = z.object({
  user_id: snowflake,
  channel_id: snowflake,
  message_id: snowflake,
  guild_id: some(snowflake),
  member: some(z.object({ user: some(user) })),
  emoji: z.object({ id: some(snowflake), name: text }),
});
export type Reaction = z.infer<typeof reaction>;

/** https://docs.discord.com/developers/resources/channel#channel-object; types 10, 11 and 12 are threads. */
const channel = z.object({ id: snowflake, type: z.int(), name: text, parent_id: some(snowflake) });
export type Channel = z.infer<typeof channel>;

const option = z.object({ name: z.string(), value: some(z.union([z.string(), z.number(), z.boolean()])) });
const options = some(z.array(option.extend({ options: some(z.array(option.extend({ options: some(z.array(option)) }))) })));

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object */
const interaction = z.object({
  id: snowflake,
  type: z.int(),
  token: z.string().min(1).max(2_000),
  guild_id: some(snowflake),
  channel_id: some(snowflake),
  channel: some(channel),
  user: some(user),
  member: some(z.object({ user: some(user) })),
  message: some(z.object({ id: snowflake })),
  data: some(z.object({ name: text, custom_id: text, options })),
});
export type Interaction = z.infer<typeof interaction>;

const guild = z.object({ id: snowflake, channels: some(z.array(channel)), threads: some(z.array(channel)) });
const ready = z.object({ session_id: z.string().min(1).max(200), resume_gateway_url: z.string().max(500), user });

/** What the gateway dispatches, by its name. https://docs.discord.com/developers/events/gateway-events#receive-events */
const dispatches = {
  READY: ready,
  MESSAGE_CREATE: message,
  MESSAGE_UPDATE: message,
  MESSAGE_DELETE: deletion,
  MESSAGE_DELETE_BULK: deletion,
  MESSAGE_REACTION_ADD: reaction,
  MESSAGE_REACTION_REMOVE: reaction,
  INTERACTION_CREATE: interaction,
  GUILD_CREATE: guild,
  CHANNEL_UPDATE: channel,
  THREAD_CREATE: channel,
  THREAD_UPDATE: channel,
} as const;

type Dispatches = { readonly [Name in keyof typeof dispatches]: { readonly t: Name; readonly d: z.infer<(typeof dispatches)[Name]> } };
export type Dispatch = Dispatches[keyof Dispatches];

/** Nothing for a kind that says nothing to us; a problem where one that does can't be read. */
export function readDispatch(t: string, d: unknown): { readonly dispatch?: Dispatch; readonly problem?: string } {
  if (!Object.hasOwn(dispatches, t)) return {};
  const read = dispatches[t as keyof typeof dispatches].safeParse(d);
  if (read.success) return { dispatch: { t, d: read.data } as Dispatch };
  const [issue] = read.error.issues;
  return { problem: `${t}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unreadable"}` };
}

export const readInteraction = (raw: unknown) => interaction.safeParse(raw);
export const readChannel = (raw: unknown) => channel.safeParse(raw);
