import { defineChannel, type Identity, type Outbound } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { fieldsOf, multipart } from "../../core/platform-call.ts";
import { plain } from "../../dialects/plain.ts";
import * as messaging from "../../wires/page-messaging.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { type MessengerAccount, type Settings, settings } from "./settings.ts";

const platform: messaging.MessagingPlatform = { name: "Messenger", object: "page" };
/** https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets */
const maxUploadBytes = 25_000_000;

/** https://developers.facebook.com/documentation/business-messaging/messenger-platform */
export default defineChannel<Settings>({
  kind: "messenger",
  name: "Messenger",
  summary: "A Facebook page's Messenger: text, files, quick replies, postbacks, reactions, edits.",
  settings,
  dialect: plain,
  limits: {
    text: { max: 2000, unit: "utf16", counts: "sent" },
    // https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview/rate-limiting: 300 a second with text, 10 with files.
    rate: { account: 300, conversation: 1 },
    file: { inbound: 25_000_000, outbound: maxUploadBytes },
    buttons: { count: 13, label: 20, links: false, files: false },
    // https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions: 20 seconds.
    typingEvery: 17_000,
  },
  access: { direct: "open", public: true },
  idempotent: false,
  receipts: true,
  byHand: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  webhook: (account, request) => messaging.readMessaging(platform, account, account.settings.pageId, request),
  send,
  typing: (account, chat, signal) => messaging.showTyping(platform, account, chat, signal),
  // Its address came with a message: only public ones are fetched.
  locateFile: async (_account, ref) => ok({ method: "GET", url: ref, trust: "public" }),
});

/** https://developers.facebook.com/docs/graph-api/reference/page */
async function probe(account: MessengerAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const answer = await messaging.callMessaging(platform, account, "GET", "/me?fields=id,name", { signal });
  if (!answer.ok) {
    const { fault, word } = answer.fault;
    return fault.code === "channel-auth" && word
      ? fail("channel-auth", `Meta refused the accessToken: ${fault.message}`)
      : { ok: false, fault };
  }
  const { id, name } = fieldsOf(answer.value);
  if (typeof id !== "string") return fail("channel-permanent", "the server's answer is not the Graph API's: check apiRoot");
  const { pageId } = account.settings;
  if (id !== pageId) return fail("account-invalid", `the accessToken is not the page's with the id ${pageId}, but that of ${id}`);
  return ok({ id, name: typeof name === "string" ? name : id });
}

/** The delivery's id goes along as `metadata`, and comes back with the echo. */
async function send(account: MessengerAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const envelope = messaging.envelopeOf(account, outbound);
  if (!envelope.ok) return envelope.fault;
  const metadata = outbound.delivery;
  const { file } = outbound.content;
  if (!file) {
    const message = { ...messaging.wordsOf(outbound), metadata };
    return messaging.postMessage(platform, account, { json: { ...envelope.value, message } }, signal);
  }
  const read = await outgoingFile(account, file, maxUploadBytes);
  if (!read.ok) return { kind: "refused", ...read.fault };
  // https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages: the message and its file in one request.
  const type = /^(image|audio|video)\//.exec(read.value.mediaType)?.[1] ?? "file";
  const message = { attachment: { type, payload: { is_reusable: false } }, metadata };
  const form = await multipart({ ...envelope.value, message }, [{ field: "filedata", ...read.value }]);
  return messaging.postMessage(platform, account, { form }, signal);
}
