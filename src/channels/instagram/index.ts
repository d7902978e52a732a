import { defineChannel, type Identity, type Outbound } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { plain } from "../../dialects/plain.ts";
import * as messaging from "../../wires/page-messaging.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { type InstagramAccount, type Settings, settings } from "./settings.ts";

const platform: messaging.MessagingPlatform = { name: "Instagram", object: "instagram" };

const megabyte = 1_000_000;
/** Bytes by media type: https://developers.facebook.com/documentation/business-messaging/instagram-messaging/send-messages */
const types: Readonly<Record<string, number>> = {
  ...{ "image/png": 8 * megabyte, "image/jpeg": 8 * megabyte },
  ...{ "audio/aac": 25 * megabyte, "audio/x-m4a": 25 * megabyte, "audio/mp4": 25 * megabyte, "audio/wav": 25 * megabyte },
  ...{ "video/mp4": 25 * megabyte, "video/quicktime": 25 * megabyte, "video/webm": 25 * megabyte },
};

/** https://developers.facebook.com/documentation/business-messaging/instagram-messaging */
export default defineChannel<Settings>({
  kind: "instagram",
  name: "Instagram",
  summary: "The direct messages of a professional Instagram account: text, pictures, sound, quick replies, reactions.",
  settings,
  dialect: plain,
  limits: {
    text: { max: 1000, unit: "byte", counts: "sent" },
    // https://developers.facebook.com/documentation/instagram-platform/overview: 100 a second with text, 10 with sound or video.
    rate: { account: 100, conversation: 1 },
    file: { inbound: 25 * megabyte, outbound: 25 * megabyte, types },
    buttons: { count: 13, label: 20, links: false, files: false },
    // As Messenger's, whose call it is: 20 seconds.
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
  webhook: (account, request) => messaging.readMessaging(platform, account, account.settings.accountId, request),
  send,
  typing: (account, chat, signal) => messaging.showTyping(platform, account, chat, signal),
  // Its address came with a message: only public ones are fetched.
  locateFile: async (_account, ref) => ok({ method: "GET", url: ref, trust: "public" }),
});

/** https://developers.facebook.com/documentation/instagram-platform/reference/ig-user, the same on both hosts. */
async function probe(account: InstagramAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const { accountId } = account.settings;
  const answer = await messaging.callMessaging(platform, account, "GET", `/${accountId}?fields=username`, { signal });
  if (!answer.ok) {
    const { fault, word } = answer.fault;
    if (word && /^100(\/|$)/.test(word))
      return fail("account-invalid", `the accessToken knows no account with this accountId: ${fault.message}`);
    return fault.code === "channel-auth" && word
      ? fail("channel-auth", `Meta refused the accessToken: ${fault.message}`)
      : { ok: false, fault };
  }
  const { username } = fieldsOf(answer.value);
  if (typeof username !== "string") return fail("channel-permanent", "the server's answer is not the Instagram API's: check apiRoot");
  return ok({ id: accountId, name: `@${username}` });
}

/** Instagram takes no uploads here: it fetches a file from the address that it is told. */
async function send(account: InstagramAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const envelope = messaging.envelopeOf(account, outbound);
  if (!envelope.ok) return envelope.fault;
  const { file } = outbound.content;
  const message = file ? attachmentOf(account, file) : messaging.wordsOf(outbound);
  if (message) return messaging.postMessage(platform, account, { json: { ...envelope.value, message } }, signal);
  return { kind: "refused", code: "file-refused", message: "Instagram fetches files by their address: set http.publicUrl" };
}

function attachmentOf(account: InstagramAccount, file: NonNullable<Outbound["content"]["file"]>): object | undefined {
  const url = account.fileUrl?.(file);
  const mediaType = file.source.at === "store" ? file.source.mediaType : "";
  const type = /^(image|audio|video)\//.exec(mediaType)?.[1];
  return url && type ? { attachment: { type, payload: { url } } } : undefined;
}
