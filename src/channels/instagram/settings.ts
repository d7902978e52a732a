import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { type MessagingSettings, messagingSettings } from "../../wires/page-messaging.ts";

export interface Settings extends MessagingSettings {
  readonly accountId: string;
}

export type InstagramAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  accessToken: secret(
    "The professional account's token, with instagram_business_manage_messages; or its page's, with instagram_manage_messages.",
  ),
  accountId: z
    .string()
    .regex(/^\d{5,20}$/, "this is the account's id, digits only, and not its name")
    .describe("The id of the professional account, from the app's Instagram settings."),
  ...messagingSettings,
  apiRoot: z
    .url({ protocol: /^https?$/ })
    .default("https://graph.instagram.com/v25.0")
    .describe("The API's address, with its version; https://graph.facebook.com/v25.0 for a page's token."),
});
