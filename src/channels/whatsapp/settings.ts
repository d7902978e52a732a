import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { type GraphSettings, graphSettings } from "../../wires/graph.ts";
import { type TemplateSettings, templatesSetting } from "../../wires/whatsapp-templates.ts";

export interface Settings extends GraphSettings, TemplateSettings {
  readonly phoneNumberId: string;
  readonly businessAccountId?: string | undefined;
  readonly readReceipts: boolean;
  readonly linkPreviews: boolean;
}

export type WhatsAppAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  accessToken: secret("The permanent token of a system user, with whatsapp_business_messaging and whatsapp_business_management."),
  phoneNumberId: z
    .string()
    .regex(/^\d{5,20}$/, "this is the number's id at Meta, digits only, and not the number itself")
    .describe("The number's id, from WhatsApp, API Setup; not the number itself."),
  businessAccountId: z
    .string()
    .regex(/^\d{5,20}$/, "this is the id of the WhatsApp Business account, digits only")
    .optional()
    .describe("The id of the WhatsApp Business account, from the same page: only to list its templates."),
  ...graphSettings,
  readReceipts: z
    .boolean()
    .default(true)
    .describe("Whether people see that their message was read and that an answer is being written; WhatsApp shows only both."),
  linkPreviews: z
    .boolean()
    .default(false)
    .describe("Whether WhatsApp fetches the links of an answer to show previews. Off, so that no written link is called by itself."),
  templates: templatesSetting(z.string().regex(/^[a-z]{2,3}(_[A-Za-z]{2,4})?$/, "write it as WhatsApp does: en, pt_BR")),
});
