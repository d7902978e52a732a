import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Sources of the steps: https://www.twilio.com/docs/usage/webhooks/messaging-webhooks and https://www.twilio.com/docs/whatsapp/api */
export const guide = `
1. In the [Twilio Console](https://console.twilio.com), *Account Info*: the *Account SID* goes into **accountSid**, the *Auth Token* into
   **authToken**.
2. **sender** is the number that people write to (\`+15550001111\`), a WhatsApp sender (\`whatsapp:+15550001111\`; for the sandbox
   \`whatsapp:+14155238886\`), or the SID of a Messaging Service (\`MG…\`).
3. Set \`http.publicUrl\` to the https address under which Twilio reaches this gateway: signatures are checked against it, and pictures are
   fetched from it.
4. Save. Then give Twilio the account's webhook address, \`https://<your gateway>/hooks/<account>\`, with *HTTP POST*: for a number under *Phone
   Numbers*, *Active numbers*, *Messaging configuration*, *A message comes in*; for WhatsApp in the sender's *Webhook URL for incoming messages*;
   for a Messaging Service under *Integration*, *Send a webhook*.
5. Write to the number.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 1,
    title: "Account Info",
    rows: [
      { kind: "field", label: "Account SID", value: "AC…", into: "accountSid" },
      { kind: "field", label: "Auth Token", value: "••••••••", into: "authToken" },
    ],
  },
  {
    step: 4,
    title: "Messaging Configuration",
    rows: [
      { kind: "field", label: "A message comes in", value: "https://<your gateway>/hooks/<account>", marked: true },
      { kind: "field", label: "HTTP", value: "HTTP POST" },
    ],
  },
];
