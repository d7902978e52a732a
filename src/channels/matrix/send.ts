import { randomUUID } from "node:crypto";
import type { Outbound, Reaction } from "../../core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../core/delivery.ts";
import { type Fault, fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { outcomeOf } from "../../core/platform-call.ts";
import { call, path } from "./api.ts";
import { seal } from "./attachment.ts";
import { encrypt, isEncrypted } from "./encrypt.ts";
import type { MatrixAccount } from "./settings.ts";

export const maxUploadBytes = 50_000_000;

type EventContent = Readonly<Record<string, unknown>>;

/**
 * https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid: a second request with the same transaction id is the same
 * event, for as long as the token belongs to the same device.
 */
export async function send(account: MatrixAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { chat, content, delivery } = outbound;
  const encrypted = await mayHear(account, chat, signal);
  if (!encrypted.ok) return encrypted.fault;
  const message = content.file
    ? await fileContent(account, content, content.file, encrypted.value, signal)
    : { ok: true as const, value: textContent(account, content) };
  if (!message.ok) return message.fault;
  const related = relationOf(chat, content.replyTo);
  const whole = { ...message.value, ...(related ? { "m.relates_to": related } : {}) };
  return put(account, chat, delivery, whole, encrypted.value, signal);
}

/** Whether the room is encrypted; a refusal where nothing may be said there: never in clear what people say in secret. */
async function mayHear(account: MatrixAccount, chat: Chat, signal: AbortSignal): Promise<Result<boolean, SendOutcome>> {
  const encrypted = await isEncrypted(account, chat.id, signal).catch((thrown: unknown) => {
    return { ok: false as const, fault: { fault: faultOf(thrown), sure: true } };
  });
  if (!encrypted.ok) return { ok: false, fault: outcomeOf(encrypted.fault) };
  if (!encrypted.value || account.settings.encryption) return encrypted;
  const message = "the room is encrypted, and the account's encryption is off";
  return { ok: false, fault: { kind: "refused", code: "room-encrypted", message } };
}

/** https://spec.matrix.org/v1.16/client-server-api/#event-replacements; the last edit counts, so one that is sent twice changes nothing. */
export async function edit(
  account: MatrixAccount,
  { chat, content, delivery, receipt }: Outbound & { readonly receipt: string },
  signal: AbortSignal,
): Promise<SendOutcome> {
  const encrypted = await mayHear(account, chat, signal);
  if (!encrypted.ok) return encrypted.fault;
  const fresh = textContent(account, content);
  const replacement = {
    ...fresh,
    body: `* ${content.visible}`,
    ...(fresh.formatted_body === undefined ? {} : { formatted_body: `* ${content.text}` }),
    "m.new_content": fresh,
    "m.relates_to": { rel_type: "m.replace", event_id: receipt },
  };
  const outcome = await put(account, chat, `${delivery}.${randomUUID()}`, replacement, encrypted.value, signal);
  return outcome.kind === "sent" ? { kind: "sent", receipt } : outcome;
}

/**
 * https://spec.matrix.org/v1.16/client-server-api/#event-annotations-and-reactions: a reaction that is there already is refused, and so changes nothing. To take one
 * away its own event would have to be known, and nothing is kept. Reactions are in clear in encrypted rooms too: homeservers count them.
 */
export async function react(
  account: MatrixAccount,
  { chat, platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (reaction === undefined) return fault("channel-permanent", "reactions on Matrix are not taken away");
  const content = { "m.relates_to": { rel_type: "m.annotation", event_id: platformId, key: reaction } };
  const answer = await call(account, "PUT", `client/v3/${path("rooms", chat.id, "send", "m.reaction", randomUUID())}`, content, { signal });
  return answer.ok || answer.fault.word === "M_DUPLICATE_ANNOTATION" ? undefined : answer.fault.fault;
}

/** https://spec.matrix.org/v1.16/client-server-api/#redactions: the transaction is the message's, so that a second try changes nothing. */
export async function redact(
  account: MatrixAccount,
  { chat, receipt }: { readonly chat: Chat; readonly receipt: string },
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const answer = await call(account, "PUT", `client/v3/${path("rooms", chat.id, "redact", receipt, `redact${receipt}`)}`, {}, { signal });
  return answer.ok || answer.fault.word === "M_NOT_FOUND" ? undefined : answer.fault.fault;
}

async function put(
  account: MatrixAccount,
  chat: Chat,
  transaction: string,
  content: EventContent,
  encrypted: boolean,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const sealed = encrypted ? await encrypt(account, chat.id, "m.room.message", content, signal) : ok(content);
  if (!sealed.ok) return outcomeOf(sealed.fault);
  const type = encrypted ? "m.room.encrypted" : "m.room.message";
  const body = sealed.value as EventContent;
  const answer = await call(account, "PUT", `client/v3/${path("rooms", chat.id, "send", type, transaction)}`, body, { signal });
  if (!answer.ok) return outcomeOf(answer.fault);
  const { event_id: id } = answer.value;
  if (typeof id === "string" && id !== "") return { kind: "sent", receipt: id };
  return { kind: "unknown", code: "channel-unknown", message: "the homeserver accepted the message, but its answer names no event" };
}

/** Nobody is mentioned: who is named in an answer wasn't called by its author. https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions */
function textContent({ settings }: MatrixAccount, { text, visible }: DeliveryContent): EventContent {
  // Words without any markup need no HTML beside them.
  const html = text === "" || text === visible ? {} : { format: "org.matrix.custom.html", formatted_body: text };
  return { msgtype: settings.notices ? "m.notice" : "m.text", body: visible, ...html, "m.mentions": {} };
}

const kinds = { image: "m.image", audio: "m.audio", voice: "m.audio", video: "m.video", file: "m.file" } as const;

async function fileContent(
  account: MatrixAccount,
  content: DeliveryContent,
  file: FilePart,
  encrypted: boolean,
  signal: AbortSignal,
): Promise<Result<EventContent, SendOutcome>> {
  const read = await outgoingFile(account, file, maxUploadBytes);
  if (!read.ok) return { ok: false, fault: { kind: "refused", ...read.fault } };
  const { name: filename, mediaType, bytes } = read.value;
  const sealed = encrypted ? seal(bytes) : undefined;
  const named = sealed ? "" : `?filename=${encodeURIComponent(filename)}`;
  const uploaded = await call(account, "POST", `media/v3/upload${named}`, undefined, {
    upload: sealed ? { mediaType: "application/octet-stream", bytes: sealed.bytes } : { mediaType, bytes },
    signal,
    timeoutMs: 180_000,
  });
  if (!uploaded.ok) {
    // Whether it is there or not, nobody sees it until a message names it.
    return { ok: false, fault: outcomeOf({ ...uploaded.fault, sure: true }) };
  }
  const { content_uri: url } = uploaded.value;
  if (typeof url !== "string")
    return { ok: false, fault: { kind: "retry", code: "channel-retry", message: "the homeserver took the file, but named no address" } };
  const caption = content.visible === "" ? { body: filename } : textContent(account, content);
  const where = sealed ? { file: sealed.described(url) } : { url };
  return ok({
    ...caption,
    msgtype: kinds[file.type],
    filename,
    ...where,
    info: { mimetype: mediaType, size: bytes.length },
    "m.mentions": {},
  });
}

/** https://spec.matrix.org/v1.16/client-server-api/#threading and #rich-replies */
function relationOf({ thread }: Chat, replyTo: string | undefined): EventContent | undefined {
  const reply = (id: string) => ({ "m.in_reply_to": { event_id: id } });
  if (thread === undefined) return replyTo === undefined ? undefined : reply(replyTo);
  return { rel_type: "m.thread", event_id: thread, is_falling_back: replyTo === undefined, ...reply(replyTo ?? thread) };
}
