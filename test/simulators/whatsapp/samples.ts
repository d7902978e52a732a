import type { PlatformEvent } from "../../../src/core/event.ts";
import type { DeliveryId } from "../../../src/core/ids.ts";

/**
 * Webhooks in the shapes of https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages and the pages
 * below it (…/messages/text, /audio, /interactive, /status, …), words ours; and what they are in our words.
 */
export interface Sample {
  readonly payload: object;
  readonly events: readonly PlatformEvent[];
}

export const samplesReadAt = Date.parse("2026-06-01T12:00:00Z");
const seconds = samplesReadAt / 1000 - 60;
const at = seconds * 1000;
const phoneNumberId = "106540352242922";
const number = "16505551234";
const user = "US.13491208655302741918";
const wamid = "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQUI3MkE3";
const delivery = "dl_0123456789abcdefghjkmn" as DeliveryId;

export const chat = { id: user, kind: "direct" } as const;
const sender = { id: user, name: "Sheena Nelson", handle: `+${number}`, bot: false, self: false };
const base = { key: wamid, chat, sender, at };
const said = { ...base, kind: "message", platformId: wamid, addressed: true } as const;

export function webhook(value: object, field = "messages", id = phoneNumberId): object {
  const metadata = { display_phone_number: "15550783881", phone_number_id: id };
  return {
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ value: { messaging_product: "whatsapp", metadata, ...value }, field }] }],
  };
}

const contacts = [{ profile: { name: "Sheena Nelson" }, wa_id: number, user_id: user }];
export const message = (content: object): object =>
  webhook({ contacts, messages: [{ from: number, from_user_id: user, id: wamid, timestamp: String(seconds), ...content }] });
export const status = (of: object): object =>
  webhook({
    contacts,
    statuses: [{ id: wamid, timestamp: String(seconds), recipient_id: number, recipient_user_id: user, ...of }],
  });
const told = (state: string) => {
  const from = { id: number, bot: false, self: false };
  return { kind: "receipt", key: `${wamid}:${state}`, chat: { id: number, kind: "direct" }, sender: from, at, platformId: wamid } as const;
};
const remote = (ref: string, mediaType: string) => ({ at: "platform", ref, mediaType }) as const;
const token = `ms_${"0".repeat(22)}:1`;
const sha256 = "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=";

export const samples = {
  text: {
    payload: message({ type: "text", text: { body: "Does it come in *another* colour?" } }),
    events: [{ ...said, parts: [{ type: "text", text: "Does it come in *another* colour?", markup: "plain" }] }],
  },
  reply: {
    payload: message({ context: { from: "15550783881", id: "wamid.ours" }, type: "text", text: { body: "That one." } }),
    events: [{ ...said, parts: [{ type: "text", text: "That one.", markup: "plain" }], replyTo: "wamid.ours" }],
  },
  withoutNumber: {
    payload: webhook({
      contacts: [{ profile: { name: "Sheena Nelson", username: "sheena.n" }, user_id: user }],
      messages: [{ from_user_id: user, id: wamid, timestamp: String(seconds), type: "text", text: { body: "Hi" } }],
    }),
    events: [{ ...said, sender: { ...sender, handle: "@sheena.n" }, parts: [{ type: "text", text: "Hi", markup: "plain" }] }],
  },
  withoutUserId: {
    payload: webhook({
      contacts: [{ profile: { name: "Sheena Nelson" }, wa_id: number }],
      messages: [{ from: number, id: wamid, timestamp: String(seconds), type: "text", text: { body: "Hi" } }],
    }),
    events: [
      {
        ...said,
        chat: { id: number, kind: "direct" },
        sender: { ...sender, id: number },
        parts: [{ type: "text", text: "Hi", markup: "plain" }],
      },
    ],
  },
  image: {
    payload: message({
      type: "image",
      image: { caption: "The lamp", mime_type: "image/jpeg", sha256, id: "1003383421387256", url: "https://lookaside.fbsbx.com/x" },
    }),
    events: [{ ...said, parts: [{ type: "image", source: remote("1003383421387256", "image/jpeg"), caption: "The lamp" }] }],
  },
  voice: {
    payload: message({ type: "audio", audio: { mime_type: "audio/ogg; codecs=opus", sha256, id: "1908647269898587", voice: true } }),
    events: [{ ...said, parts: [{ type: "voice", source: remote("1908647269898587", "audio/ogg") }] }],
  },
  audio: {
    payload: message({ type: "audio", audio: { mime_type: "audio/mpeg", sha256, id: "1908647269898588", voice: false } }),
    events: [{ ...said, parts: [{ type: "audio", source: remote("1908647269898588", "audio/mpeg") }] }],
  },
  video: {
    payload: message({ type: "video", video: { mime_type: "video/mp4", sha256, id: "1166846181421424" } }),
    events: [{ ...said, parts: [{ type: "video", source: remote("1166846181421424", "video/mp4") }] }],
  },
  document: {
    payload: message({
      type: "document",
      document: { caption: "Signed", filename: "order.pdf", mime_type: "application/pdf", sha256, id: "1376223850470843" },
    }),
    events: [
      { ...said, parts: [{ type: "file", source: remote("1376223850470843", "application/pdf"), name: "order.pdf", caption: "Signed" }] },
    ],
  },
  sticker: {
    payload: message({ type: "sticker", sticker: { mime_type: "image/webp", sha256, id: "1473274327229346", animated: false } }),
    events: [{ ...said, parts: [{ type: "image", source: remote("1473274327229346", "image/webp") }] }],
  },
  location: {
    payload: message({
      type: "location",
      location: { address: "1071 5th Ave, New York", latitude: 40.782910059774, longitude: -73.959075808525, name: "Guggenheim" },
    }),
    events: [
      {
        ...said,
        parts: [{ type: "location", latitude: 40.782910059774, longitude: -73.959075808525, title: "Guggenheim, 1071 5th Ave, New York" }],
      },
    ],
  },
  contacts: {
    payload: message({
      type: "contacts",
      contacts: [
        {
          name: { first_name: "Barbara", formatted_name: "Barbara J. Johnson" },
          phones: [{ phone: "+1 650-555-9999", wa_id: "16505559999" }],
        },
      ],
    }),
    events: [{ ...said, parts: [{ type: "contact", name: "Barbara J. Johnson", phone: "+1 650-555-9999" }] }],
  },
  buttonReply: {
    payload: message({
      context: { from: "15550783881", id: "wamid.buttons" },
      type: "interactive",
      interactive: { type: "button_reply", button_reply: { id: token, title: "Cancel" } },
    }),
    events: [{ ...base, kind: "press", token, interaction: wamid, platformId: "wamid.buttons" }],
  },
  listReply: {
    payload: message({
      context: { from: "15550783881", id: "wamid.list" },
      type: "interactive",
      interactive: { type: "list_reply", list_reply: { id: token, title: "Express", description: "Next day" } },
    }),
    events: [{ ...base, kind: "press", token, interaction: wamid, platformId: "wamid.list" }],
  },
  templateButton: {
    payload: message({
      context: { from: "15550783881", id: "wamid.template" },
      type: "button",
      button: { payload: "Unsubscribe", text: "Unsubscribe" },
    }),
    events: [{ ...said, parts: [{ type: "text", text: "Unsubscribe", markup: "plain" }], replyTo: "wamid.template" }],
  },
  reaction: {
    payload: message({ type: "reaction", reaction: { message_id: "wamid.ours", emoji: "👍" } }),
    events: [{ ...base, kind: "reaction", platformId: "wamid.ours", reactions: ["👍"] }],
  },
  reactionTakenAway: {
    payload: message({ type: "reaction", reaction: { message_id: "wamid.ours" } }),
    events: [{ ...base, kind: "reaction", platformId: "wamid.ours", reactions: [] }],
  },
  edit: {
    payload: message({
      type: "edit",
      edit: { original_message_id: "wamid.before", message: { context: { id: "M0" }, type: "text", text: { body: "Two, please" } } },
    }),
    events: [{ ...base, kind: "edit", platformId: "wamid.before", parts: [{ type: "text", text: "Two, please", markup: "plain" }] }],
  },
  revoke: {
    payload: message({ type: "revoke", revoke: { original_message_id: "wamid.before" } }),
    events: [{ ...base, kind: "delete", platformId: "wamid.before" }],
  },
  order: {
    payload: message({
      type: "order",
      order: {
        catalog_id: "194836987003835",
        text: "Love these!",
        product_items: [{ product_retailer_id: "di9ozbzfi4", quantity: 2, item_price: 30, currency: "USD" }],
      },
    }),
    events: [{ ...said, parts: [{ type: "text", text: "[order of 1 items] Love these!", markup: "plain" }] }],
  },
  unsupported: {
    payload: message({
      type: "unsupported",
      unsupported: { type: "poll_creation" },
      errors: [
        {
          code: 131051,
          title: "Message type unknown",
          message: "Message type unknown",
          error_data: { details: "Message type is currently not supported." },
        },
      ],
    }),
    events: [{ ...said, parts: [{ type: "text", text: "[poll_creation that WhatsApp doesn't pass on]", markup: "plain" }] }],
  },
  newNumber: {
    payload: message({
      type: "system",
      system: { body: "Sheena Nelson changed from 16505551234 to 12195555358", wa_id: "12195555358", type: "user_changed_number" },
    }),
    events: [],
  },
  group: {
    payload: message({ group_id: "Y2FwaV9ncm91cDoxOTUwNTU1MDA3OToxMjAzNjMzOTQzMjAdOTY0MTUZD", type: "text", text: { body: "Hi all" } }),
    events: [],
  },
  sent: {
    payload: status({ status: "sent", pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "utility" } }),
    events: [{ ...told("sent"), state: "accepted" }],
  },
  delivered: {
    payload: status({ status: "delivered", biz_opaque_callback_data: delivery }),
    events: [{ ...told("delivered"), state: "delivered", delivery }],
  },
  read: { payload: status({ status: "read" }), events: [{ ...told("read"), state: "read" }] },
  played: { payload: status({ status: "played" }), events: [{ ...told("played"), state: "read" }] },
  failed: {
    payload: status({
      status: "failed",
      biz_opaque_callback_data: "somebody else's",
      errors: [
        {
          code: 131049,
          title: "This message was not delivered to maintain healthy ecosystem engagement.",
          error_data: { details: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered." },
          href: "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
        },
      ],
    }),
    events: [
      {
        ...told("failed"),
        state: "failed",
        error: {
          code: "channel-permanent",
          message:
            "WhatsApp didn't deliver it: 131049 This message was not delivered to maintain healthy ecosystem engagement.: In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
        },
      },
    ],
  },
  outsideTheWindow: {
    payload: status({ status: "failed", errors: [{ code: 131047, title: "Re-engagement message" }] }),
    events: [
      {
        ...told("failed"),
        state: "failed",
        error: {
          code: "window-closed",
          message:
            "WhatsApp didn't deliver it: 131047 the person wrote last more than 24 hours ago; until they write again, only templates reach them",
        },
      },
    ],
  },
  statusByUserId: {
    payload: webhook({ statuses: [{ id: wamid, status: "read", timestamp: String(seconds), recipient_user_id: user }] }),
    events: [{ ...told("read"), chat, sender: { id: user, bot: false, self: false }, state: "read" }],
  },
  otherNumber: {
    payload: webhook(
      { contacts, messages: [{ from: number, id: wamid, timestamp: String(seconds), type: "text", text: { body: "Hi" } }] },
      "messages",
      "999999999",
    ),
    events: [],
  },
  otherField: { payload: webhook({ event: "APPROVED", message_template_id: 1 }, "message_template_status_update"), events: [] },
  echo: {
    payload: webhook(
      {
        message_echoes: [
          { from: "15550783881", to: number, id: "wamid.x", timestamp: String(seconds), type: "text", text: { body: "from the app" } },
        ],
      },
      "smb_message_echoes",
    ),
    events: [],
  },
  oneOddMessage: {
    payload: webhook({
      contacts,
      messages: [
        { id: 7 },
        { from: number, from_user_id: user, id: wamid, timestamp: String(seconds), type: "text", text: { body: "Hi" } },
      ],
    }),
    events: [{ ...said, parts: [{ type: "text", text: "Hi", markup: "plain" }] }],
  },
} as const satisfies Record<string, Sample>;
