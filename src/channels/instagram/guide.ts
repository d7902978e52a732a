import type { GuidePicture } from "../../core/guide-picture.ts";
import { webhookPicture } from "../../wires/graph-pictures.ts";

/** For the setup form. Sources of the steps: https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/get-started */
export const guide = `
1. The account must be a professional one: in Instagram, *Settings*, *Account type and tools*. Under *Messages and story replies*, *Message controls*, *Connected
   tools*, allow access to messages.
2. At [developers.facebook.com/apps](https://developers.facebook.com/apps) create an app of the use case *Manage messaging & content on Instagram*.
3. *API setup with Instagram login*, *Generate access tokens*: add the account, and *Generate token*: **accessToken**. The number beside its name is **accountId**.
   The *Instagram app secret* at the top of the page is **appSecret**; where webhooks are refused with it, the *App secret* of *App settings*, *Basic*.
4. Think up a word for **verifyToken**, and save here, because Meta checks the address at once. Then *Configure webhooks*: the callback URL is
   \`https://<your gateway>/hooks/<account>\`, the verify token your word; *Verify and save*. Subscribe to \`messages\`, \`messaging_postbacks\`, \`message_reactions\`, \`messaging_seen\`.
5. Ask for *Advanced access* to \`instagram_business_manage_messages\` and set the app live; until then only people with a role in the app can write to it.
6. The token is valid for 60 days: make a new one in time.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 1,
    title: "Connected tools",
    rows: [{ kind: "switch", label: "Allow access to messages", on: true, marked: true }],
  },
  {
    step: 3,
    title: "API setup with Instagram login",
    rows: [
      { kind: "field", label: "Instagram app secret", value: "••••••••", into: "appSecret" },
      { kind: "field", label: "example_help_desk", value: "1784140…", into: "accountId" },
      { kind: "button", label: "Generate token", marked: true, into: "accessToken" },
    ],
  },
  webhookPicture(4, "Configure webhooks", "messages"),
];
