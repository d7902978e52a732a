import { z } from "zod";

/**
 * What Slack sends, as far as we read it. It adds fields and kinds at any time, and one odd field must not cost a message:
 * unknown fields are dropped, an unreadable optional one counts as absent.
 */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = some(z.string());
const id = z.string().min(1).max(64);
/** Seconds since 1970 with six digits behind the point: the id of a message in its channel. */
const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/);

/** https://docs.slack.dev/reference/objects/file-object */
const file = z.object({
  id,
  name: text,
  title: text,
  mimetype: text,
  size: some(z.int().nonnegative()),
  mode: text,
  subtype: text,
  is_external: some(z.boolean()),
});
export type SlackFile = z.infer<typeof file>;

const attachment = z.object({ text, fallback: text, pretext: text });

/** https://docs.slack.dev/reference/events/message */
const said = z.object({
  subtype: text,
  user: some(id),
  bot_id: some(id),
  app_id: text,
  bot_profile: some(z.object({ app_id: text, name: text })),
  username: text,
  text,
  ts: some(ts),
  thread_ts: some(ts),
  edited: some(z.object({ ts: some(ts) })),
  files: some(z.array(file)),
  attachments: some(z.array(attachment)),
});
export type Said = z.infer<typeof said>;

const event = said.extend({
  type: z.string(),
  channel: some(z.union([id, z.object({ id }).transform((of) => of.id)])),
  channel_type: text,
  event_ts: some(ts),
  message: some(said),
  previous_message: some(said),
  deleted_ts: some(ts),
  reaction: text,
  item: some(z.object({ type: z.string(), channel: some(id), ts: some(ts) })),
  inviter: some(id),
});
export type SlackEvent = z.infer<typeof event>;

/** https://docs.slack.dev/apis/events-api/#callback-field */
const callback = z.object({
  type: z.literal("event_callback"),
  event_id: z.string().min(1).max(128),
  event_time: some(z.int()),
  api_app_id: text,
  authorizations: some(z.array(z.object({ user_id: some(id), is_bot: some(z.boolean()) }))),
  event,
});
export type Callback = z.infer<typeof callback>;

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const actions = z.object({
  type: z.literal("block_actions"),
  trigger_id: z.string().min(1).max(256),
  user: z.object({ id, username: text, name: text }),
  channel: some(z.object({ id, name: text })),
  container: some(z.object({ channel_id: some(id), message_ts: some(ts), thread_ts: some(ts) })),
  message: some(said),
  actions: z.array(z.object({ type: text, value: text, action_ts: some(ts) })).max(25),
});
export type Actions = z.infer<typeof actions>;

/** https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
const command = z.object({
  command: z.string().startsWith("/").max(64),
  text: z.string().max(40_000).catch(""),
  user_id: id,
  user_name: text,
  channel_id: id,
  channel_name: text,
  trigger_id: z.string().min(1).max(256),
});
export type Command = z.infer<typeof command>;

export type Payload =
  | { readonly is: "challenge"; readonly challenge: string }
  | { readonly is: "event"; readonly callback: Callback }
  | { readonly is: "press"; readonly actions: Actions }
  | { readonly is: "command"; readonly command: Command }
  /** Of a kind that holds nothing for us; taken all the same, or Slack would send it again. */
  | { readonly is: "other"; readonly kind: string };

export interface ReadPayload {
  readonly payload?: Payload;
  readonly problem?: string;
}

/** One request's body or envelope's payload. A slash command has no `type`. */
export function readPayload(raw: unknown): ReadPayload {
  if (typeof raw !== "object" || raw === null) return { problem: "it is no object" };
  const { type, challenge, command: name } = raw as Record<string, unknown>;
  if (type === "url_verification") {
    return typeof challenge === "string" && challenge.length <= 1000
      ? { payload: { is: "challenge", challenge } }
      : { problem: "a url_verification without a challenge" };
  }
  if (type === "event_callback") return read(callback, raw, (of) => ({ is: "event", callback: of }));
  if (type === "block_actions") return read(actions, raw, (of) => ({ is: "press", actions: of }));
  if (type === undefined && name !== undefined) return read(command, raw, (of) => ({ is: "command", command: of }));
  return typeof type === "string" ? { payload: { is: "other", kind: type.slice(0, 64) } } : { problem: "it has no type" };
}

function read<Shape>(schema: z.ZodType<Shape>, raw: unknown, payload: (of: Shape) => Payload): ReadPayload {
  const found = schema.safeParse(raw);
  if (found.success) return { payload: payload(found.data) };
  const [issue] = found.error.issues;
  return { problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unreadable"}` };
}
