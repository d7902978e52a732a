import type { GuidePicture } from "../../core/guide-picture.ts";
import { appSecretPicture, webhookPicture } from "../../wires/graph-pictures.ts";

/** For the setup form. Sources of the steps: https://developers.facebook.com/documentation/business-messaging/whatsapp/get-started */
export const guide = `
1. At [developers.facebook.com/apps](https://developers.facebook.com/apps) create an app of the use case *Connect with customers through WhatsApp*, with
   your business portfolio.
2. *WhatsApp*, *API Setup*: add your number (or take the test number). Its *Phone number ID* is **phoneNumberId**.
3. [Business settings](https://business.facebook.com/settings/system-users), *System users*: add one, assign it the app and the WhatsApp account
   with full control, and *Generate token* with \`whatsapp_business_messaging\` and \`whatsapp_business_management\`, which never expires: **accessToken**.
4. *App settings*, *Basic*: the *App secret* is **appSecret**. Think up a word for **verifyToken**. Save here first, because Meta checks the address at once.
5. *WhatsApp*, *Configuration*: the callback URL is \`https://<your gateway>/hooks/<account>\`, the verify token your word; *Verify and save*. Subscribe to the field \`messages\`.
6. Publish the app (*App mode: Live*), otherwise only Meta's test messages arrive. Then write to the number.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 2,
    title: "API Setup",
    rows: [
      { kind: "field", label: "Phone number ID", value: "106540352…", marked: true, into: "phoneNumberId" },
      { kind: "field", label: "WhatsApp Business Account ID", value: "102290129…", into: "businessAccountId" },
    ],
  },
  {
    step: 3,
    title: "System users",
    rows: [
      { kind: "tick", label: "whatsapp_business_messaging", on: true },
      { kind: "tick", label: "whatsapp_business_management", on: true },
      { kind: "button", label: "Generate token", marked: true, into: "accessToken" },
    ],
  },
  appSecretPicture(4),
  webhookPicture(5, "Configuration", "messages"),
];
