import type { Element } from "@xmpp/client";
import type { Chat, MessageEvent, PlatformEvent, ReceiptEvent } from "../../core/event.ts";
import { type DeliveryId, looksLikeDelivery } from "../../core/ids.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import { faultOfError } from "../../wires/xmpp/failure.ts";
import { ns, splitJid } from "../../wires/xmpp/names.ts";
import type { Room } from "../../wires/xmpp/room.ts";

/** What is known when a message comes. */
export interface Facts {
  /** Our bare address. */
  readonly self: string;
  readonly room?: Room | undefined;
  readonly past: boolean;
  /** The id that the chat's archive gave it, if that can be believed. */
  readonly id?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
  /** Names an event that has no id: the connection's and a number. */
  readonly key: string;
}

type Base = Pick<MessageEvent, "key" | "chat" | "at" | "sender">;

/** What one message tells us, or nothing. Pure, but that a room learns which ids its messages have. */
export function decode(message: Element, facts: Facts): PlatformEvent | undefined {
  const { self, room, at, id } = facts;
  const { type = "normal", from = self, id: called } = message.attrs;
  const [bare, nick] = splitJid(from);
  // Where we are in a room, its people can write to us alone, under their nick, which proves nobody.
  if (room ? type !== "groupchat" : !/^(chat|normal|error)$/.test(type) || message.getChild("x", ns.mucUser)) return undefined;
  const person = room ? (nick === "" ? room.jid : room.personOf(message, facts.past)) : bare;
  if (room && id !== undefined) room.learn(person, called, id);
  const ours = room ? room.isOurs(person, nick, self) : bare === self;
  const chat: Chat = room
    ? { id: room.jid, kind: "group", title: room.title }
    : { id: ours ? splitJid(message.attrs.to ?? self)[0] : bare, kind: "direct" };
  const key = id !== undefined ? `${room?.jid ?? ""}:${id}` : called !== undefined ? `${from}:${called}`.slice(0, 500) : facts.key;
  const sender = { id: person, name: room ? nick : (bare.split("@", 1)[0] ?? bare), handle: from, bot: false, self: false };
  const base: Base = { key, at, chat, sender };
  if (ours) {
    const receipt = receiptOf(base, called, "delivered", room ? id : undefined);
    return receipt && { ...receipt, delivery: called as DeliveryId };
  }
  if (type === "error") return bounced(message, base);
  if (!room) {
    const received = message.getChild("received", ns.receipts)?.attrs.id;
    const read = message.getChild("displayed", ns.markers)?.attrs.id;
    if (received ?? read) return receiptOf(base, received ?? read, read === undefined ? "delivered" : "read");
  }
  const changed = changeOf(message, base, room);
  if (changed !== undefined) return changed === "nothing" ? undefined : changed;
  return room && nick === "" ? undefined : messageOf(message, base, facts);
}

/** A word about a message of ours. Others name it by its receipt only: what they know from a room must not count here. */
function receiptOf(base: Base, called: string | undefined, state: "delivered" | "read", receipt = called): ReceiptEvent | undefined {
  if (called === undefined || receipt === undefined || !looksLikeDelivery(called)) return undefined;
  return { ...base, key: `${base.sender.id}:${state}:${called}`.slice(0, 500), kind: "receipt", platformId: receipt, state };
}

/** Sent by us, taken by our server, and refused behind it. */
function bounced(message: Element, base: Base): ReceiptEvent | undefined {
  const receipt = receiptOf(base, message.attrs.id, "delivered");
  return (
    receipt && {
      ...receipt,
      key: `${base.sender.id}:failed:${receipt.platformId}`.slice(0, 500),
      state: "failed",
      error: faultOfError(message),
    }
  );
}

/** What happens to an earlier message. What is also there as text is for programs that know no better. */
function changeOf(message: Element, base: Base, room: Room | undefined): PlatformEvent | "nothing" | undefined {
  const retracted = message.getChild("retract", ns.retract)?.attrs.id;
  if (retracted !== undefined) {
    // Only who wrote it, or the room itself for a moderator: https://xmpp.org/extensions/xep-0425.html
    const may = !room || base.sender.id === room.jid || room.isBy(retracted, base.sender.id);
    return may ? { ...base, kind: "delete", platformId: retracted } : "nothing";
  }
  const reactions = message.getChild("reactions", ns.reactions);
  if (reactions?.attrs.id !== undefined) {
    const all = reactions.getChildren("reaction").map((reaction) => reaction.getText().trim().slice(0, 100));
    return { ...base, kind: "reaction", platformId: reactions.attrs.id, reactions: [...new Set(all)].filter(Boolean).slice(0, 20) };
  }
  const corrected = message.getChild("replace", ns.correct)?.attrs.id;
  const platformId = corrected === undefined ? undefined : room ? room.idOf(base.sender.id, corrected) : corrected;
  return platformId === undefined ? undefined : { ...base, kind: "edit", platformId, parts: partsOf(message, bodyOf(message)) };
}

function messageOf(message: Element, base: Base, { room, id }: Facts): MessageEvent | undefined {
  const reply = message.getChild("reply", ns.reply);
  const { addressed, words } = room ? address(bodyOf(message), room.nick) : { addressed: true, words: bodyOf(message) };
  const parts = partsOf(message, words);
  if (parts.length === 0) return undefined;
  return {
    ...{ ...base, kind: "message", parts, platformId: (room ? id : message.attrs.id) ?? base.key },
    ...(reply?.attrs.id === undefined ? {} : { replyTo: reply.attrs.id }),
    addressed: addressed || (room !== undefined && reply?.attrs.to === `${room.jid}/${room.nick}`),
  };
}

/** The words, without what is quoted in front for programs that know no replies; positions count characters, not UTF-16 units. */
function bodyOf(message: Element): string {
  const body = message.getChildText("body") ?? "";
  const quoted = message
    .getChildren("fallback", ns.fallback)
    .find((one) => one.attrs.for === ns.reply)
    ?.getChild("body")?.attrs;
  if (!quoted) return body;
  const letters = [...body];
  const [start, end] = [Number(quoted.start ?? 0), Number(quoted.end ?? letters.length)];
  return start >= 0 && end >= start ? [...letters.slice(0, start), ...letters.slice(end)].join("") : body;
}

function partsOf(message: Element, words: string): Part[] {
  if (message.getChild("encryption", ns.encryption))
    return [textPart("[An encrypted message. This account can't read encrypted messages.]")];
  const url = message.getChild("x", ns.oob)?.getChildText("url") ?? undefined;
  const text = words.trim() === "" || words === url ? [] : [textPart(words)];
  return url === undefined ? text : [filePart(url), ...text];
}

const types: Readonly<Record<string, FilePart["type"]>> = {
  ...Object.fromEntries("jpg jpeg png gif webp avif heic".split(" ").map((end) => [end, "image"])),
  ...Object.fromEntries("mp3 m4a ogg oga opus wav flac aac".split(" ").map((end) => [end, "audio"])),
  ...Object.fromEntries("mp4 webm mov mkv".split(" ").map((end) => [end, "video"])),
};

/** What it is stands in its bytes; the address only says what to expect. */
function filePart(url: string): FilePart {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  const last = path.slice(path.lastIndexOf("/") + 1);
  const name = safely(last);
  const type = types[/\.(\w{1,5})$/.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "file";
  // With aesgcm: the file is encrypted, as the messages around it are.
  if (!/^https?:/i.test(url)) return { type: "file", source: { at: "nowhere", reason: "its address is none of the web's" } };
  return { type, source: { at: "platform", ref: url.slice(0, 2_000) }, ...(name === "" ? {} : { name: name.slice(0, 255) }) };
}

function safely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether our nick is in it as a word; in front of the rest ("polly: …") it isn't part of what is said. */
function address(said: string, nick: string): { readonly addressed: boolean; readonly words: string } {
  const name = RegExp.escape(nick);
  const front = new RegExp(`^@?${name}[:,]\\s+`, "iu").exec(said);
  if (front) return { addressed: true, words: said.slice(front[0].length) };
  return { addressed: new RegExp(`(?<![\\p{L}\\p{N}_-])${name}(?![\\p{L}\\p{N}_-])`, "iu").test(said), words: said };
}
