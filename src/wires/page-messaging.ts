import { z } from "zod";
import type { Account, Outbound, WebhookRequest, WebhookResult } from "../core/channel.ts";
import type { SendOutcome } from "../core/delivery.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import { type Chat, type PlatformEvent, readButtonToken } from "../core/event.ts";
import { type DeliveryId, looksLikeDelivery } from "../core/ids.ts";
import { type FilePart, type Part, textPart } from "../core/message.ts";
import { type CallFailure, fieldsOf, type multipart, outcomeOf } from "../core/platform-call.ts";
import { windowClosed } from "../core/template.ts";
import type { Json } from "../core/terms.ts";
import { callGraph, each, type GraphErrors, type GraphSettings, graphSettings, readable, readGraphWebhook, takenWebhook } from "./graph.ts";

/**
 * What Messenger and Instagram have in common: webhooks that tell of one person's and one account's `messaging`, and sends to `/me/messages`.
 * https://developers.facebook.com/documentation/business-messaging/messenger-platform and …/instagram-messaging
 */
export interface MessagingPlatform {
  readonly name: "Messenger" | "Instagram";
  /** What the webhook's `object` is. */
  readonly object: "page" | "instagram";
}

/** Unknown fields are dropped, an unreadable optional one counts as absent: Meta adds fields and kinds at any time. */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = some(z.string());
const id = z.string().min(1).max(512);
const attachment = z.object({ type: z.string(), payload: some(z.object({ url: text, title: text })) });
type Attachment = z.infer<typeof attachment>;

const messaging = z.object({
  sender: z.object({ id }),
  recipient: z.object({ id }),
  timestamp: z.number().int().positive(),
  message: some(
    z.object({
      mid: id,
      text,
      is_echo: some(z.boolean()),
      is_deleted: some(z.boolean()),
      is_unsupported: some(z.boolean()),
      metadata: text,
      quick_reply: some(z.object({ payload: z.string() })),
      reply_to: some(z.object({ mid: some(id) })),
      attachments: some(z.array(attachment)),
    }),
  ),
  postback: some(z.object({ mid: some(id), title: text, payload: text })),
  reaction: some(z.object({ mid: id, action: z.string(), emoji: text, reaction: text })),
  message_edit: some(z.object({ mid: id, text, num_edit: z.coerce.number() })),
  delivery: some(z.object({ mids: z.array(id) })),
  read: some(z.object({ mid: some(id) })),
});
type Messaging = z.infer<typeof messaging>;
type Message = NonNullable<Messaging["message"]>;

const payload = z.object({ object: z.string(), entry: z.array(z.object({ id, messaging: z.array(z.unknown()).catch([]) })) });

/** `self`: the page's id, or the Instagram account's. What is about another is taken and dropped, and the log says so. */
export function readMessaging(
  platform: MessagingPlatform,
  account: Account<GraphSettings>,
  self: string,
  request: WebhookRequest,
): Result<WebhookResult> {
  const read = readGraphWebhook(account.settings, request);
  if (!read.ok) return read;
  if ("answer" in read.value) return ok(read.value.answer);
  const body = payload.safeParse(read.value.json);
  if (!body.success || body.data.object !== platform.object)
    return fail("payload-unknown", `the body is none of ${platform.name}'s webhooks`);
  const events = body.data.entry.flatMap((entry) => {
    if (entry.id !== self) account.log.error("messaging-other-account", { id: entry.id });
    const told = entry.id === self ? readable(account.log, messaging, entry.messaging) : [];
    return told.flatMap((one) => decode(platform, one, self));
  });
  return takenWebhook(account, events);
}

/** https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events */
function decode(platform: MessagingPlatform, one: Messaging, self: string): readonly PlatformEvent[] {
  const { message, postback, reaction, message_edit: edit, delivery, read } = one;
  const ofUs = one.sender.id === self;
  const person = ofUs ? one.recipient.id : one.sender.id;
  const base = { chat: chatOf(person), sender: { id: person, bot: false, self: false }, at: one.timestamp };
  if (message?.is_echo || ofUs) return message ? accepted(message, base) : [];
  if (message?.is_deleted) return [{ ...base, kind: "delete", key: `${message.mid}:deleted`, platformId: message.mid }];
  if (message) {
    const { mid, quick_reply: reply, reply_to: to } = message;
    if (reply && readButtonToken(reply.payload)) return [{ ...base, kind: "press", key: mid, token: reply.payload }];
    const parts = partsOf(platform, message);
    const answers = to?.mid ? { replyTo: to.mid } : {};
    return parts.length > 0 ? [{ ...base, kind: "message", key: mid, platformId: mid, parts, addressed: true, ...answers }] : [];
  }
  if (postback) {
    const key = postback.mid ?? `${person}:${one.timestamp}:postback`;
    if (postback.payload && readButtonToken(postback.payload)) return [{ ...base, kind: "press", key, token: postback.payload }];
    const words = postback.title || postback.payload;
    return words ? [{ ...base, kind: "message", key, platformId: key, parts: [textPart(words)], addressed: true }] : [];
  }
  if (reaction) {
    const { mid, action, emoji, reaction: name } = reaction;
    const now = action === "react" ? [emoji || name || "?"] : [];
    return [{ ...base, kind: "reaction", key: `${mid}:${person}:${one.timestamp}:${action}`, platformId: mid, reactions: now }];
  }
  if (edit) {
    if (!edit.text) return [];
    return [{ ...base, kind: "edit", key: `${edit.mid}:edit:${edit.num_edit}`, platformId: edit.mid, parts: [textPart(edit.text)] }];
  }
  const told = (mid: string, state: "delivered" | "read") => ({
    ...base,
    kind: "receipt" as const,
    key: `${mid}:${state}`,
    platformId: mid,
    state,
  });
  return [...(delivery?.mids ?? []).map((mid) => told(mid, "delivered")), ...(read?.mid ? [told(read.mid, "read")] : [])];
}

/** Our own message told again: with our delivery's id in it (Messenger) it says that the send was accepted. */
function accepted({ mid, metadata }: Message, base: Pick<PlatformEvent, "chat" | "sender" | "at">): readonly PlatformEvent[] {
  if (metadata === undefined || !looksLikeDelivery(metadata)) return [];
  return [{ ...base, kind: "receipt", key: `${mid}:accepted`, platformId: mid, state: "accepted", delivery: metadata as DeliveryId }];
}

function chatOf(person: string): Chat {
  return { id: person, kind: "direct" };
}

const kinds: Readonly<Record<string, FilePart["type"]>> = {
  ...{ image: "image", audio: "audio", video: "video", file: "file", sticker: "image" },
  // https://developers.facebook.com/documentation/business-messaging/instagram-messaging/webhooks: a story that mentions the account
  story_mention: "file",
};

function partsOf({ name }: MessagingPlatform, { text: words, attachments = [], is_unsupported: unsupported }: Message): Part[] {
  const parts = attachments.flatMap((one): readonly Part[] => {
    const type = kinds[one.type];
    const url = one.payload?.url;
    return type && url ? [{ type, source: { at: "platform", ref: url } }] : sharedOf(one);
  });
  return [...(words ? [textPart(words)] : []), ...parts, ...(unsupported ? [textPart(`[message that ${name} doesn't pass on]`)] : [])];
}

/** A post, a reel, a link: what it is, its title and address. */
function sharedOf({ type, payload: of }: Attachment): readonly Part[] {
  const words = [of?.title, of?.url].filter(Boolean).join(" ");
  return words ? [textPart(`[${type.replaceAll("_", " ")}] ${words}`)] : [];
}

/**
 * https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes; what isn't here nor in Graph's is permanent.
 * Beyond 24 hours of their last message nothing reaches a person, until they write again.
 */
const late = {
  code: "window-closed",
  said: "the person wrote last more than 24 hours ago; nothing reaches them until they write again",
} as const;
const errors: GraphErrors = {
  ...each(late, ["10/2018278", "10/2018065", "10/2534022"]),
  // Isn't available (blocked, gone), no such person, not to be written to by a page or by an app in development.
  ...each("channel-gone", [551, "100/2018001", "200/1545041", "200/2018028", "10/2018108"]),
  ...each("channel-auth", [230]),
  ...each("channel-retry", [1200]),
  ...each("file-refused", ["100/2018047", "4/2018047"]),
};

export interface MessagingCall {
  readonly json?: object;
  readonly form?: Awaited<ReturnType<typeof multipart>>;
  readonly signal: AbortSignal;
}

export function callMessaging(
  platform: MessagingPlatform,
  account: Account<GraphSettings>,
  method: "GET" | "POST",
  path: string,
  more: MessagingCall,
): Promise<Result<Json, CallFailure>> {
  const what = `${method} ${path.replace(/\?.*$/, "").replace(/\d{5,}/, "<id>")}`;
  return callGraph(account, { platform: platform.name, errors, method, path, what, ...more });
}

export interface MessagingSettings extends GraphSettings {
  readonly humanAgent: boolean;
}

export const messagingSettings = {
  ...graphSettings,
  humanAgent: z
    .boolean()
    .default(false)
    .describe("Whether Meta granted the app the feature Human Agent: what operators write then reaches people for 7 days, not 24 hours."),
};

/** Where a message goes, and by what right. */
export interface Envelope {
  readonly recipient: { readonly id: string };
  readonly messaging_type: "RESPONSE" | "MESSAGE_TAG";
  readonly tag?: "HUMAN_AGENT";
}

const humanAgentMs = 7 * 86_400_000;

/**
 * Within 24 hours of their last message it is an answer; then, within 7 days, only what a person wrote by hand, where Meta granted that.
 * What is beyond is refused before Meta is asked, which counts such calls against the page.
 * https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
 * https://developers.facebook.com/docs/features-reference/human-agent
 */
export function envelopeOf(
  { settings, clock }: Account<MessagingSettings>,
  { chat, content, heardAt }: Pick<Outbound, "chat" | "content" | "heardAt">,
): Result<Envelope, SendOutcome> {
  const recipient = recipientOf(chat);
  if (!recipient) return { ok: false, fault: nowhere };
  const now = clock.now();
  if (!windowClosed(heardAt, now)) return ok({ recipient, messaging_type: "RESPONSE" });
  const byHand = content.byHand === true;
  if (byHand && settings.humanAgent && !windowClosed(heardAt, now, humanAgentMs))
    return ok({ recipient, messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" });
  const since = `the person wrote last at ${new Date(heardAt ?? 0).toISOString()}, more than ${byHand && settings.humanAgent ? "7 days" : "24 hours"} ago`;
  const then =
    byHand && !settings.humanAgent
      ? "until they write again, people reach them only where Meta granted Human Agent and the account's humanAgent says so"
      : "nothing reaches them until they write again";
  return { ok: false, fault: { kind: "refused", code: "window-closed", message: `${since}: ${then}` } };
}

function recipientOf({ id }: Chat): { readonly id: string } | undefined {
  return /^\d{1,40}$/.test(id) ? { id } : undefined;
}

/** https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/quick-replies: they go once one is tapped. */
export function wordsOf({ content: { text: words, buttons } }: Pick<Outbound, "content">): object {
  const replies = buttons?.flat().map(({ label, token }) => ({ content_type: "text", title: label, payload: token }));
  return { text: words, ...(replies ? { quick_replies: replies } : {}) };
}

/** https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api */
export async function postMessage(
  platform: MessagingPlatform,
  account: Account<GraphSettings>,
  body: Omit<MessagingCall, "signal">,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const answer = await callMessaging(platform, account, "POST", "/me/messages", { ...body, signal });
  if (!answer.ok) return outcomeOf(answer.fault);
  const { message_id: mid } = fieldsOf(answer.value);
  if (typeof mid === "string" && mid !== "") return { kind: "sent", receipt: mid };
  return { kind: "unknown", code: "channel-unknown", message: `${platform.name} accepted the message, but its answer names none` };
}

/** https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/sender-actions: for 20 seconds at most. */
export async function showTyping(
  platform: MessagingPlatform,
  account: Account<GraphSettings>,
  chat: Chat,
  signal: AbortSignal,
): Promise<void> {
  const recipient = recipientOf(chat);
  if (!recipient) return;
  await callMessaging(platform, account, "POST", "/me/messages", { json: { recipient, sender_action: "typing_on" }, signal });
}

const nowhere = { kind: "refused", code: "channel-permanent", message: "the chat's id is none of Meta's" } as const;
