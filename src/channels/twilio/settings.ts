import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { type TemplateSettings, templatesSetting } from "../../wires/whatsapp-templates.ts";

export interface Settings extends TemplateSettings {
  readonly accountSid: string;
  readonly authToken: string;
  readonly sender: string;
  readonly apiRoot: string;
}

export type TwilioAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  accountSid: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, "an Account SID is AC and 32 hexadecimal digits")
    .describe("The Account SID, AC…, of the account or subaccount that owns the sender."),
  authToken: secret("The account's primary Auth Token. It also signs what Twilio posts, so an API key can't stand in for it."),
  sender: z
    .string()
    .regex(/^(MG[0-9a-fA-F]{32}|\+?\d{3,15}|[a-z]+:\S{1,64})$/, "write it as +15550001111, whatsapp:+15550001111 or MG…")
    .describe("Who writes: a number, +15550001111; a WhatsApp sender, whatsapp:+15550001111; or a Messaging Service, MG…."),
  apiRoot: z
    .url({ protocol: /^https?$/ })
    .default("https://api.twilio.com")
    .describe("The API: Twilio's own, or a region's, https://api.dublin.ie1.twilio.com."),
  templates: templatesSetting(z.string().min(2).max(20).optional()),
});

/** Markup, buttons and places are WhatsApp's only; a chat's id is the person's address. */
export function isWhatsApp(address: string): boolean {
  return address.startsWith("whatsapp:");
}
