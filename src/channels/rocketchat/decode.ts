import type { Chat, PlatformEvent } from "../../core/event.ts";
import { mentions, withoutName } from "../../core/mention.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { FileInfo, Message, Room } from "./message.ts";

/** Where a room is. */
export type Place = Pick<Chat, "kind" | "title">;

/** How the account sees itself and a message's room. `name`: as people see it, with the `@`. */
export interface View extends Place {
  readonly self: string;
  readonly name: string;
  readonly replyInThread: boolean;
  /** What was said before (milliseconds) is known, and only told again because something about it changed. */
  readonly since: number;
}

/** `d` is direct, but among more than two. */
export function placeOf({ t, name, fname, usersCount = 0 }: Pick<Room, "t" | "name" | "fname" | "usersCount">): Place {
  const title = fname || name;
  return t === "d" && usersCount <= 2 ? { kind: "direct" } : { kind: "group", ...(title ? { title } : {}) };
}

/**
 * What one message says. The server tells it again, whole, whenever something about it changes (a reaction, a pin, a reply under it):
 * its key is then the one that is known. Pure.
 */
export function decode(message: Message, view: View): readonly PlatformEvent[] {
  const { _id: id, rid, u, ts: at, t, editedAt } = message;
  if (u._id === view.self) return [];
  if (t === "rm") return [deleted(id, chatOf(message, view), editedAt ?? at)];
  const parts = partsOf(message, view);
  if (t !== "" || parts.length === 0) return [];
  const names = { ...(u.name || u.username ? { name: u.name || u.username } : {}), ...(u.username ? { handle: `@${u.username}` } : {}) };
  const sender = { id: u._id, ...names, bot: message.bot !== undefined && message.bot !== null, self: false };
  const base = { chat: chatOf(message, view), sender, platformId: id, parts };
  const addressed = view.kind === "direct" || isMentioned(message, view);
  return [
    ...(at > view.since ? [{ kind: "message", key: `${rid}:${id}`, at, ...base, addressed } as const] : []),
    ...(editedAt === undefined ? [] : [{ kind: "edit", key: `edit:${id}:${editedAt}`, at: editedAt, ...base } as const]),
  ];
}

/** The server doesn't say who did it: the chat stands in. */
export function deleted(platformId: string, chat: Chat, at: number): PlatformEvent {
  return { kind: "delete", key: `delete:${platformId}`, chat, sender: { id: chat.id, bot: false, self: false }, at, platformId };
}

/** What addresses us in a room begins a thread, where the operator wants answers there: the rest of that talk then has the same conversation. */
export function chatOf(message: Message, view: View): Chat {
  const { kind, title, replyInThread } = view;
  const thread = message.tmid ?? (replyInThread && kind === "group" && isMentioned(message, view) ? message._id : undefined);
  return { id: message.rid, kind, ...(thread ? { thread } : {}), ...(title ? { title } : {}) };
}

/** Not by `@all` and `@here`, which mean everybody. An integration that posts to us names nobody. */
function isMentioned(message: Message, { self, name }: View): boolean {
  return message.mentions.some(({ _id }) => _id === self) || mentions(message.msg, name);
}

function partsOf({ msg, attachments, files, file }: Message, { name }: View): Part[] {
  const words = [withoutName(msg, name), ...attachments.map(({ description }) => description)].filter(Boolean).join("\n");
  const all = files.length > 0 ? files : file ? [file] : [];
  // The server makes small pictures of large ones.
  const sent = all.filter(({ typeGroup, name: title }) => typeGroup !== "thumb" && !title.startsWith("thumb-"));
  return [...(words ? [textPart(words)] : []), ...sent.map(fileOf)];
}

function fileOf({ _id, name, type: mediaType, size }: FileInfo): FilePart {
  const type = /^(image|audio|video)\//.exec(mediaType)?.[1] as "image" | "audio" | "video" | undefined;
  const ref = `${_id}/${encodeURIComponent(name || "file")}`;
  const told = { ...(mediaType ? { mediaType } : {}), ...(size === undefined ? {} : { size }) };
  return { type: type ?? "file", source: { at: "platform", ref, ...told }, ...(name ? { name: name.slice(0, 255) } : {}) };
}
