import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Discord-Bot, über das Gateway von Discord: direkte Nachrichten, Kanäle, Threads, Knöpfe, Slash-Befehle.",
  guide: `
1. Auf [discord.com/developers/applications](https://discord.com/developers/applications) *New Application* wählen.
2. *Bot*: *Reset Token* zeigt das Token einmal. Es gehört in **Token des Bots** und nirgends sonst hin.
3. *Bot*, *Privileged Gateway Intents*: *Message Content Intent* einschalten, oder hier **Alle Nachrichten lesen** ausschalten; dann liest der
   Bot nur direkte Nachrichten und Erwähnungen.
4. *Installation* (oder *OAuth2*, *URL Generator*): die Scopes \`bot\` und \`applications.commands\`, die Rechte *View Channels*, *Send Messages*,
   *Send Messages in Threads*, *Attach Files*, *Read Message History*, *Add Reactions*. Die *Generated URL* öffnen und den Bot zu einem Server hinzufügen.
5. Speichern und den Bot in einem Kanal erwähnen oder ihm schreiben. Slash-Befehle, wenn es welche gibt, kommen von selbst an.
6. Nur wenn die Anwendung eine *Interactions Endpoint URL* hat: zuerst hier mit **Öffentlicher Schlüssel** aus *General Information* speichern, dann
   bei Discord \`https://<Ihr Gateway>/hooks/<Konto>\` eintragen; Discord probiert die Adresse sofort.
`.trim(),
  settings: {
    botToken: ["Token des Bots", "Von der Seite Bot der Anwendung."],
    messageContent: [
      "Alle Nachrichten lesen",
      "Ob der Bot Nachrichten liest, die ihn nicht erwähnen; dafür braucht er bei Discord den Message Content Intent.",
    ],
    publicKey: [
      "Öffentlicher Schlüssel",
      "Der Public Key der Anwendung, wenn ihre Interactions Endpoint URL die Webhook-Adresse dieses Kontos ist.",
    ],
    shards: ["Verbindungen", "Wie viele zu Discord; mehr als eine braucht es ab 2.500 Servern."],
    linkPreviews: [
      "Vorschau von Links",
      "Ob Discord Vorschauen der Links einer Antwort zeigt. Aus, damit kein geschriebener Link von selbst abgerufen wird.",
    ],
    apiRoot: ["Adresse des API", "Mit seiner Version."],
  },
  values: { "https://<your gateway>/hooks/<account>": "https://<Ihr Gateway>/hooks/<Konto>" },
};
