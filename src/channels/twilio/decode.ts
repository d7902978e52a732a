import { fail, ok, type Result } from "../../core/errors.ts";
import { type PlatformEvent, type ReceiptEvent, readButtonToken } from "../../core/event.ts";
import { type DeliveryId, looksLikeDelivery } from "../../core/ids.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import type { Instant } from "../../core/terms.ts";
import { codeOf } from "./api.ts";
import { isWhatsApp } from "./settings.ts";

/** What Twilio says of one message, in the names of its webhooks, wherever it says it. */
export type Fields = Readonly<Record<string, string | undefined>>;

/** A message's SID; its letters say what kind it is. */
const sidShape = /^[A-Z]{2}[0-9a-fA-F]{32}$/;
const addressShape = /^\S{1,100}$/;
/** Media of one message: https://www.twilio.com/docs/messaging/api/media-resource */
const maxMedia = 10;

/**
 * https://www.twilio.com/docs/messaging/guides/webhook-request and
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status. Webhooks name no time: it is `at`. Twilio adds fields at any time.
 */
export function decode(fields: Fields, sender: string, at: Instant): Result<readonly PlatformEvent[]> {
  const { MessageSid: sid = "", MessageStatus: status, From: from = "", To: to = "" } = fields;
  if (!sidShape.test(sid) || !addressShape.test(from) || !addressShape.test(to)) {
    return fail("payload-unknown", "MessageSid, From and To must be there");
  }
  if (status !== undefined && !status.startsWith("receiv")) return ok(receiptOf(fields, sid, status, to, at));
  if (!sender.startsWith("MG") && to !== sender) return fail("payload-unknown", `the message is for ${to}, and this account is ${sender}`);
  const name = fields.ProfileName;
  const person = { id: from, handle: from.replace(/^[a-z]+:/, ""), ...(name ? { name } : {}), bot: false, self: false };
  const base = { key: sid, chat: { id: from, kind: "direct" }, sender: person, at } as const;
  const choice = optOut(fields, from);
  // Twilio has answered it: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
  if (choice === "HELP") return ok([]);
  if (choice) return ok([{ ...base, kind: "membership", change: choice === "STOP" ? "blocked" : "joined" }]);
  const { OriginalRepliedMessageSid: replied, ButtonPayload: token } = fields;
  if (token !== undefined && readButtonToken(token)) {
    return ok([{ ...base, kind: "press", token, ...(replied ? { platformId: replied } : {}) }]);
  }
  const parts = partsOf(fields, isWhatsApp(from));
  if (parts.length === 0) return ok([]);
  return ok([{ ...base, kind: "message", platformId: sid, parts, addressed: true, ...(replied ? { replyTo: replied } : {}) }]);
}

/** The states that are final: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values */
const states: Readonly<Record<string, ReceiptEvent["state"]>> = {
  delivered: "delivered",
  read: "read",
  undelivered: "failed",
  failed: "failed",
  canceled: "failed",
};

function receiptOf({ ErrorCode, ErrorMessage, delivery }: Fields, sid: string, status: string, to: string, at: Instant): PlatformEvent[] {
  const state = Object.hasOwn(states, status) ? states[status] : undefined;
  if (state === undefined) return [];
  const code = codeOf(Number(ErrorCode));
  const message = `Twilio says ${status}: ${[ErrorCode, ErrorMessage?.slice(0, 300)].filter(Boolean).join(" ") || "no reason given"}`;
  const receipt: ReceiptEvent = {
    kind: "receipt",
    key: `${sid}:${status}`,
    chat: { id: to, kind: "direct" },
    sender: { id: to, bot: false, self: false },
    at,
    platformId: sid,
    state,
    ...(state === "failed" ? { error: { code, message } } : {}),
    ...(delivery !== undefined && looksLikeDelivery(delivery) ? { delivery: delivery as DeliveryId } : {}),
  };
  return [receipt];
}

/** What Twilio takes for leaving by default, a word alone: https://help.twilio.com/articles/223134027 */
const stopWords = /^\s*(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)\s*$/i;

/** Whether somebody wants no more messages, or wants them again; Twilio itself blocks, and tells of it only with Advanced Opt-Out. */
function optOut({ OptOutType, Body = "" }: Fields, from: string): "STOP" | "START" | "HELP" | undefined {
  if (OptOutType === "STOP" || OptOutType === "START" || OptOutType === "HELP") return OptOutType;
  return !isWhatsApp(from) && stopWords.test(Body) ? "STOP" : undefined;
}

function partsOf(fields: Fields, whatsApp: boolean): Part[] {
  const parts: Part[] = fields.Body?.trim() ? [textPart(fields.Body)] : [];
  const count = Math.min(Number(fields.NumMedia) || 0, maxMedia);
  for (let index = 0; index < count; index++) {
    const [url, mediaType] = [fields[`MediaUrl${index}`], fields[`MediaContentType${index}`]];
    if (url) parts.push({ type: typeOf(mediaType, whatsApp), source: { at: "platform", ref: url, ...(mediaType ? { mediaType } : {}) } });
  }
  const [latitude, longitude] = [Number(fields.Latitude || Number.NaN), Number(fields.Longitude || Number.NaN)];
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
    const title = [fields.Label, fields.Address].filter(Boolean).join(", ");
    parts.push({ type: "location", latitude, longitude, ...(title ? { title } : {}) });
  }
  return parts;
}

/** WhatsApp's voice messages are Ogg: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages */
function typeOf(mediaType = "", whatsApp: boolean): FilePart["type"] {
  const [kind] = mediaType.split("/");
  if (kind === "audio") return whatsApp && mediaType.startsWith("audio/ogg") ? "voice" : "audio";
  return kind === "image" || kind === "video" ? kind : "file";
}
