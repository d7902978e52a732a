import { fail, ok, type Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { type CallFailure, failed, fieldsOf, multipart } from "../../core/platform-call.ts";
import { call, post } from "./api.ts";
import type { WhatsAppAccount } from "./settings.ts";

const office = "application/vnd.openxmlformats-officedocument";
const megabytes: readonly (readonly [number, ...string[]])[] = [
  [5, "image/jpeg", "image/png"],
  [16, "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/ogg; codecs=opus", "video/mp4", "video/3gpp"],
  [100, "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
  [100, `${office}.wordprocessingml.document`, `${office}.spreadsheetml.sheet`, `${office}.presentationml.presentation`],
];

/**
 * Bytes of what WhatsApp takes, by media type; Vorbis in Ogg isn't taken.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#supported-media-types
 */
export const outboundTypes: Readonly<Record<string, number>> = Object.fromEntries(
  megabytes.flatMap(([size, ...types]) => types.map((type) => [type, size * 1_000_000])),
);

/** A message with a file, which is uploaded first: nobody sees that, so that only the send's own outcome can be unknown. */
export async function fileBody(
  account: WhatsAppAccount,
  part: FilePart,
  text: string,
  signal: AbortSignal,
): Promise<Result<object, CallFailure>> {
  const most = part.source.at === "store" ? outboundTypes[part.source.mediaType] : 0;
  if (most === undefined) return failed("file-refused", "WhatsApp takes no files of this type");
  const read = await outgoingFile(account, part, most);
  if (!read.ok) return failed(read.fault.code, read.fault.message);
  const file = { ...read.value, mediaType: read.value.mediaType.replace("x-m4a", "mp4") };
  const form = await multipart({ messaging_product: "whatsapp", type: file.mediaType }, [{ field: "file", ...file }]);
  const uploaded = await post(account, "media", { form }, signal);
  if (!uploaded.ok) return { ok: false, fault: { ...uploaded.fault, sure: true } };
  const { id } = fieldsOf(uploaded.value);
  if (typeof id !== "string" || id === "") return failed("channel-retry", "WhatsApp named no id for an uploaded file");
  const kind = /^(image|audio|video)\//.exec(file.mediaType)?.[1] ?? "document";
  const caption = text && kind !== "audio" ? { caption: text } : {};
  const more = kind === "document" ? { filename: file.name } : part.type === "voice" ? { voice: file.mediaType.endsWith("opus") } : {};
  return ok({ type: kind, [kind]: { id, ...caption, ...more } });
}

/**
 * WhatsApp names an address that holds for five minutes and takes the token, so it has to be Meta's.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#get-media-url
 */
export async function locateFile(account: WhatsAppAccount, ref: string, signal: AbortSignal): Promise<Result<HttpRequest>> {
  const { phoneNumberId, accessToken, apiRoot } = account.settings;
  const refused = (why: string) => fail("file-refused", `WhatsApp doesn't hand out the file: ${why}`);
  if (!/^[\w-]{1,200}$/.test(ref)) return refused("its id is none of WhatsApp's");
  const path = `/${ref}?phone_number_id=${phoneNumberId}`;
  const answer = await call(account, { method: "GET", path, what: "GET /<media>", signal });
  if (!answer.ok) {
    const { fault } = answer.fault;
    return fault.code === "channel-permanent" ? refused(fault.message) : { ok: false, fault };
  }
  const { url } = fieldsOf(answer.value);
  if (typeof url !== "string" || !isMetas(url, apiRoot)) return refused("it named no address of Meta's");
  return ok({ method: "GET", url, headers: { authorization: `Bearer ${accessToken}` }, trust: "configured" });
}

/** Media are at lookaside.fbsbx.com; a stand-in's are where its API is. */
function isMetas(address: string, apiRoot: string): boolean {
  const url = URL.parse(address);
  if (url?.username !== "") return false;
  if (url.origin === URL.parse(apiRoot)?.origin) return true;
  return url.protocol === "https:" && url.port === "" && /\.(fbsbx|facebook)\.com$/.test(url.hostname);
}
