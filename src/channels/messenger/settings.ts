import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { type MessagingSettings, messagingSettings } from "../../wires/page-messaging.ts";

export interface Settings extends MessagingSettings {
  readonly pageId: string;
}

export type MessengerAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  accessToken: secret("The page's access token, with pages_messaging; one of a system user never expires."),
  pageId: z
    .string()
    .regex(/^\d{5,20}$/, "this is the page's id, digits only")
    .describe("The page's id, from its About, Page transparency."),
  ...messagingSettings,
});

/** For the setup form. Sources of the steps: https://developers.facebook.com/documentation/business-messaging/messenger-platform/get-started */
export const guide = `
1. At [developers.facebook.com/apps](https://developers.facebook.com/apps) create an app of the use case *Engage with customers on Messenger from Meta*, with
   your business portfolio.
2. *Messenger API Settings*, *Generate access tokens*: connect your page, and *Generate*: **accessToken**. The number beside the page's name is **pageId**.
3. *App settings*, *Basic*: the *App secret* is **appSecret**. Think up a word for **verifyToken**. Save here first, because Meta checks the address at once.
4. *Messenger API Settings*, *Configure webhooks*: the callback URL is \`https://<your gateway>/hooks/<account>\`, the verify token your word. Under the page,
   *Add subscriptions*: \`messages\`, \`messaging_postbacks\`, \`message_reactions\`, \`message_edits\`, \`message_deliveries\`, \`message_echoes\`.
5. Ask for *Advanced access* to \`pages_messaging\` and set the app live; until then only people with a role in the app can write to it.
`.trim();
