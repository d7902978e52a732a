import type { Chat, PlatformEvent, Sender } from "../../core/event.ts";
import { type DeliveryId, looksLikeDelivery } from "../../core/ids.ts";
import { mentions, withoutName } from "../../core/mention.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { FileInfo, Post, SocketEvent } from "./post.ts";

/** Under this name a post of ours carries its delivery's id, which the server gives back with it. */
export const deliveryProp = "polylogue";

/** Where a channel is. */
export type Place = Pick<Chat, "kind" | "title">;

/** How the account sees itself and a post's channel. `name`: as people see it, with the `@`. */
export interface View extends Place {
  readonly self: string;
  readonly name: string;
  readonly replyInThread: boolean;
}

/** D is a direct channel; G one of several people, O and P those of a team. */
export function placeOf(type: string, title: string): Place {
  return type === "D" ? { kind: "direct" } : { kind: "group", ...(title ? { title } : {}) };
}

/** What one event of the socket says. Pure; `key` is the same when it comes again. */
export function decodeEvent({ event, data, broadcast }: SocketEvent, key: string, view: View): readonly PlatformEvent[] {
  const { post, reaction } = data;
  if (event === "posted" && post) return decodePost(post, view, data.sender_name.replace(/^@/, ""));
  if (event === "post_edited" && post) return decodeEdit(post, view);
  if (event === "post_deleted" && post) return decodeDeletion(post, view);
  if (!/^reaction_(added|removed)$/.test(event) || !reaction || !broadcast.channel_id) return [];
  // It tells of one at a time, and not in which thread.
  const sender = { id: reaction.user_id, bot: false, self: reaction.user_id === view.self };
  const reactions = event === "reaction_added" ? [`:${reaction.emoji_name}:`] : [];
  const chat = chatOf({ channel_id: broadcast.channel_id }, view);
  return [{ kind: "reaction", key, chat, sender, at: reaction.create_at, platformId: reaction.post_id, reactions }];
}

/** A post of ours says that its delivery arrived; of others' those count that somebody said. */
export function decodePost(post: Post, view: View, username = ""): readonly PlatformEvent[] {
  const { id, create_at: at, user_id, props } = post;
  const base = { at, platformId: id };
  if (user_id === view.self) {
    const delivery = String(props[deliveryProp]);
    if (!looksLikeDelivery(delivery)) return [];
    const told = { key: `receipt:${id}`, chat: chatOf(post, view), sender: unsaid(post), delivery: delivery as DeliveryId };
    return [{ kind: "receipt", ...base, ...told, state: "delivered" }];
  }
  const parts = partsOf(post, view);
  if (post.type.startsWith("system_") || parts.length === 0) return [];
  const addressed = view.kind === "direct" || isMentioned(post, view);
  return [
    { kind: "message", key: id, ...base, chat: chatOf(post, view, begun(post, view)), sender: senderOf(post, username), parts, addressed },
  ];
}

/** Pins and previews change a post, too: they have no time of an edit, or the last one's. */
export function decodeEdit(post: Post, view: View): readonly PlatformEvent[] {
  const { id, edit_at: at, user_id } = post;
  const parts = partsOf(post, view);
  if (at === 0 || user_id === view.self || parts.length === 0) return [];
  const chat = chatOf(post, view, begun(post, view));
  return [{ kind: "edit", key: `edit:${id}:${at}`, chat, sender: senderOf(post, ""), at, platformId: id, parts }];
}

/** The server doesn't say everywhere who did it, nor, afterwards, what it said: then it may have begun a thread or not. */
export function decodeDeletion(post: Post, view: View): readonly PlatformEvent[] {
  const { id, delete_at, update_at, message } = post;
  if (post.user_id === view.self) return [];
  const threads = message !== "" || !mayBegin(post, view) ? [begun(post, view)] : ["", id];
  return threads.map((thread) => {
    const key = `delete:${id}:${thread}`;
    return { kind: "delete", key, chat: chatOf(post, view, thread), sender: unsaid(post), at: delete_at || update_at, platformId: id };
  });
}

function chatOf({ channel_id: id, root_id = "" }: { channel_id: string; root_id?: string }, { kind, title }: Place, thread = ""): Chat {
  const within = root_id || thread;
  return { id, kind, ...(within ? { thread: within } : {}), ...(title ? { title } : {}) };
}

/** What addresses us in a channel begins a thread, where the operator wants answers there: the rest of that talk then has the same conversation. */
function begun(post: Post, view: View): string {
  return mayBegin(post, view) && isMentioned(post, view) ? post.id : "";
}

function mayBegin({ root_id }: Post, { replyInThread, kind }: View): boolean {
  return replyInThread && kind === "group" && root_id === "";
}

/** By name, not by `@all` and its like, which mean everybody. The server's own list of whom it told comes over the socket only. */
function isMentioned({ message }: Post, { name }: View): boolean {
  return mentions(message, name);
}

function unsaid({ channel_id: id }: Post): Sender {
  return { id, bot: false, self: false };
}

/** The server itself marks posts of bots and webhooks; that a person may mark his own as one gains nothing. */
function senderOf({ user_id: id, props }: Post, username: string): Sender {
  const bot = props.from_bot === "true" || props.from_webhook === "true";
  return { id, ...(username ? { name: username, handle: `@${username}` } : {}), bot, self: false };
}

function partsOf({ message, metadata }: Post, { name }: View): Part[] {
  const words = withoutName(message, name);
  return [...(words ? [textPart(words)] : []), ...metadata.files.map(fileOf)];
}

function fileOf({ id, name, mime_type: mediaType, size }: FileInfo): FilePart {
  const type = /^(image|audio|video)\//.exec(mediaType)?.[1] as "image" | "audio" | "video" | undefined;
  const told = { ...(mediaType ? { mediaType } : {}), ...(size === undefined ? {} : { size }) };
  return { type: type ?? "file", source: { at: "platform", ref: id, ...told }, ...(name ? { name: name.slice(0, 255) } : {}) };
}
