import { z } from "zod";
import type { Chat, PlatformEvent, Sender } from "../../core/event.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { Target } from "./daemon.ts";

/** signal-cli adds fields at any time, and one odd field must not cost a message: an unreadable optional one counts as absent. */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined);
const text = some(z.string());
const time = z.int().positive();
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const file = z.object({
  id: z.string().min(1).max(200),
  contentType: text,
  filename: text,
  size: some(z.int()),
  isVoiceNote: some(z.boolean()),
});
const mention = z.object({ start: z.int(), length: z.int(), uuid: text, number: text, name: text });
const author = { targetAuthorUuid: text, targetAuthorNumber: text, targetSentTimestamp: time };

/** https://github.com/AsamK/signal-cli, src/main/java/org/asamk/signal/json/JsonDataMessage.java */
const data = z.object({
  message: text,
  groupInfo: some(z.object({ groupId: z.string().min(1).max(100), groupName: text })),
  mentions: some(z.array(mention)),
  attachments: some(z.array(file)),
  contacts: some(
    z.array(z.object({ name: z.object({ given: text, family: text, nickname: text }), phone: some(z.array(z.object({ value: text }))) })),
  ),
  sticker: some(z.object({ packId: text })),
  pollCreate: some(z.object({ question: z.string(), options: z.array(z.string()), allowMultiple: some(z.boolean()) })),
  quote: some(z.object({ id: time, authorUuid: text, authorNumber: text })),
  reaction: some(z.object({ emoji: z.string().min(1), isRemove: some(z.boolean()), ...author })),
  remoteDelete: some(z.object({ timestamp: time })),
  adminDelete: some(z.object(author)),
  viewOnce: some(z.boolean()),
});
type Data = z.infer<typeof data>;

const envelope = z.object({
  sourceUuid: uuid,
  sourceNumber: text,
  sourceName: text,
  sourceDevice: some(z.int()),
  timestamp: time,
  dataMessage: some(data),
  editMessage: some(z.object({ targetSentTimestamp: time, dataMessage: data })),
});

const received = z.object({ envelope });

/**
 * What somebody sent, of one thing that signal-cli received. Nothing for the rest of it: typing, receipts, calls, stories, changes of a
 * group, and what this account sent from another device (`syncMessage`). Who can't be named by their UUID is nobody.
 */
export function decode(raw: unknown, self: string): PlatformEvent | undefined {
  const read = received.safeParse(raw);
  if (!read.success) return undefined;
  const {
    sourceUuid: id,
    sourceNumber: number,
    sourceName: name,
    sourceDevice: device,
    timestamp,
    dataMessage,
    editMessage,
  } = read.data.envelope;
  const said = editMessage?.dataMessage ?? dataMessage;
  if (!said || isSelf(id, number, self)) return undefined;
  const sender: Sender = { id, ...(name ? { name } : {}), ...(number ? { handle: number } : {}), bot: false, self: false };
  const { groupInfo: group } = said;
  const chat: Chat = group
    ? { id: group.groupId, kind: "group", ...(group.groupName ? { title: group.groupName } : {}) }
    : { id, kind: "direct" };
  const base = { key: `${id}:${timestamp}:${device ?? 1}`, chat, sender, at: timestamp };
  const idOf = (of: { timestamp: number; uuid?: string | null | undefined; number?: string | null | undefined }) =>
    platformIdOf({ author: isSelf(of.uuid, of.number, self) ? "" : (of.uuid ?? ""), timestamp: of.timestamp });
  const targetOf = (of: {
    targetSentTimestamp: number;
    targetAuthorUuid?: string | null | undefined;
    targetAuthorNumber?: string | null | undefined;
  }) => idOf({ timestamp: of.targetSentTimestamp, uuid: of.targetAuthorUuid, number: of.targetAuthorNumber });
  const { reaction, remoteDelete, adminDelete, quote } = said;
  if (reaction) return { ...base, kind: "reaction", platformId: targetOf(reaction), reactions: reaction.isRemove ? [] : [reaction.emoji] };
  if (remoteDelete) return { ...base, kind: "delete", platformId: platformIdOf({ author: id, timestamp: remoteDelete.timestamp }) };
  if (adminDelete) return { ...base, kind: "delete", platformId: targetOf(adminDelete) };
  const parts = partsOf(said, chat.id, self);
  if (parts.length === 0) return undefined;
  if (editMessage)
    return { ...base, kind: "edit", platformId: platformIdOf({ author: id, timestamp: editMessage.targetSentTimestamp }), parts };
  const quotesUs = quote && isSelf(quote.authorUuid, quote.authorNumber, self);
  const named = said.mentions?.some((one) => isSelf(one.uuid, one.number, self)) ?? false;
  return {
    ...{ ...base, kind: "message", platformId: platformIdOf({ author: id, timestamp }), parts },
    addressed: chat.kind === "direct" || named || quotesUs === true,
    ...(quote ? { replyTo: idOf({ timestamp: quote.id, uuid: quote.authorUuid, number: quote.authorNumber }) } : {}),
  };
}

/** A message of ours is its time, as its receipt; somebody else's is that and who sent it. */
export function platformIdOf({ author, timestamp }: Target): string {
  return author === "" ? String(timestamp) : `${timestamp}:${author}`;
}

export function readPlatformId(id: string, self: string): Target | undefined {
  const [, timestamp, author = self] = /^(\d{1,16})(?::([0-9a-f-]{36}))?$/.exec(id) ?? [];
  return timestamp === undefined ? undefined : { author, timestamp: Number(timestamp) };
}

function isSelf(id: string | null | undefined, number: string | null | undefined, self: string): boolean {
  return id === self || number === self;
}

function partsOf(said: Data, chat: string, self: string): Part[] {
  const words = withNames(said.message ?? "", said.mentions ?? [], self);
  const files = said.attachments?.map((one) => fileOf(one, chat, said.viewOnce === true)) ?? [];
  const contacts = said.contacts?.map(({ name: { given, family, nickname }, phone }): Part => {
    const number = phone?.[0]?.value;
    return { type: "contact", name: [given, family].filter(Boolean).join(" ") || nickname || "?", ...(number ? { phone: number } : {}) };
  });
  const parts: Part[] = [...(words.trim() ? [textPart(words)] : []), ...files, ...(contacts ?? [])];
  if (said.sticker && files.length === 0) parts.push(textPart("[sticker]"));
  const { question = "", options = [], allowMultiple } = said.pollCreate ?? {};
  if (question) parts.push({ type: "poll", question, options, ...(allowMultiple ? { multiple: true } : {}) });
  return parts;
}

/** Each mention is one U+FFFC in the text, whose place is said in UTF-16 units; the account itself isn't named. */
function withNames(message: string, mentions: readonly z.infer<typeof mention>[], self: string): string {
  let words = message;
  for (const { start, length, uuid: id, number, name } of mentions.toSorted((one, other) => other.start - one.start)) {
    if (start < 0 || length < 1 || start + length > words.length) continue;
    const shown = isSelf(id, number, self) ? "" : `@${name || number || id}`;
    words = words.slice(0, start) + shown + words.slice(start + length);
  }
  return words.trim();
}

/** What may be seen once isn't fetched: here it would stay. */
function fileOf({ id, contentType, filename, size, isVoiceNote }: z.infer<typeof file>, chat: string, once: boolean): FilePart {
  const mediaType = contentType ?? "";
  const [kind] = mediaType.split("/");
  const type = isVoiceNote ? "voice" : kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
  if (once) return { type, source: { at: "nowhere", reason: "it was to be seen once" } };
  const more = { ...(mediaType ? { mediaType } : {}), ...(size && size > 0 ? { size } : {}) };
  return { type, source: { at: "platform", ref: `${id} ${chat}`, ...more }, ...(filename ? { name: filename } : {}) };
}
