import type { ChannelTranslation } from "../../core/channel-translation.ts";
import { graphWords, templatesWords, webhookValues } from "../../wires/meta-german.ts";

export const german: ChannelTranslation = {
  summary: "Eine geschäftliche WhatsApp-Nummer, durch das Cloud API von Meta: Text, Dateien, Orte, Knöpfe, Reaktionen, Bestätigungen.",
  guide: `
1. Auf [developers.facebook.com/apps](https://developers.facebook.com/apps) eine App mit dem Anwendungsfall *Connect with customers through WhatsApp* anlegen, mit
   dem eigenen Unternehmensportfolio.
2. *WhatsApp*, *API Setup*: die Nummer hinzufügen (oder die Testnummer nehmen). Ihre *Phone number ID* ist **Kennung der Nummer**.
3. [Business settings](https://business.facebook.com/settings/system-users), *System users*: einen hinzufügen, ihm die App und das WhatsApp-Konto mit voller
   Kontrolle zuweisen und *Generate token* mit \`whatsapp_business_messaging\` und \`whatsapp_business_management\`, das nie abläuft: das **Zugriffstoken**.
4. *App settings*, *Basic*: das *App secret* ist **Geheimnis der App**. Ein **Prüfwort** ausdenken. Zuerst hier speichern, weil Meta die Adresse sofort prüft.
5. *WhatsApp*, *Configuration*: die Callback URL ist \`https://<Ihr Gateway>/hooks/<Konto>\`, das Verify token Ihr Prüfwort; *Verify and save*. Das Feld \`messages\` abonnieren.
6. Die App veröffentlichen (*App mode: Live*), sonst kommen nur Metas Testnachrichten an. Dann der Nummer schreiben.
`.trim(),
  settings: {
    accessToken: [
      "Zugriffstoken",
      "Das dauerhafte Token eines Systembenutzers, mit whatsapp_business_messaging und whatsapp_business_management.",
    ],
    phoneNumberId: ["Kennung der Nummer", "Aus WhatsApp, API Setup; nicht die Nummer selbst."],
    businessAccountId: [
      "Kennung des Unternehmenskontos",
      "Die des WhatsApp-Business-Kontos, von derselben Seite: nur um seine Vorlagen aufzuzählen.",
    ],
    ...graphWords,
    readReceipts: [
      "Lesebestätigungen",
      "Ob Leute sehen, dass ihre Nachricht gelesen ist und eine Antwort geschrieben wird; WhatsApp zeigt nur beides.",
    ],
    linkPreviews: [
      "Vorschau von Links",
      "Ob WhatsApp die Links einer Antwort abruft, um Vorschauen zu zeigen. Aus, damit kein geschriebener Link von selbst abgerufen wird.",
    ],
    templates: templatesWords,
  },
  values: webhookValues,
};
