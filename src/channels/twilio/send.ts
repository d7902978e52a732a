import type { Outbound } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { ok, type Result } from "../../core/errors.ts";
import { type CallFailure, failed, outcomeOf } from "../../core/platform-call.ts";
import { templateFor } from "../../wires/whatsapp-templates.ts";
import { call, listOf, own } from "./api.ts";
import { isWhatsApp, type Settings, type TwilioAccount } from "./settings.ts";
import { templateMessage } from "./templates.ts";

/** UTF-16 units of a Body: https://www.twilio.com/docs/api/errors/21617 */
export const maxBody = 1_600;
/** Letters above quick replies, how many there may be, and letters on each: https://www.twilio.com/docs/content/twilio-quick-reply */
const maxAboveButtons = 1_024;
export const maxButtons = { count: 3, label: 20 };

type Message = Readonly<Record<string, string>>;

/**
 * https://www.twilio.com/docs/messaging/api/message-resource#create-a-message. It has no key against doubles; but the status callback
 * carries our id, and so tells of a message whose answer got lost.
 */
export async function send(account: TwilioAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const template = isWhatsApp(outbound.chat.id) ? templateFor(account, outbound) : ok(outbound.content.template);
  if (!template.ok) return outcomeOf(template.fault);
  if (template.value) {
    const message = await templateMessage(account, template.value, signal);
    return message.ok ? create(account, outbound, message.value, signal) : outcomeOf(message.fault);
  }
  const buttons = await quickReplies(account, outbound, signal);
  if (!buttons.ok) return outcomeOf({ ...buttons.fault, sure: true });
  if (buttons.value) {
    const outcome = await create(account, outbound, buttons.value, signal);
    if (outcome.kind !== "refused" || !/^(channel-permanent|template-refused)$/.test(outcome.code)) return outcome;
    // As numbered lines they are understood too, and they hang on no template.
    quickReplyTemplates.delete(account.settings);
  }
  const message = messageOf(account, outbound);
  return message.ok ? create(account, outbound, message.value, signal) : outcomeOf(message.fault);
}

async function create(account: TwilioAccount, { chat, delivery }: Outbound, message: Message, signal: AbortSignal): Promise<SendOutcome> {
  const { settings, webhookUrl } = account;
  const body = new URLSearchParams({
    To: chat.id,
    [settings.sender.startsWith("MG") ? "MessagingServiceSid" : "From"]: settings.sender,
    ...(webhookUrl ? { StatusCallback: `${webhookUrl}?delivery=${delivery}` } : {}),
    ...message,
  });
  const answer = await call(account, "POST", own(account, "/Messages.json"), { body, signal });
  if (!answer.ok) return outcomeOf(answer.fault);
  const { sid } = answer.value;
  if (typeof sid === "string" && sid !== "") return { kind: "sent", receipt: sid };
  return { kind: "unknown", code: "channel-unknown", message: "Twilio accepted the message, but its answer names none" };
}

/** What can be said without a template. */
function messageOf(account: TwilioAccount, { chat, content }: Outbound): Result<Message, CallFailure> {
  const { file, shown, buttons = [] } = content;
  const whatsApp = isWhatsApp(chat.id);
  if (whatsApp && shown?.type === "location") {
    // https://www.twilio.com/docs/whatsapp/message-features#location-messages-with-whatsapp
    const at = `${shown.latitude},${shown.longitude}`;
    return ok({ Body: shown.title ?? at, PersistentAction: `geo:${at}${shown.title ? `|${shown.title}` : ""}` });
  }
  const url = file && account.fileUrl?.(file);
  if (file && !url) return failed("file-refused", "Twilio fetches the files that it is to send: set http.publicUrl");
  const choices = buttons.flat().map(({ label }, index) => `${index + 1}. ${label}`);
  const body = [whatsApp ? content.text : content.visible, ...choices].filter(Boolean).join("\n");
  return ok({ ...(body ? { Body: body } : {}), ...(url ? { MediaUrl: url } : {}) });
}

/** The message as a template's, where it can be one; nothing where it can't. */
async function quickReplies(
  account: TwilioAccount,
  { chat, content: { text, buttons = [] } }: Outbound,
  signal: AbortSignal,
): Promise<Result<Message | undefined, CallFailure>> {
  const all = buttons.flat();
  if (!isWhatsApp(chat.id) || all.length === 0 || text.length > maxAboveButtons) return ok(undefined);
  const template = await quickReplyTemplate(account, all.length, signal);
  if (!template.ok) return template.fault.fault.code === "channel-permanent" ? ok(undefined) : template;
  const values = [text, ...all.flatMap(({ label, token }) => [label, token])].map((value, index) => [String(index + 1), value]);
  return ok({ ContentSid: template.value, ContentVariables: JSON.stringify(Object.fromEntries(values)) });
}

/** By how many buttons they have, of the accounts of this process. */
const quickReplyTemplates = new WeakMap<Settings, Map<number, string>>();

/**
 * Twilio has buttons only in templates: one with so many variable ones is found by its name, or made. It needs no approval in a conversation
 * that the person began within the last 24 hours. https://www.twilio.com/docs/content/content-api-resources
 */
async function quickReplyTemplate(account: TwilioAccount, count: number, signal: AbortSignal): Promise<Result<string, CallFailure>> {
  const known = quickReplyTemplates.get(account.settings) ?? new Map<number, string>();
  quickReplyTemplates.set(account.settings, known);
  const before = known.get(count);
  if (before !== undefined) return ok(before);
  const name = `polylogue_quick_replies_${count}`;
  const found = await call(account, "GET", `/v2/Content?ContentName=${name}&PageSize=50`, { signal });
  if (!found.ok) return found;
  const one = listOf(found.value.contents).find(({ friendly_name: of }) => of === name);
  const made = one ? ok(one) : await call(account, "POST", "/v1/Content", { body: templateOf(name, count), signal });
  if (!made.ok) return made;
  const { sid } = made.value;
  if (typeof sid !== "string") return failed("channel-permanent", "Twilio's answer names no template");
  known.set(count, sid);
  return ok(sid);
}

function templateOf(name: string, count: number): object {
  const actions = Array.from({ length: count }, (_, index) => ({ title: `{{${2 * index + 2}}}`, id: `{{${2 * index + 3}}}` }));
  const samples = Array.from({ length: 2 * count + 1 }, (_, index) => [String(index + 1), `sample ${index + 1}`]);
  const types = { "twilio/quick-reply": { body: "{{1}}", actions } };
  return { friendly_name: name, language: "en", variables: Object.fromEntries(samples), types };
}
