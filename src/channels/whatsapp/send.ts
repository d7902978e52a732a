import type { Outbound, Reaction } from "../../core/channel.ts";
import type { DeliveryContent, SendOutcome, ShownPart } from "../../core/delivery.ts";
import { type Fault, fail, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { HttpRequest } from "../../core/http.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { type CallFailure, failed, fieldsOf, multipart, outcomeOf } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import { callGraph, type GraphCall } from "../../wires/graph.ts";
import { errors } from "./errors.ts";
import type { WhatsAppAccount } from "./settings.ts";

const megabyte = 1_000_000;

/**
 * Bytes of what WhatsApp takes, by media type; Vorbis in Ogg isn't taken.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#supported-media-types
 */
export const outboundTypes: Readonly<Record<string, number>> = {
  ...sized(5 * megabyte, "image/jpeg image/png"),
  ...sized(16 * megabyte, "audio/aac audio/amr audio/mpeg audio/mp4 audio/x-m4a video/mp4 video/3gpp"),
  "audio/ogg; codecs=opus": 16 * megabyte,
  ...sized(100 * megabyte, "text/plain application/pdf application/msword application/vnd.ms-excel application/vnd.ms-powerpoint"),
  ...sized(100 * megabyte, ...["wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation"].map(officeType)),
};

function sized(bytes: number, ...types: readonly string[]): Record<string, number> {
  return Object.fromEntries(types.flatMap((line) => line.split(" ")).map((type) => [type, bytes]));
}

function officeType(ending: string): string {
  return `application/vnd.openxmlformats-officedocument.${ending}`;
}

/** Calls a node of the number's, or another where `path` says so. */
export function call(account: WhatsAppAccount, what: Omit<GraphCall, "platform" | "errors">): Promise<Result<Json, CallFailure>> {
  return callGraph(account, { platform: "WhatsApp", errors, ...what });
}

/**
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages. WhatsApp has no key against doubles; but the
 * delivery's id comes back with every status, which settles what nobody knew.
 */
export async function send(account: WhatsAppAccount, { chat, content, delivery }: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const to = recipientOf(chat.id);
  if (!to) return { kind: "refused", code: "channel-permanent", message: "the chat's id is no number and no id of WhatsApp's" };
  const body = content.file ? await fileBody(account, content, content.file, signal) : ok(bodyOf(account, content));
  if (!body.ok) return outcomeOf({ ...body.fault, sure: true });
  const reply = content.replyTo === undefined ? {} : { context: { message_id: content.replyTo } };
  const answer = await post(account, { ...to, ...body.value, ...reply, biz_opaque_callback_data: delivery }, signal);
  if (!answer.ok) return outcomeOf(answer.fault);
  const { messages } = fieldsOf(answer.value);
  const { id } = fieldsOf(Array.isArray(messages) ? messages[0] : undefined);
  if (typeof id === "string" && id !== "") return { kind: "sent", receipt: id };
  return { kind: "unknown", code: "channel-unknown", message: "WhatsApp accepted the message, but its answer names none" };
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/reaction-messages; an empty emoji takes it away. */
export async function react(
  account: WhatsAppAccount,
  { chat, platformId, reaction = "" }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const body = { ...recipientOf(chat.id), type: "reaction", reaction: { message_id: platformId, emoji: reaction } };
  const answer = await post(account, body, signal);
  return answer.ok ? undefined : answer.fault.fault;
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators: until the answer, for 25 seconds at most. */
export async function typing(account: WhatsAppAccount, event: PlatformEvent | undefined, signal: AbortSignal): Promise<void> {
  if (!account.settings.readReceipts || event === undefined) return;
  await post(account, { status: "read", message_id: event.key, typing_indicator: { type: "text" } }, signal);
}

function post(account: WhatsAppAccount, body: object, signal: AbortSignal): Promise<Result<Json, CallFailure>> {
  const json = { messaging_product: "whatsapp", ...body };
  return call(account, { method: "POST", path: `/${account.settings.phoneNumberId}/messages`, what: "POST /messages", json, signal });
}

/** A number, or the id of a person whose number may be withheld. */
function recipientOf(chat: string): object | undefined {
  if (/^\+?\d{5,20}$/.test(chat)) return { recipient_type: "individual", to: chat };
  return /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(chat) ? { recipient_type: "individual", recipient: chat } : undefined;
}

function bodyOf(account: WhatsAppAccount, { text, buttons, shown }: DeliveryContent): object {
  if (shown) return shownBody(shown);
  if (buttons) return { type: "interactive", interactive: interactive(text, buttons.flat()) };
  return { type: "text", text: { body: text, preview_url: account.settings.linkPreviews } };
}

function shownBody(part: ShownPart): object {
  if (part.type === "location") {
    const { latitude, longitude, title } = part;
    return { type: "location", location: { latitude: String(latitude), longitude: String(longitude), ...(title ? { name: title } : {}) } };
  }
  if (part.type === "contact") {
    const { name, phone } = part;
    return {
      type: "contacts",
      contacts: [{ name: { formatted_name: name, first_name: name }, ...(phone ? { phones: [{ phone }] } : {}) }],
    };
  }
  return { type: "text", text: { body: part.question } };
}

/** Three buttons stand under 1,024 characters; more of either are a list of ten. https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages */
function interactive(text: string, buttons: readonly { readonly label: string; readonly token: string }[]): object {
  const body = { text };
  if (buttons.length <= 3 && text.length <= 1024) {
    return {
      type: "button",
      body,
      action: { buttons: buttons.map(({ label, token }) => ({ type: "reply", reply: { id: token, title: label } })) },
    };
  }
  return {
    type: "list",
    body,
    action: { button: "☰", sections: [{ rows: buttons.map(({ label, token }) => ({ id: token, title: label })) }] },
  };
}

/** Uploads first, which nobody sees, so that only the send's own outcome can be unknown. */
async function fileBody(
  account: WhatsAppAccount,
  { text }: DeliveryContent,
  part: FilePart,
  signal: AbortSignal,
): Promise<Result<object, CallFailure>> {
  const taken = part.source.at === "store" ? outboundTypes[part.source.mediaType] : 0;
  if (taken === undefined) return failed("file-refused", "WhatsApp takes no files of this type");
  const read = await outgoingFile(account, part, taken);
  if (!read.ok) return failed(read.fault.code, read.fault.message);
  const file = { ...read.value, mediaType: read.value.mediaType.replace("x-m4a", "mp4") };
  const form = await multipart({ messaging_product: "whatsapp", type: file.mediaType }, [{ field: "file", ...file }]);
  const path = `/${account.settings.phoneNumberId}/media`;
  const uploaded = await call(account, { method: "POST", path, what: "POST /media", form, signal });
  if (!uploaded.ok) return uploaded;
  const { id } = fieldsOf(uploaded.value);
  if (typeof id !== "string" || id === "") return failed("channel-retry", "WhatsApp named no id for an uploaded file");
  const kind = /^(image|audio|video)\//.exec(file.mediaType)?.[1] ?? "document";
  const caption = text && kind !== "audio" ? { caption: text } : {};
  const more = kind === "document" ? { filename: file.name } : part.type === "voice" ? { voice: file.mediaType.endsWith("opus") } : {};
  return ok({ type: kind, [kind]: { id, ...caption, ...more } });
}

/**
 * Names an address that holds for five minutes and takes the token, so it has to be Meta's.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#get-media-url
 */
export async function locateFile(account: WhatsAppAccount, ref: string, signal: AbortSignal): Promise<Result<HttpRequest>> {
  const { phoneNumberId, accessToken, apiRoot } = account.settings;
  if (!/^[\w-]{1,200}$/.test(ref)) return fail("file-refused", "the attachment's id is none of WhatsApp's");
  const path = `/${ref}?phone_number_id=${phoneNumberId}`;
  const answer = await call(account, { method: "GET", path, what: "GET /<media>", signal });
  if (!answer.ok) {
    const { fault } = answer.fault;
    return fault.code === "channel-permanent"
      ? fail("file-refused", `WhatsApp doesn't hand out the file: ${fault.message}`)
      : { ok: false, fault };
  }
  const { url } = fieldsOf(answer.value);
  if (typeof url !== "string" || !isMetas(url, apiRoot))
    return fail("file-refused", "WhatsApp doesn't hand out the file: it named no address of Meta's");
  return ok({ method: "GET", url, headers: { authorization: `Bearer ${accessToken}` }, trust: "configured" });
}

/** Media are at lookaside.fbsbx.com; a stand-in's are where its API is. */
function isMetas(address: string, apiRoot: string): boolean {
  const url = URL.parse(address);
  if (url?.username !== "") return false;
  return (
    url.origin === URL.parse(apiRoot)?.origin ||
    (url.protocol === "https:" && url.port === "" && /\.(fbsbx|facebook)\.com$/.test(url.hostname))
  );
}
