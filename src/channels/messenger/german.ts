import type { ChannelTranslation } from "../../core/channel-translation.ts";
import { messagingWords, webhookValues } from "../../wires/meta-german.ts";

export const german: ChannelTranslation = {
  summary: "Der Messenger einer Facebook-Seite: Text, Dateien, schnelle Antworten, Postbacks, Reaktionen, Änderungen.",
  guide: `
1. Auf [developers.facebook.com/apps](https://developers.facebook.com/apps) eine App mit dem Anwendungsfall *Engage with customers on Messenger from Meta* anlegen, mit
   dem eigenen Unternehmensportfolio.
2. *Messenger API Settings*, *Generate access tokens*: die Seite verbinden und *Generate*: das **Zugriffstoken**. Die Zahl neben dem Namen der Seite ist
   **Kennung der Seite**.
3. *App settings*, *Basic*: das *App secret* ist **Geheimnis der App**. Ein **Prüfwort** ausdenken. Zuerst hier speichern, weil Meta die Adresse sofort prüft.
4. *Messenger API Settings*, *Configure webhooks*: die Callback URL ist \`https://<Ihr Gateway>/hooks/<Konto>\`, das Verify token Ihr Prüfwort; *Verify and save*. Unter der Seite
   *Add subscriptions*: \`messages\`, \`messaging_postbacks\`, \`message_reactions\`, \`message_edits\`, \`message_deliveries\`, \`message_echoes\`.
5. Für \`pages_messaging\` *Advanced access* beantragen und die App live schalten; bis dahin können ihr nur Leute mit einer Rolle in der App schreiben.
`.trim(),
  settings: {
    accessToken: ["Zugriffstoken", "Das der Seite, mit pages_messaging; eines von einem Systembenutzer läuft nie ab."],
    pageId: ["Kennung der Seite", "Von der Seite unter About, Page transparency."],
    ...messagingWords,
  },
  values: webhookValues,
};
