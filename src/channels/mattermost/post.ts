import { z } from "zod";
import { parseForeignJson } from "../../core/json.ts";
import { idShape } from "./api.ts";

/**
 * What the server sends, as far as we read it. It adds fields and kinds at any time, and one odd field must not cost a message: unknown
 * fields are dropped, an unreadable optional one counts as absent.
 */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const id = z.string().regex(idShape);
const text = z.string().catch("");
/** Milliseconds since 1970; 0 where it didn't happen. */
const time = z.int().nonnegative().catch(0);

const file = z.object({ id, name: text, mime_type: text, size: some(z.int().nonnegative()) });
export type FileInfo = z.infer<typeof file>;

/** https://developers.mattermost.com/api-documentation/#/schemas/Post. `original_id`: it is a former version, kept as history. */
const post = z.object({
  ...{ id, user_id: id, channel_id: id, root_id: text, original_id: text, message: text, type: text },
  ...{ create_at: z.int().positive(), update_at: time, edit_at: time, delete_at: time },
  props: z.record(z.string(), z.unknown()).catch({}),
  metadata: z.object({ files: z.array(file).catch([]) }).catch({ files: [] }),
});
export type Post = z.infer<typeof post>;

export const channels = z.array(z.object({ id, type: text, display_name: text, last_post_at: time }));
export type Channel = z.infer<typeof channels>[number];

export const users = z.array(z.object({ id, username: text }));

/** `order` has the newest first; `posts` may hold more than it names. */
export const page = z.object({ order: z.array(id), posts: z.record(z.string(), post.optional().catch(undefined)) });

/** Objects within an event come as a string of JSON. */
const json = z.string().transform((value, issues): unknown => {
  const read = parseForeignJson(Buffer.from(value));
  if (read.ok) return read.value;
  issues.addIssue({ code: "custom", message: "no JSON" });
  return z.NEVER;
});
const reaction = z.object({ user_id: id, post_id: id, emoji_name: z.string().min(1).max(64), create_at: time });

/** https://developers.mattermost.com/api-documentation/#/#websocket-events. Answers to what we said have no `event`. */
export const socketEvent = z.object({
  ...{ event: z.string(), seq: z.int().nonnegative() },
  data: z
    .object({ connection_id: some(id), post: some(json.pipe(post)), reaction: some(json.pipe(reaction)) })
    .extend({ sender_name: text, channel_type: text, channel_display_name: text })
    .catch({ sender_name: "", channel_type: "", channel_display_name: "" }),
  broadcast: z.object({ channel_id: some(id) }).catch({}),
});
export type SocketEvent = z.infer<typeof socketEvent>;

/** A button that was pressed: https://developers.mattermost.com/integrate/plugins/interactive-messages/#parameters */
export const action = z.object({
  ...{ user_id: id, user_name: text, post_id: id, channel_id: id, trigger_id: z.string().min(1).max(1024) },
  context: z.object({ token: z.string().max(64), kind: z.enum(["direct", "group"]), thread: some(id), proof: z.string().max(128) }),
});
