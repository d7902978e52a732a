import { type Chat, type PlatformEvent, type ReceiptEvent, readButtonToken, type Sender } from "../../core/event.ts";
import { type DeliveryId, looksLikeDelivery } from "../../core/ids.ts";
import { type FilePart, type LocationPart, type Part, textPart } from "../../core/message.ts";
import { errorOf } from "../../wires/graph.ts";
import { errors } from "./api.ts";
import type { Content, Media, Message, Notice, Person, Status } from "./payload.ts";

/** What one webhook says. Pure. */
export function decode({ messages, statuses, people }: Notice): readonly PlatformEvent[] {
  return [...messages.flatMap((message) => decodeMessage(message, people)), ...statuses.flatMap(decodeStatus)];
}

/** Groups exist for some businesses only, and aren't covered. */
function decodeMessage(message: Message, people: readonly Person[]): readonly PlatformEvent[] {
  const sender = senderOf(message, people);
  if (!sender || message.group_id) return [];
  const base = { key: message.id, chat: chatOf(sender.id), sender, at: message.timestamp * 1000 };
  const { reaction, edit, revoke, context } = message;
  if (reaction) return [{ ...base, kind: "reaction", platformId: reaction.message_id, reactions: reaction.emoji ? [reaction.emoji] : [] }];
  if (revoke) return [{ ...base, kind: "delete", platformId: revoke.original_message_id }];
  if (edit) {
    const parts = partsOf(edit.message);
    return parts.length > 0 ? [{ ...base, kind: "edit", platformId: edit.original_message_id, parts }] : [];
  }
  const token = pressOf(message)?.id;
  if (token !== undefined && readButtonToken(token)) {
    return [{ ...base, kind: "press", token, interaction: message.id, ...(context?.id ? { platformId: context.id } : {}) }];
  }
  const parts = partsOf(message);
  if (parts.length === 0) return [];
  const reply = context?.id ? { replyTo: context.id } : {};
  return [{ ...base, kind: "message", platformId: message.id, parts, addressed: true, ...reply }];
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids: the id stays when the number is withheld. */
function senderOf({ from, from_user_id }: Message, people: readonly Person[]): Sender | undefined {
  const id = from_user_id ?? from;
  if (id === undefined) return undefined;
  const person = people.find(
    ({ user_id, wa_id }) => (from_user_id !== undefined && user_id === from_user_id) || (from !== undefined && wa_id === from),
  );
  const { name, username } = person?.profile ?? {};
  const handle = from ? `+${from}` : username && `@${username.replace(/^@/, "")}`;
  return { id, ...(name ? { name } : {}), ...(handle ? { handle } : {}), bot: false, self: false };
}

function chatOf(id: string): Chat {
  return { id, kind: "direct" };
}

/** A button of ours, of a list of ours, or under a template. */
function pressOf({ interactive, button }: Content): { id: string | undefined; title: string } | undefined {
  return interactive?.button_reply ?? interactive?.list_reply ?? (button && { id: button.payload, title: button.text });
}

function partsOf(content: Content): Part[] {
  const { type, text, location, contacts = [], order, unsupported } = content;
  const pressed = pressOf(content);
  return [
    ...(text?.body ? [textPart(text.body)] : []),
    ...(pressed ? [textPart(pressed.title)] : []),
    ...filesOf(content),
    ...(location ? [placeOf(location)] : []),
    ...contacts.map(({ name, phones }): Part => {
      const phone = phones?.[0]?.phone ?? phones?.[0]?.wa_id;
      return { type: "contact", name: name.formatted_name, ...(phone ? { phone } : {}) };
    }),
    ...(order ? [textPart([`[order of ${order.product_items.length} items]`, order.text].filter(Boolean).join(" "))] : []),
    ...(type === "unsupported" ? [textPart(`[${unsupported?.type ?? "message"} that WhatsApp doesn't pass on]`)] : []),
  ];
}

function placeOf({ latitude, longitude, name, address }: NonNullable<Content["location"]>): LocationPart {
  const title = [name, address].filter(Boolean).join(", ");
  return { type: "location", latitude, longitude, ...(title ? { title } : {}) };
}

function filesOf({ image, audio, video, document, sticker }: Content): FilePart[] {
  const kinds = { image, audio, video, file: document, sticker };
  return Object.entries(kinds).flatMap(([kind, media]) => {
    if (!media) return [];
    return [fileOf(kind === "sticker" ? "image" : kind === "audio" && media.voice ? "voice" : (kind as FilePart["type"]), media)];
  });
}

function fileOf(type: FilePart["type"], { id, mime_type, filename, caption }: Media): FilePart {
  const mediaType = mime_type?.split(";")[0]?.trim();
  const source = { at: "platform", ref: id, ...(mediaType ? { mediaType } : {}) } as const;
  return { type, source, ...(filename ? { name: filename } : {}), ...(caption ? { caption } : {}) };
}

const states: Readonly<Record<string, ReceiptEvent["state"]>> = {
  sent: "accepted",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
};

/**
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status. The recipient is named as the
 * send named them, and our delivery's id comes back as `biz_opaque_callback_data`.
 */
function decodeStatus(status: Status): readonly PlatformEvent[] {
  const state = states[status.status];
  const recipient = status.recipient_id ?? status.recipient_user_id;
  if (state === undefined || recipient === undefined) return [];
  const ours = status.biz_opaque_callback_data;
  return [
    {
      kind: "receipt",
      key: `${status.id}:${status.status}`,
      chat: chatOf(recipient),
      sender: { id: recipient, bot: false, self: false },
      at: status.timestamp * 1000,
      platformId: status.id,
      state,
      ...(state === "failed" ? { error: failureOf(status) } : {}),
      ...(ours !== undefined && looksLikeDelivery(ours) ? { delivery: ours as DeliveryId } : {}),
    },
  ];
}

function failureOf({ errors: [error] = [] }: Status) {
  const known = error && errorOf(errors, error.code);
  const { code, said } = typeof known === "string" ? { code: known } : { code: "channel-permanent" as const, ...known };
  const words = said ?? [error?.title ?? error?.message, error?.error_data?.details].filter(Boolean).join(": ");
  return {
    code,
    message: `WhatsApp didn't deliver it: ${[error?.code, words].filter(Boolean).join(" ").slice(0, 300) || "it says no reason"}`,
  };
}
