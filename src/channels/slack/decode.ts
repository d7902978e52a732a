import type { Chat, MessageEvent, PlatformEvent, Sender } from "../../core/event.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { Instant } from "../../core/terms.ts";
import { readMrkdwn } from "./mrkdwn.ts";
import type { Actions, Callback, Command, Payload, Said, SlackEvent, SlackFile } from "./payload.ts";

/** How the account sees itself and its channels. Before the first probe its ids come from the events alone. */
export interface View {
  readonly id: string | undefined;
  /** As people see it, with the `@`. */
  readonly name: string | undefined;
  readonly replyInThread: boolean;
}

/** What one payload says. Pure; `now` stands in where Slack gives no time (slash commands). */
export function decode(payload: Payload, view: View, now: Instant): readonly PlatformEvent[] {
  switch (payload.is) {
    case "event": {
      const event = decodeEvent(payload.callback, view);
      return event ? [event] : [];
    }
    case "press":
      return decodePress(payload.actions, now);
    case "command":
      return [decodeCommand(payload.command, now)];
    default:
      return [];
  }
}

/** Who we are in the workspace that this event is about. */
interface Self {
  readonly user: string | undefined;
  readonly app: string | undefined;
}

function decodeEvent(callback: Callback, view: View): PlatformEvent | undefined {
  const { event } = callback;
  const installed = callback.authorizations?.find((one) => one.is_bot !== false)?.user_id;
  const self: Self = { user: view.id ?? installed, app: callback.api_app_id };
  switch (event.type) {
    case "message":
    case "app_mention":
      return decodeMessage(callback, self, view);
    case "reaction_added":
    case "reaction_removed":
      return decodeReaction(callback, self);
    case "member_joined_channel":
    case "member_left_channel":
      return decodeMembership(callback, self);
    default:
      return undefined;
  }
}

/** Kinds of message that somebody said; the others tell of the channel (joins, topics, pins, …). */
const saying = new Set([undefined, "file_share", "thread_broadcast", "me_message", "bot_message"]);

/**
 * A mention comes twice, as `message` and as `app_mention`, under two event ids; a shared channel's messages may come once for each
 * workspace. So a message's key is its channel and `ts`, which are the same in all of them.
 */
function decodeMessage({ event, event_id }: Callback, self: Self, view: View): PlatformEvent | undefined {
  const { channel, subtype } = event;
  if (!channel) return undefined;
  if (subtype === "message_changed") return decodeEdit(event, event_id, channel, self, view);
  if (subtype === "message_deleted") {
    const { deleted_ts: platformId, previous_message: before, event_ts } = event;
    return platformId && event_ts ? deleted(event_id, chatOf(event, before, channel, self, view), platformId, event_ts) : undefined;
  }
  if (!saying.has(subtype) || !event.ts) return undefined;
  const parts = partsOf(event, self, view);
  const sender = senderOf(event, self);
  if (parts.length === 0 || !sender) return undefined;
  const chat = chatOf(event, event, channel, self, view);
  const said: MessageEvent = {
    kind: "message",
    key: `${channel}:${event.ts}`,
    chat,
    sender,
    at: instantOf(event.ts),
    platformId: event.ts,
    parts,
    addressed: chat.kind === "direct" || event.type === "app_mention" || mentions(event, self),
  };
  return said;
}

/** Slack also "changes" a message when it adds the previews of its links, or when a thread begins under it: no edit. */
function decodeEdit(event: SlackEvent, key: string, channel: string, self: Self, view: View): PlatformEvent | undefined {
  const { message, previous_message: before } = event;
  if (!message?.ts) return undefined;
  const at = message.edited?.ts ?? event.event_ts ?? message.ts;
  const chat = chatOf(event, message, channel, self, view);
  if (message.subtype === "tombstone") return deleted(key, chat, message.ts, at);
  if (before !== undefined && before.text === message.text && before.files?.length === message.files?.length) return undefined;
  const sender = senderOf(message, self);
  const parts = partsOf(message, self, view);
  if (!sender || parts.length === 0) return undefined;
  return { kind: "edit", key, chat, sender, at: instantOf(at), platformId: message.ts, parts };
}

/** Slack doesn't say who did it: the chat stands in. */
function deleted(key: string, chat: Chat, platformId: string, at: string): PlatformEvent {
  return { kind: "delete", key, chat, sender: { id: chat.id, bot: false, self: false }, at: instantOf(at), platformId };
}

/** Slack tells of one emoji at a time, and not in which thread. */
function decodeReaction({ event, event_id }: Callback, self: Self): PlatformEvent | undefined {
  const { user, item, reaction, event_ts } = event;
  if (!user || item?.type !== "message" || !item.channel || !item.ts || !reaction || !event_ts) return undefined;
  return {
    kind: "reaction",
    key: event_id,
    chat: { id: item.channel, kind: kindOf(item.channel, undefined) },
    sender: { id: user, bot: false, self: user === self.user },
    at: instantOf(event_ts),
    platformId: item.ts,
    reactions: event.type === "reaction_added" ? [`:${reaction}:`] : [],
  };
}

/** Only our own coming and going. https://docs.slack.dev/reference/events/member_joined_channel */
function decodeMembership({ event, event_id, event_time }: Callback, self: Self): PlatformEvent | undefined {
  const { user, channel, inviter } = event;
  if (!user || user !== self.user || !channel) return undefined;
  const by = event.type === "member_joined_channel" && inviter ? inviter : user;
  const at = event.event_ts === undefined ? (event_time ?? 0) * 1000 : instantOf(event.event_ts);
  return {
    kind: "membership",
    key: event_id,
    chat: { id: channel, kind: kindOf(channel, event.channel_type) },
    sender: { id: by, bot: by === self.user, self: by === self.user },
    at,
    change: event.type === "member_joined_channel" ? "joined" : "left",
  };
}

function decodePress(press: Actions, now: Instant): readonly PlatformEvent[] {
  const { user, message, container } = press;
  const channel = press.channel?.id ?? container?.channel_id;
  const platformId = message?.ts ?? container?.message_ts;
  if (!channel) return [];
  const root = message?.thread_ts ?? container?.thread_ts;
  const name = user.name ?? user.username;
  return press.actions.flatMap(({ type, value, action_ts }, index): PlatformEvent[] => {
    // A link button is pressed too, but nobody is to be told.
    if (type !== "button" || !value) return [];
    return [
      {
        kind: "press",
        key: `${press.trigger_id}:${index}`,
        chat: { id: channel, kind: kindOf(channel, undefined), ...(root && root !== platformId ? { thread: root } : {}) },
        sender: { id: user.id, ...(name ? { name } : {}), bot: false, self: false },
        at: action_ts === undefined ? now : instantOf(action_ts),
        token: value,
        ...(platformId === undefined ? {} : { platformId }),
      },
    ];
  });
}

/** A command is not a message that others see: its id can't be replied to. */
function decodeCommand({ command, text, user_id, user_name, channel_id, channel_name, trigger_id }: Command, now: Instant): PlatformEvent {
  const kind = kindOf(channel_id, undefined);
  return {
    kind: "message",
    key: `command:${trigger_id}`,
    chat: { id: channel_id, kind, ...(channel_name && kind === "group" ? { title: `#${channel_name}` } : {}) },
    sender: { id: user_id, ...(user_name ? { name: user_name } : {}), bot: false, self: false },
    at: now,
    platformId: `command:${trigger_id}`,
    parts: [textPart(text === "" ? command : `${command} ${readMrkdwn(text)}`)],
    addressed: true,
  };
}

/** `channel_type` where Slack gives it; a conversation with one person has an id of D… (https://docs.slack.dev/reference/objects/conversation-object). */
function kindOf(channel: string, type: string | undefined): Chat["kind"] {
  return type === "im" || type === "app_home" || (type === undefined && channel.startsWith("D")) ? "direct" : "group";
}

/**
 * A reply is in its thread. What addresses us in a channel begins one, where the operator wants answers there: the rest of that talk
 * then has the same conversation.
 */
function chatOf(event: SlackEvent, said: Said | undefined, channel: string, self: Self, view: View): Chat {
  const kind = kindOf(channel, event.channel_type);
  const reply = said?.thread_ts !== undefined && said.thread_ts !== said.ts ? said.thread_ts : undefined;
  const begins = view.replyInThread && kind === "group" && said !== undefined && (event.type === "app_mention" || mentions(said, self));
  const thread = reply ?? (begins ? said.ts : undefined);
  return { id: channel, kind, ...(thread === undefined ? {} : { thread }) };
}

function mentions(said: Said, self: Self): boolean {
  const { text = "" } = said;
  return self.user !== undefined && (text.includes(`<@${self.user}>`) || text.includes(`<@${self.user}|`));
}

/** A message of ours has our user, or the id of our app. Old integrations speak as a bot without a user. */
function senderOf(said: Said, self: Self): Sender | undefined {
  const id = said.user ?? said.bot_id;
  if (id === undefined) return undefined;
  const app = said.app_id ?? said.bot_profile?.app_id;
  const ours = id === self.user || (said.bot_id !== undefined && app !== undefined && app === self.app);
  const name = said.bot_profile?.name ?? said.username;
  return { id, ...(name ? { name } : {}), bot: said.bot_id !== undefined || ours, self: ours };
}

function partsOf(said: Said, self: Self, view: View): Part[] {
  const written = said.text || (said.attachments ?? []).map((one) => one.text ?? one.fallback ?? one.pretext ?? "").join("\n");
  const words = readMrkdwn(written, { id: self.user, name: view.name }).trim();
  return [...(words ? [textPart(words)] : []), ...(said.files ?? []).map(fileOf)];
}

/** https://docs.slack.dev/reference/objects/file-object: the address is asked for when the file is fetched. */
function fileOf(file: SlackFile): FilePart {
  const { mimetype = "", size } = file;
  const kind = /^(image|audio|video)\//.exec(mimetype)?.[1] as "image" | "audio" | "video" | undefined;
  const type = file.subtype === "slack_audio" ? "voice" : (kind ?? "file");
  const name = file.name ?? file.title;
  const lost =
    file.mode === "tombstone"
      ? "it was deleted in Slack"
      : file.mode === "hidden_by_limit"
        ? "the workspace's plan hides it"
        : file.is_external || file.mode === "external"
          ? "it is kept by another service"
          : undefined;
  const source: FilePart["source"] = lost
    ? { at: "nowhere", reason: lost }
    : { at: "platform", ref: file.id, ...(mimetype ? { mediaType: mimetype } : {}), ...(size === undefined ? {} : { size }) };
  return { type, source, ...(name ? { name } : {}) };
}

function instantOf(ts: string): Instant {
  return Math.round(Number(ts) * 1000);
}
