import type { ChannelTranslation } from "../../core/channel-translation.ts";
import { templatesWords } from "../../wires/meta-german.ts";

export const german: ChannelTranslation = {
  summary: "Eine Nummer, ein WhatsApp-Absender oder ein Messaging Service bei Twilio: SMS, MMS und WhatsApp, mit Bildern und Knöpfen.",
  guide: `
1. In der [Twilio Console](https://console.twilio.com), *Account Info*: die *Account SID* gehört in **Account SID**, das *Auth Token* in
   **Auth Token**.
2. **Absender** ist die Nummer, der die Leute schreiben (\`+15550001111\`), ein WhatsApp-Absender (\`whatsapp:+15550001111\`; für die Sandbox
   \`whatsapp:+14155238886\`) oder die SID eines Messaging Service (\`MG…\`).
3. \`http.publicUrl\` auf die https-Adresse setzen, unter der Twilio dieses Gateway erreicht: gegen sie werden Signaturen geprüft, und von dort
   werden Bilder geholt.
4. Speichern. Dann Twilio die Webhook-Adresse des Kontos geben, \`https://<Ihr Gateway>/hooks/<Konto>\`, mit *HTTP POST*: für eine Nummer unter *Phone
   Numbers*, *Active numbers*, *Messaging configuration*, *A message comes in*; für WhatsApp beim Absender unter *Webhook URL for incoming messages*;
   für einen Messaging Service unter *Integration*, *Send a webhook*.
5. Der Nummer schreiben.
`.trim(),
  settings: {
    accountSid: ["Account SID", "AC…, die des Kontos oder Unterkontos, dem der Absender gehört."],
    authToken: [
      "Auth Token",
      "Das erste (primary) des Kontos. Es signiert auch, was Twilio schickt, darum kann kein API-Schlüssel an seine Stelle treten.",
    ],
    sender: [
      "Absender",
      "Wer schreibt: eine Nummer, +15550001111; ein WhatsApp-Absender, whatsapp:+15550001111; oder ein Messaging Service, MG….",
    ],
    apiRoot: ["Adresse des API", "Das von Twilio selbst, oder das einer Region, https://api.dublin.ie1.twilio.com."],
    templates: templatesWords,
  },
  values: { "https://<your gateway>/hooks/<account>": "https://<Ihr Gateway>/hooks/<Konto>" },
};
