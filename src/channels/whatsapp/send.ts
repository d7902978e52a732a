import type { Outbound, Reaction } from "../../core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../core/delivery.ts";
import { type Fault, ok } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { fieldsOf, outcomeOf } from "../../core/platform-call.ts";
import { templateFor } from "../../wires/whatsapp-templates.ts";
import { post } from "./api.ts";
import { fileBody } from "./media.ts";
import type { WhatsAppAccount } from "./settings.ts";
import { templateBody } from "./templates.ts";

/** What every call says. */
const whatsapp = { messaging_product: "whatsapp" };

/**
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages. WhatsApp has no key against doubles; but the
 * delivery's id comes back with every status, which settles what nobody knew.
 */
export async function send(account: WhatsAppAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { chat, content, delivery } = outbound;
  const to = recipientOf(chat.id);
  if (!to) return { kind: "refused", code: "channel-permanent", message: "the chat's id is no number and no id of WhatsApp's" };
  const template = templateFor(account, outbound);
  if (!template.ok) return outcomeOf(template.fault);
  const body = template.value
    ? templateBody(template.value)
    : content.file
      ? await fileBody(account, content.file, content.text, signal)
      : ok(bodyOf(account, content));
  if (!body.ok) return outcomeOf(body.fault);
  const reply = content.replyTo === undefined ? {} : { context: { message_id: content.replyTo } };
  const json = { ...whatsapp, ...to, ...body.value, ...reply, biz_opaque_callback_data: delivery };
  const answer = await post(account, "messages", { json }, signal);
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
  const json = { ...whatsapp, ...recipientOf(chat.id), type: "reaction", reaction: { message_id: platformId, emoji: reaction } };
  const answer = await post(account, "messages", { json }, signal);
  return answer.ok ? undefined : answer.fault.fault;
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators: until the answer, for 25 seconds at most. */
export async function typing(account: WhatsAppAccount, event: PlatformEvent | undefined, signal: AbortSignal): Promise<void> {
  if (!account.settings.readReceipts || event === undefined) return;
  const json = { ...whatsapp, status: "read", message_id: event.key, typing_indicator: { type: "text" } };
  await post(account, "messages", { json }, signal);
}

/** A number, or the id of a person whose number may be withheld. */
function recipientOf(chat: string): object | undefined {
  if (/^\+?\d{5,20}$/.test(chat)) return { recipient_type: "individual", to: chat };
  return /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(chat) ? { recipient_type: "individual", recipient: chat } : undefined;
}

function bodyOf(account: WhatsAppAccount, { text, buttons, shown }: DeliveryContent): object {
  if (shown?.type === "location") {
    const { latitude, longitude, title } = shown;
    return { type: "location", location: { latitude: String(latitude), longitude: String(longitude), ...(title ? { name: title } : {}) } };
  }
  if (shown?.type === "contact") {
    const name = { formatted_name: shown.name, first_name: shown.name };
    return { type: "contacts", contacts: [{ name, ...(shown.phone ? { phones: [{ phone: shown.phone }] } : {}) }] };
  }
  if (buttons) return { type: "interactive", interactive: interactive(text, buttons.flat()) };
  return { type: "text", text: { body: text, preview_url: account.settings.linkPreviews } };
}

/**
 * Three buttons stand under 1,024 characters; more of either are a list of ten.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages
 */
function interactive(text: string, buttons: readonly { readonly label: string; readonly token: string }[]): object {
  const choices = buttons.map(({ label, token }) => ({ id: token, title: label }));
  const few = choices.length <= 3 && text.length <= 1024;
  const action = few ? { buttons: choices.map((reply) => ({ type: "reply", reply })) } : { button: "☰", sections: [{ rows: choices }] };
  return { type: few ? "button" : "list", body: { text }, action };
}
