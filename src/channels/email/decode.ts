import type { Chat, PlatformEvent, ReceiptEvent, Sender } from "../../core/event.ts";
import { looksLikeDelivery } from "../../core/ids.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import { authenticationOf } from "../../wires/mail/authentication.ts";
import { type Bounce, isAutomatic, bounceOf as readBounce } from "../../wires/mail/automatic.ts";
import type { Mail, MailFile } from "../../wires/mail/parse.ts";
import { withoutQuoted } from "../../wires/mail/quoted.ts";
import { ownAddress, type Settings } from "./settings.ts";

/** Where a mail lies, and when it came, by the IMAP server. */
export interface Place {
  readonly uidValidity: string;
  readonly uid: number;
  readonly at: number;
  /** Why it can't be read whole: only its head was. */
  readonly unread?: string;
}

/** What a sender's and a chat's id begins with while nothing proves that the mail is from who it says. */
export const unproven = "unproven:";

/**
 * One mail as an event; nothing for one without an author, which nobody could answer. Pure.
 *
 * A conversation is one person's thread: the chat is their address, its thread the first Message-ID of References. Somebody
 * else who writes into that thread, or who only pretends to be that person, has a conversation of their own.
 */
export function decode(mail: Mail, place: Place, settings: Settings): PlatformEvent | undefined {
  const { from } = mail;
  if (!from) return undefined;
  const own = ownAddress(settings.address).address;
  const { proven, shown } = authenticationOf(mail.headers, settings.authservId, from.address);
  const id = proven || settings.trustFrom ? from.address : `${unproven}${from.address}`;
  const sender: Sender = {
    id,
    ...(from.name ? { name: from.name } : {}),
    handle: `${from.address} (${shown})`,
    bot: isAutomatic(mail),
    self:
      from.address === own ||
      (mail.messageId !== undefined && deliveryOf(mail.messageId, own.slice(own.lastIndexOf("@") + 1)) !== undefined),
  };
  const uid = `${place.uidValidity}:${place.uid}`;
  const platformId = mail.messageId ?? uid;
  const chat: Chat = { id, kind: "direct", thread: mail.references[0] ?? platformId, ...(mail.subject ? { title: mail.subject } : {}) };
  const base = { chat, sender, at: place.at };
  // With the sender in it, so that nobody can keep another's mail away by sending its id first.
  const key = mail.messageId === undefined ? uid : `${id} ${mail.messageId}`;
  const answers = mail.references.at(-1);
  return {
    ...base,
    kind: "message",
    key,
    platformId,
    parts: partsOf(mail, place),
    ...(answers === undefined ? {} : { replyTo: answers }),
    addressed: true,
  };
}

/** What a server reports on a mail of ours. Our Message-ID can't be guessed, so only who got the mail can report on it. */
export function bounceOf(mail: Mail, domain: string): Bounce | undefined {
  const bounce = readBounce(mail);
  return bounce && deliveryOf(bounce.messageId, domain) !== undefined ? bounce : undefined;
}

/** A server took our mail, and couldn't bring it to who was to get it. https://www.rfc-editor.org/rfc/rfc3463 says which codes are about the address. */
export function failedReceipt({ messageId, recipient, status, diagnostic }: Bounce, place: Place): ReceiptEvent {
  const code = /^5\.(1\.[1-36]|1\.10|2\.1)$/.test(status) ? "channel-gone" : "channel-permanent";
  return {
    kind: "receipt",
    key: `${place.uidValidity}:${place.uid}`,
    platformId: messageId,
    state: "failed",
    error: { code, message: `${recipient} couldn't be reached: ${status} ${diagnostic}`.trim() },
    chat: { id: recipient, kind: "direct" },
    sender: { id: recipient, bot: false, self: false },
    at: place.at,
  };
}

function partsOf(mail: Mail, place: Place): Part[] {
  const words = withoutQuoted(mail.text);
  // The first mail of a thread may say in its subject what it is about, and nowhere else.
  const subject = mail.references.length === 0 && mail.subject ? `Subject: ${mail.subject}` : "";
  const cut = place.unread === undefined ? "" : `[The mail can't be read, because ${place.unread}.]`;
  const text = [subject, words, cut].filter(Boolean).join("\n\n");
  const files = place.unread === undefined ? mail.attachments.map((file, index) => filePart(file, index, mail, place)) : [];
  return text !== "" || files.length === 0 ? [textPart(text || "[an empty mail]"), ...files] : files;
}

function filePart({ name, mediaType, bytes }: MailFile, index: number, mail: Mail, place: Place): FilePart {
  const kind = /^(image|audio|video)\//.exec(mediaType)?.[1] as "image" | "audio" | "video" | undefined;
  const ref: FileRef = { uidValidity: place.uidValidity, uid: place.uid, index, ...(mail.messageId ? { messageId: mail.messageId } : {}) };
  return {
    type: kind ?? "file",
    source: { at: "platform", ref: JSON.stringify(ref), mediaType, size: bytes.length },
    ...(name === undefined ? {} : { name }),
  };
}

/** Where an attachment is found again: by its mail's UID, or by its Message-ID once it was moved. */
export interface FileRef {
  readonly uidValidity: string;
  readonly uid: number;
  readonly index: number;
  readonly messageId?: string;
}

/** The delivery whose Message-ID it is, where it is one of ours. */
function deliveryOf(messageId: string, domain: string): string | undefined {
  const [, id = "", at = ""] = /^<([^@<>]+)@([^@<>]+)>$/.exec(messageId) ?? [];
  return at.toLowerCase() === domain && looksLikeDelivery(id) ? id : undefined;
}

/** The Message-ID that a delivery gets: the same on every try, so that who has it already can tell. */
export function messageIdOf(delivery: string, domain: string): string {
  return `<${delivery}@${domain}>`;
}
