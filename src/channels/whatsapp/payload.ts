import { z } from "zod";
import { readable } from "../../wires/graph.ts";
import type { WhatsAppAccount } from "./settings.ts";

/**
 * What WhatsApp posts, as far as we read it. It adds fields and kinds at any time, and one odd field must not cost a message: unknown fields
 * are dropped, an unreadable optional one counts as absent, and of a list what can be read.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
 */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const list = z.array(z.unknown()).catch([]);
const text = some(z.string());
const id = z.string().min(1).max(512);

const media = z.object({ id, mime_type: text, caption: text, filename: text, voice: some(z.boolean()) });
export type Media = z.infer<typeof media>;

const contact = z.object({
  name: z.object({ formatted_name: z.string() }),
  phones: some(z.array(z.object({ phone: text, wa_id: text }))),
});

const pressed = z.object({ id: z.string(), title: z.string() });

const content = z.object({
  type: z.string(),
  context: some(z.object({ id: some(id) })),
  text: some(z.object({ body: z.string() })),
  image: some(media),
  audio: some(media),
  video: some(media),
  document: some(media),
  sticker: some(media),
  location: some(
    z.object({ latitude: z.coerce.number().min(-90).max(90), longitude: z.coerce.number().min(-180).max(180), name: text, address: text }),
  ),
  contacts: some(z.array(contact)),
  interactive: some(z.object({ button_reply: some(pressed), list_reply: some(pressed) })),
  button: some(z.object({ text: z.string(), payload: text })),
  order: some(z.object({ text, product_items: list })),
  unsupported: some(z.object({ type: text })),
});
export type Content = z.infer<typeof content>;

/** `from_user_id` is the person's id for this business; `from` their number, which is withheld from who goes by a username. */
const message = content.extend({
  id,
  from: some(id),
  from_user_id: some(id),
  group_id: text,
  timestamp: z.coerce.number().int().positive(),
  reaction: some(z.object({ message_id: id, emoji: text })),
  edit: some(z.object({ original_message_id: id, message: content })),
  revoke: some(z.object({ original_message_id: id })),
});
export type Message = z.infer<typeof message>;

const status = z.object({
  id,
  status: z.string(),
  timestamp: z.coerce.number().int().positive(),
  recipient_id: some(id),
  recipient_user_id: some(id),
  biz_opaque_callback_data: text,
  errors: some(z.array(z.object({ code: z.number(), title: text, message: text, error_data: some(z.object({ details: text })) }))),
});
export type Status = z.infer<typeof status>;

const person = z.object({ wa_id: text, user_id: text, profile: some(z.object({ name: text, username: text })) });
export type Person = z.infer<typeof person>;

const value = z.object({
  metadata: some(z.object({ phone_number_id: z.string() })),
  contacts: list,
  messages: list,
  statuses: list,
});
const payload = z.object({
  object: z.literal("whatsapp_business_account"),
  entry: z.array(z.object({ changes: z.array(z.object({ field: z.string(), value })) })),
});

/** What one webhook tells of the number. */
export interface Notice {
  readonly messages: readonly Message[];
  readonly statuses: readonly Status[];
  readonly people: readonly Person[];
}

/** Nothing for a body that isn't WhatsApp's. What is about another number is left out, and told in the log. */
export function readPayload({ settings, log }: WhatsAppAccount, body: unknown): readonly Notice[] | undefined {
  const read = payload.safeParse(body);
  return read.data?.entry.flatMap(({ changes }) =>
    changes.flatMap(({ field, value: { metadata, contacts, messages, statuses } }) => {
      if (field !== "messages") return [];
      const number = metadata?.phone_number_id;
      if (number !== settings.phoneNumberId) log.error("whatsapp-other-number", { number });
      if (number !== settings.phoneNumberId) return [];
      const people = readable(log, person, contacts);
      return [{ people, messages: readable(log, message, messages), statuses: readable(log, status, statuses) }];
    }),
  );
}
