import { defineChannel, type Identity, type WebhookRequest, type WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { whatsapp } from "../../dialects/whatsapp.ts";
import { readGraphWebhook, takenWebhook } from "../../wires/graph.ts";
import { call } from "./api.ts";
import { decode } from "./decode.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { locateFile, outboundTypes } from "./media.ts";
import { readPayload } from "./payload.ts";
import { react, send, typing } from "./send.ts";
import { type Settings, settings, type WhatsAppAccount } from "./settings.ts";
import { templates } from "./templates.ts";

/** https://developers.facebook.com/documentation/business-messaging/whatsapp */
export default defineChannel<Settings>({
  kind: "whatsapp",
  name: "WhatsApp",
  summary: "A WhatsApp business number, through Meta's Cloud API: text, files, places, buttons, reactions, receipts.",
  settings,
  dialect: whatsapp,
  limits: {
    text: { max: 4096, unit: "utf16", counts: "sent" },
    caption: { max: 1024, unit: "utf16", counts: "sent", kinds: ["image", "video", "file"] },
    // https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput: 80 a second for a number. To one person it is one in
    // six seconds, of which 45 may be borrowed ahead; what is too much is said (131056).
    rate: { account: 80, conversation: 1 },
    file: { inbound: 100_000_000, outbound: 100_000_000, types: outboundTypes },
    buttons: { count: 10, label: 20, links: false, files: false },
    shows: ["location", "contact"],
    // https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators: 25 seconds.
    typingEvery: 22_000,
  },
  access: { direct: "open", public: true },
  idempotent: false,
  receipts: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  webhook,
  send,
  react,
  locateFile,
  templates,
  typing: (account, _chat, signal, event) => typing(account, event, signal),
});

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers */
async function probe(account: WhatsAppAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const { phoneNumberId } = account.settings;
  const path = `/${phoneNumberId}?fields=display_phone_number,verified_name`;
  const answer = await call(account, { method: "GET", path, what: "GET /<phoneNumberId>", signal });
  if (!answer.ok) {
    const { fault, word } = answer.fault;
    if (word?.startsWith("100"))
      return fail("account-invalid", `the accessToken knows no number with this phoneNumberId: ${fault.message}`);
    return fault.code === "channel-auth" && word
      ? fail("channel-auth", `WhatsApp refused the accessToken: ${fault.message}`)
      : { ok: false, fault };
  }
  const { id, display_phone_number: number, verified_name: name } = fieldsOf(answer.value);
  if (id !== phoneNumberId) return fail("channel-permanent", "the server's answer is not the Graph API's: check apiRoot");
  return ok({ id: phoneNumberId, name: [name, number].filter((one) => typeof one === "string").join(", ") || phoneNumberId });
}

function webhook(account: WhatsAppAccount, request: WebhookRequest): Result<WebhookResult> {
  const read = readGraphWebhook(account.settings, request);
  if (!read.ok) return read;
  if ("answer" in read.value) return ok(read.value.answer);
  const notices = readPayload(account, read.value.json);
  if (!notices) return fail("payload-unknown", "the body is none of WhatsApp's webhooks");
  return takenWebhook(account, notices.flatMap(decode));
}
