import { defineChannel, type Identity } from "../../core/channel.ts";
import type { Dialect } from "../../core/dialect.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { plain } from "../../dialects/plain.ts";
import { whatsapp } from "../../dialects/whatsapp.ts";
import { call, credentials, own } from "./api.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { listen } from "./listen.ts";
import { maxBody, maxButtons, send } from "./send.ts";
import { isWhatsApp, type Settings, settings, type TwilioAccount } from "./settings.ts";
import { templates } from "./templates.ts";
import { webhook } from "./webhook.ts";

/** Where there are no buttons, they stand under the text as numbered lines. */
const roomForChoices = maxButtons.count * (maxButtons.label + "\n1. ".length);

/** WhatsApp's markup, and for SMS, which has none, plain letters. */
const dialect: Dialect = {
  name: "whatsapp-or-plain",
  render: (tree) => ({ text: whatsapp.render(tree).text, visible: plain.render(tree).text }),
};

/** https://www.twilio.com/docs/messaging */
export default defineChannel<Settings>({
  kind: "twilio",
  name: "Twilio (SMS, WhatsApp)",
  summary: "A number, a WhatsApp sender or a Messaging Service at Twilio: SMS, MMS and WhatsApp, with pictures and buttons.",
  settings,
  dialect,
  limits: {
    text: { max: maxBody - roomForChoices, unit: "utf16", counts: "sent" },
    // Twilio queues what a number can't send at once (1 a second and more): https://www.twilio.com/docs/messaging/guides/scaling-queueing-latency
    rate: { account: 10, conversation: 1 },
    // https://www.twilio.com/docs/messaging/api/media-resource, and 16 MB in WhatsApp, 5 of an image.
    file: { inbound: 20_000_000, outbound: 5_000_000 },
    // https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages: no words beside a document or a recording.
    caption: { max: 1_024, unit: "utf16", counts: "sent", kinds: ["image", "video"] },
    buttons: { ...maxButtons, links: false, files: false },
    shows: ["location"],
    // https://www.twilio.com/docs/whatsapp/api/typing-indicators-resource: 25 seconds.
    typingEvery: 22_000,
  },
  access: { direct: "open", public: true },
  idempotent: false,
  receipts: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen,
  webhook,
  send,
  templates,

  /** https://www.twilio.com/docs/whatsapp/api/typing-indicators-resource: for 25 seconds, and the message counts as read. */
  async typing(account, { id }, signal, event) {
    if (!isWhatsApp(id) || event?.kind !== "message") return;
    const body = new URLSearchParams({ messageId: event.platformId, channel: "whatsapp" });
    await call(account, "POST", "/v2/Indicators/Typing.json", { body, signal });
  },

  /** https://www.twilio.com/docs/messaging/api/media-resource: it takes the credential and sends the downloader on, without it, to where the bytes are. */
  async locateFile({ settings }, ref) {
    if (!isTwilios(settings, ref)) return fail("file-refused", "the attachment's address is none of Twilio's API");
    return ok({ method: "GET", url: ref, headers: credentials(settings), trust: "configured" });
  },
});

/** https://www.twilio.com/docs/iam/api/account */
async function probe(account: TwilioAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const answer = await call(account, "GET", own(account, ".json"), { signal });
  if (!answer.ok) {
    const { fault, word } = answer.fault;
    return fault.code === "channel-auth"
      ? fail("channel-auth", `Twilio refused the accountSid or authToken: ${word}`)
      : { ok: false, fault };
  }
  const { status } = answer.value;
  if (typeof status !== "string") return fail("channel-permanent", "the server's answer is not the Twilio API's: check apiRoot");
  if (status !== "active") return fail("channel-auth", `the account is ${status} at Twilio`);
  const { sender } = account.settings;
  return ok({ id: sender, name: sender });
}

/** Media are at api.twilio.com, whatever the region. */
function isTwilios({ apiRoot }: Settings, address: string): boolean {
  const [url, root] = [URL.parse(address), URL.parse(apiRoot)];
  if (!url || !root || url.username !== "" || !url.pathname.startsWith("/2010-04-01/Accounts/")) return false;
  return url.origin === root.origin || (url.protocol === "https:" && url.port === "" && /^api\.([\w-]+\.)*twilio\.com$/.test(url.hostname));
}
