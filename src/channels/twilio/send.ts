import type { Outbound } from "../../core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../core/delivery.ts";
import { ok, type Result } from "../../core/errors.ts";
import type { FilePart } from "../../core/message.ts";
import { type CallFailure, failed, fieldsOf, outcomeOf } from "../../core/platform-call.ts";
import { call, own } from "./api.ts";
import { isWhatsApp, type Settings, type TwilioAccount } from "./settings.ts";

/** UTF-16 units of a Body: https://www.twilio.com/docs/api/errors/21617 */
export const maxBody = 1_600;
/** Of the text above quick replies, their number and the letters on each: https://www.twilio.com/docs/content/twilio-quick-reply */
const maxAboveButtons = 1_024;
export const maxButtons = { count: 3, label: 20 };

type Message = Readonly<Record<string, string>>;

/**
 * https://www.twilio.com/docs/messaging/api/message-resource#create-a-message. It has no key against doubles; but the status callback
 * carries our id, and so tells of a message whose answer got lost.
 */
export async function send(account: TwilioAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const buttons = await quickReplies(account, outbound, signal);
  if (!buttons.ok) return outcomeOf({ ...buttons.fault, sure: true });
  if (buttons.value) {
    const outcome = await create(account, outbound, buttons.value, signal);
    if (outcome.kind !== "refused" || outcome.code !== "channel-permanent") return outcome;
    // As numbered lines they are understood too, and they hang on no template.
    templates.delete(account.settings);
  }
  const message = messageOf(account, outbound);
  return message.ok ? create(account, outbound, message.value, signal) : outcomeOf(message.fault);
}

async function create(account: TwilioAccount, { chat, delivery }: Outbound, message: Message, signal: AbortSignal): Promise<SendOutcome> {
  const { sender } = account.settings;
  const callback = account.webhookUrl && `${account.webhookUrl}?delivery=${delivery}`;
  const body = new URLSearchParams({
    To: chat.id,
    [sender.startsWith("MG") ? "MessagingServiceSid" : "From"]: sender,
    ...(callback ? { StatusCallback: callback } : {}),
    ...message,
  });
  const answer = await call(account, "POST", own(account, "/Messages.json"), { body, signal });
  if (!answer.ok) return outcomeOf(answer.fault);
  const { sid } = answer.value;
  if (typeof sid === "string" && sid !== "") return { kind: "sent", receipt: sid };
  return { kind: "unknown", code: "channel-unknown", message: "Twilio accepted the message, but its answer names none" };
}

/** What can be said in one message without a template. */
function messageOf(account: TwilioAccount, { chat, content }: Outbound): Result<Message, CallFailure> {
  const { file, shown, buttons = [] } = content;
  const whatsApp = isWhatsApp(chat.id);
  if (!whatsApp || shown?.type !== "location") {
    const choices = buttons.flat().map(({ label }, index) => `${index + 1}. ${label}`);
    return withFile(account, file, [whatsApp ? content.text : content.visible, ...choices].filter(Boolean).join("\n"));
  }
  const at = `${shown.latitude},${shown.longitude}`;
  // https://www.twilio.com/docs/whatsapp/message-features#location-messages-with-whatsapp
  return ok({ Body: shown.title ?? at, PersistentAction: `geo:${at}${shown.title ? `|${shown.title}` : ""}` });
}

function withFile(account: TwilioAccount, file: FilePart | undefined, body: string): Result<Message, CallFailure> {
  const url = file && account.fileUrl?.(file);
  if (file && url === undefined) return failed("file-refused", "Twilio fetches the files that it is to send: set http.publicUrl");
  return ok({ ...(body ? { Body: body } : {}), ...(url ? { MediaUrl: url } : {}) });
}

/** Templates with one to three quick replies, by how many, of the accounts of this process. */
const templates = new WeakMap<Settings, Map<number, string>>();

/**
 * The message as a template's, where it can be one: buttons exist at Twilio only in templates, which need no approval in a conversation that the
 * person began within the last 24 hours. Nothing where it can't.
 */
async function quickReplies(
  account: TwilioAccount,
  { chat, content }: Outbound,
  signal: AbortSignal,
): Promise<Result<Message | undefined, CallFailure>> {
  const buttons = content.buttons?.flat() ?? [];
  if (!isWhatsApp(chat.id) || buttons.length === 0 || content.text.length > maxAboveButtons) return ok(undefined);
  const template = await templateFor(account, buttons.length, signal);
  if (!template.ok) return template.fault.fault.code === "channel-permanent" ? ok(undefined) : template;
  return ok({ ContentSid: template.value, ContentVariables: JSON.stringify(variablesOf(content, buttons.length)) });
}

function variablesOf({ text, buttons = [] }: Pick<DeliveryContent, "text" | "buttons">, count: number): Readonly<Record<string, string>> {
  const each = buttons
    .flat()
    .slice(0, count)
    .flatMap(({ label, token }) => [label, token]);
  return Object.fromEntries([text, ...each].map((value, index) => [String(index + 1), value]));
}

/** Found by its name or made once: https://www.twilio.com/docs/content/content-api-resources and …/content-api-resources#search */
async function templateFor(account: TwilioAccount, count: number, signal: AbortSignal): Promise<Result<string, CallFailure>> {
  const known = templates.get(account.settings) ?? new Map<number, string>();
  templates.set(account.settings, known);
  const before = known.get(count);
  if (before !== undefined) return ok(before);
  const name = `polylogue_quick_replies_${count}`;
  const found = await call(account, "GET", `/v2/Content?ContentName=${name}&PageSize=50`, { signal });
  if (!found.ok) return found;
  const { contents } = found.value;
  const one = (Array.isArray(contents) ? contents : []).map(fieldsOf).find(({ friendly_name: of }) => of === name);
  const made = one ? ok(one) : await call(account, "POST", "/v1/Content", { body: templateOf(name, count), signal });
  if (!made.ok) return made;
  const { sid } = made.value;
  if (typeof sid !== "string") return failed("channel-permanent", "Twilio's answer names no template");
  known.set(count, sid);
  return ok(sid);
}

function templateOf(name: string, count: number): object {
  const actions = Array.from({ length: count }, (_, index) => ({ title: `{{${2 * index + 2}}}`, id: `{{${2 * index + 3}}}` }));
  const samples = [
    { label: "One", token: "1" },
    { label: "Two", token: "2" },
    { label: "Three", token: "3" },
  ].slice(0, count);
  const variables = variablesOf({ text: "Which one?", buttons: [samples.map((one) => ({ ...one, value: one.token }))] }, count);
  return { friendly_name: name, language: "en", variables, types: { "twilio/quick-reply": { body: "{{1}}", actions } } };
}
