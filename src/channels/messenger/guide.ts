import type { GuidePicture } from "../../core/guide-picture.ts";
import { appSecretPicture, webhookPicture } from "../../wires/graph-pictures.ts";

/** For the setup form. Sources of the steps: https://developers.facebook.com/documentation/business-messaging/messenger-platform/get-started */
export const guide = `
1. At [developers.facebook.com/apps](https://developers.facebook.com/apps) create an app of the use case *Engage with customers on Messenger from Meta*, with
   your business portfolio.
2. *Messenger API Settings*, *Generate access tokens*: connect your page, and *Generate*: **accessToken**. The number beside the page's name is **pageId**.
3. *App settings*, *Basic*: the *App secret* is **appSecret**. Think up a word for **verifyToken**. Save here first, because Meta checks the address at once.
4. *Messenger API Settings*, *Configure webhooks*: the callback URL is \`https://<your gateway>/hooks/<account>\`, the verify token your word; *Verify and save*. Under the page,
   *Add subscriptions*: \`messages\`, \`messaging_postbacks\`, \`message_reactions\`, \`message_edits\`, \`message_deliveries\`, \`message_echoes\`.
5. Ask for *Advanced access* to \`pages_messaging\` and set the app live; until then only people with a role in the app can write to it.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 2,
    title: "Generate access tokens",
    rows: [
      { kind: "field", label: "Help desk", value: "1022901…", into: "pageId" },
      { kind: "button", label: "Generate", marked: true, into: "accessToken" },
    ],
  },
  appSecretPicture(3),
  webhookPicture(4, "Configure webhooks", "messages"),
];
