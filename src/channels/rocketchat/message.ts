import { z } from "zod";
import { idShape } from "./api.ts";

/**
 * What the server sends, as far as we read it, over the socket and over REST. It adds fields at any time, and one odd field must not cost
 * a message: unknown fields are dropped, an unreadable optional one counts as absent.
 */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const id = z.string().regex(idShape);
const text = z.string().catch("");
/** `{"$date": ms}` over the socket, ISO 8601 over REST. Milliseconds since 1970. */
const time = z.union([z.object({ $date: z.number() }).transform((of) => of.$date), z.number(), z.iso.datetime().transform(Date.parse)]);

const file = z.object({ _id: id, name: text, type: text, size: some(z.int().nonnegative()), typeGroup: text });
export type FileInfo = z.infer<typeof file>;

/** IMessage of packages/core-typings. `t`: it tells of the room, or (`rm`) stands where a message was deleted. */
const message = z.object({
  ...{ _id: id, rid: id, msg: text, ts: time, _updatedAt: some(time), editedAt: some(time), t: text, tmid: some(id) },
  u: z.object({ _id: id, username: text, name: text }),
  bot: z.unknown().optional(),
  mentions: z.array(z.object({ _id: z.string() })).catch([]),
  files: z.array(file).catch([]),
  file: some(file),
  attachments: z.array(z.object({ description: text })).catch([]),
});
export type Message = z.infer<typeof message>;

/** https://developer.rocket.chat/apidocs/get-rooms. `lm`: when the last message was said. */
export const rooms = z.array(z.object({ _id: id, t: text, fname: text, name: text, usersCount: some(z.number()), lm: some(time) }));
export type Room = z.infer<typeof rooms>[number];

/** https://developer.rocket.chat/apidocs/sync-messages */
export const synced = z.object({
  updated: z.array(message.optional().catch(undefined)),
  deleted: z.array(z.object({ _id: id, _deletedAt: time }).optional().catch(undefined)),
});

/** A frame of DDP: https://github.com/meteor/meteor/blob/devel/packages/ddp/DDP.md */
export const frame = z.object({
  msg: z.string(),
  id: some(z.string()),
  subs: z.array(z.string()).catch([]),
  error: some(z.object({ error: z.union([z.number(), z.string()]), reason: text })),
  collection: text,
  fields: some(z.object({ eventName: z.string(), args: z.array(z.unknown()) })),
});

/** The arguments of `__my_messages__`. */
export const told = z.tuple([message, z.object({ roomParticipant: z.boolean(), roomType: text, roomName: text })]).rest(z.unknown());
export const erased = z.tuple([z.object({ _id: id })]).rest(z.unknown());

/** What an outgoing integration posts (its triggerHandler). Rooms without a name are direct. */
export const posted = z.object({
  ...{ channel_id: id, channel_name: text, message_id: id, user_id: id, user_name: text, text, tmid: some(id) },
  ...{ timestamp: time, isEdited: z.boolean().catch(false), bot: z.unknown().optional() },
});
