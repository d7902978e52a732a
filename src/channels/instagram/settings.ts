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

/** For the setup form. Sources of the steps: https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/get-started */
export const guide = `
1. The account must be a professional one: in Instagram, *Settings*, *Account type and tools*. Under *Messages and story replies*, *Message controls*, *Connected
   tools*, allow access to messages.
2. At [developers.facebook.com/apps](https://developers.facebook.com/apps) create an app of the use case *Manage messaging & content on Instagram*.
3. *API setup with Instagram login*, *Generate access tokens*: add the account, and *Generate token*: **accessToken**. The number beside its name is **accountId**.
   The *Instagram app secret* at the top of the page is **appSecret**; where webhooks are refused with it, the *App secret* of *App settings*, *Basic*.
4. Think up a word for **verifyToken**, and save here, because Meta checks the address at once. Then *Configure webhooks*: the callback URL is
   \`https://<your gateway>/hooks/<account>\`, the verify token your word; subscribe to \`messages\`, \`messaging_postbacks\`, \`message_reactions\`, \`messaging_seen\`.
5. Ask for *Advanced access* to \`instagram_business_manage_messages\` and set the app live; until then only people with a role in the app can write to it.
6. The token is valid for 60 days: make a new one in time.
`.trim();
