import type { ChannelTranslation } from "../../core/channel-translation.ts";
import { messagingWords, webhookValues } from "../../wires/meta-german.ts";

export const german: ChannelTranslation = {
  summary: "Die direkten Nachrichten eines professionellen Instagram-Kontos: Text, Bilder, Ton, schnelle Antworten, Reaktionen.",
  guide: `
1. Das Konto muss ein professionelles sein: in Instagram *Settings*, *Account type and tools*. Unter *Messages and story replies*, *Message controls*, *Connected
   tools* den Zugriff auf Nachrichten erlauben (*Allow access to messages*).
2. Auf [developers.facebook.com/apps](https://developers.facebook.com/apps) eine App mit dem Anwendungsfall *Manage messaging & content on Instagram* anlegen.
3. *API setup with Instagram login*, *Generate access tokens*: das Konto hinzufügen und *Generate token*: das **Zugriffstoken**. Die Zahl neben seinem Namen ist
   **Kennung des Kontos**. Das *Instagram app secret* oben auf der Seite ist **Geheimnis der App**; wo Webhooks damit abgelehnt werden, das *App secret* aus
   *App settings*, *Basic*.
4. Ein **Prüfwort** ausdenken und hier speichern, weil Meta die Adresse sofort prüft. Dann *Configure webhooks*: die Callback URL ist
   \`https://<Ihr Gateway>/hooks/<Konto>\`, das Verify token Ihr Prüfwort; *Verify and save*. Abonnieren: \`messages\`, \`messaging_postbacks\`, \`message_reactions\`, \`messaging_seen\`.
5. Für \`instagram_business_manage_messages\` *Advanced access* beantragen und die App live schalten; bis dahin können ihr nur Leute mit einer Rolle in der App schreiben.
6. Das Token gilt 60 Tage: rechtzeitig ein neues machen.
`.trim(),
  settings: {
    accessToken: [
      "Zugriffstoken",
      "Das des professionellen Kontos, mit instagram_business_manage_messages; oder das seiner Seite, mit instagram_manage_messages.",
    ],
    accountId: ["Kennung des Kontos", "Die des professionellen Kontos, aus den Instagram-Einstellungen der App."],
    ...messagingWords,
    apiRoot: ["Adresse des API", "Mit seiner Version; https://graph.facebook.com/v25.0 für das Token einer Seite."],
  },
  values: webhookValues,
};
