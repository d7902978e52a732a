import type { Chat, PlatformEvent, Sender } from "../../core/event.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import { readSealedFile, refOf } from "./attachment.ts";
import { became, type RoomEvent } from "./event.ts";

/** What is known of a room while it is listened to. */
export interface RoomFacts {
  readonly direct: boolean;
  readonly title?: string;
  /** Display names, by user id; people choose them. */
  readonly names: ReadonlyMap<string, string>;
}

/** One event of a room, or nothing where it holds nothing for us; our own are left out. Pure. */
export function decode(event: RoomEvent, roomId: string, room: RoomFacts, self: string): PlatformEvent | undefined {
  if (event.type === "m.room.member") return decodeMembership(event, roomId, room, self);
  if (event.sender === self) return undefined;
  const { content } = event;
  const relation = objectOf(content["m.relates_to"]);
  const base = { key: event.event_id, at: event.origin_server_ts, sender: senderOf(event, room) };
  if (event.type === "m.room.redaction") {
    // Since room version 11 it stands in the content.
    const platformId = typeof content.redacts === "string" ? content.redacts : event.redacts;
    return platformId === undefined ? undefined : { ...base, kind: "delete", chat: chatOf(roomId, room, undefined), platformId };
  }
  if (event.type === "m.reaction") {
    const { event_id: platformId, key } = relation;
    if (typeof platformId !== "string" || typeof key !== "string") return undefined;
    return { ...base, kind: "reaction", chat: chatOf(roomId, room, undefined), platformId, reactions: [key.slice(0, 100)] };
  }
  if (relation.rel_type === "m.replace") {
    const parts = partsOf(event.type, objectOf(content["m.new_content"]));
    if (typeof relation.event_id !== "string" || parts.length === 0) return undefined;
    return { ...base, kind: "edit", chat: chatOf(roomId, room, undefined), platformId: relation.event_id, parts };
  }
  const reply = replyOf(relation);
  const parts = partsOf(event.type, reply === undefined ? content : withoutFallback(content));
  if (parts.length === 0) return undefined;
  const thread = relation.rel_type === "m.thread" && typeof relation.event_id === "string" ? relation.event_id : undefined;
  return {
    ...base,
    kind: "message",
    chat: chatOf(roomId, room, thread),
    platformId: event.event_id,
    parts,
    ...(reply === undefined ? {} : { replyTo: reply }),
    addressed: room.direct || isAddressed(content, self),
  };
}

/** Ours only: who else comes and goes is nobody's message. */
function decodeMembership(event: RoomEvent, roomId: string, room: RoomFacts, self: string): PlatformEvent | undefined {
  const membership = (["join", "leave", "ban"] as const).find((one) => became(event, self, one));
  if (membership === undefined) return undefined;
  return {
    kind: "membership",
    key: event.event_id,
    at: event.origin_server_ts,
    chat: chatOf(roomId, room, undefined),
    sender: { ...senderOf(event, room), self: event.sender === self },
    change: membership === "join" ? "joined" : membership === "ban" ? "blocked" : "left",
  };
}

function chatOf(id: string, { direct, title }: RoomFacts, thread: string | undefined): Chat {
  return { id, kind: direct ? "direct" : "group", ...(thread === undefined ? {} : { thread }), ...(title ? { title } : {}) };
}

/** Notices are for what machines say, and are never answered: https://spec.matrix.org/v1.16/client-server-api/#mnotice */
function senderOf({ sender, content }: RoomEvent, { names }: RoomFacts): Sender {
  const name = names.get(sender) ?? /^@([^:]+):/.exec(sender)?.[1];
  return { id: sender, ...(name ? { name } : {}), handle: sender, bot: content.msgtype === "m.notice", self: false };
}

/** In a thread, programs that know no threads are told to show a reply to its newest message; that says nothing. */
function replyOf(relation: Readonly<Record<string, unknown>>): string | undefined {
  if (relation.rel_type === "m.thread" && relation.is_falling_back === true) return undefined;
  const { event_id: id } = objectOf(relation["m.in_reply_to"]);
  return typeof id === "string" ? id : undefined;
}

/** Older programs repeat the answered message in front: https://spec.matrix.org/v1.12/client-server-api/#fallbacks-for-rich-replies */
function withoutFallback(content: RoomEvent["content"]): RoomEvent["content"] {
  const { body } = content;
  if (typeof body !== "string" || !/^> (\* )?<@/.test(body)) return content;
  return { ...content, body: body.replace(/^(?:>[^\n]*\n)+\n?/, "") };
}

/** https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions; where a program says nothing of mentions, a pill or the id in the text. */
function isAddressed(content: RoomEvent["content"], self: string): boolean {
  const mentions = content["m.mentions"];
  if (typeof mentions === "object" && mentions !== null) {
    const { user_ids: users } = mentions as { user_ids?: unknown };
    return Array.isArray(users) && users.includes(self);
  }
  const { formatted_body: html, body } = content;
  const pill = `https://matrix.to/#/${self}`;
  const named = (text: unknown, what: string) => typeof text === "string" && text.includes(what);
  return named(html, `${pill}"`) || named(html, `https://matrix.to/#/${encodeURIComponent(self)}"`) || named(body, self);
}

/** https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes */
function partsOf(type: string, content: Readonly<Record<string, unknown>>): Part[] {
  if (type === "m.room.encrypted") return [textPart("[An encrypted message. This account can't read encrypted rooms.]")];
  if (type === "m.sticker") return filePart("image", content);
  if (type !== "m.room.message") return [];
  const body = typeof content.body === "string" ? content.body : "";
  switch (content.msgtype) {
    case "m.image":
      return filePart("image", content);
    case "m.video":
      return filePart("video", content);
    case "m.audio":
      return filePart(content["org.matrix.msc3245.voice"] === undefined ? "audio" : "voice", content);
    case "m.file":
      return filePart("file", content);
    case "m.location": {
      const [, latitude, longitude] = /^geo:(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)/.exec(String(content.geo_uri)) ?? [];
      if (latitude === undefined || longitude === undefined || Math.abs(Number(latitude)) > 90 || Math.abs(Number(longitude)) > 180) break;
      return [
        { type: "location", latitude: Number(latitude), longitude: Number(longitude), ...(body ? { title: body.slice(0, 255) } : {}) },
      ];
    }
    case "m.emote":
      return body === "" ? [] : [textPart(`/me ${body}`)];
  }
  return body === "" ? [] : [textPart(body)];
}

function filePart(type: FilePart["type"], content: Readonly<Record<string, unknown>>): Part[] {
  const { body, filename } = content;
  const sealed = readSealedFile(content.file);
  const url = content.file === undefined ? content.url : sealed?.url;
  const { mimetype, size } = objectOf(content.info);
  if (typeof url !== "string" || !mxcShape.test(url)) {
    const reason = content.file === undefined ? "its address can't be read" : "how it is encrypted can't be read";
    return [{ type, source: { at: "nowhere", reason } }];
  }
  // A body beside a file name is what is said with the file.
  const [name, caption] = typeof filename === "string" ? [filename, body === filename ? undefined : body] : [body, undefined];
  return [
    {
      type,
      source: {
        ...{ at: "platform", ref: sealed ? refOf(sealed) : url },
        ...(typeof mimetype === "string" ? { mediaType: mimetype.slice(0, 128) } : {}),
        ...(typeof size === "number" && size >= 0 ? { size } : {}),
      },
      ...(typeof name === "string" && name !== "" ? { name: name.slice(0, 255) } : {}),
      ...(typeof caption === "string" && caption !== "" ? { caption } : {}),
    },
  ];
}

/** https://spec.matrix.org/v1.16/client-server-api/#matrix-content-mxc-uris */
export const mxcShape = /^mxc:\/\/([A-Za-z0-9.:[\]-]{1,255})\/([A-Za-z0-9_-]{1,255})$/;

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
