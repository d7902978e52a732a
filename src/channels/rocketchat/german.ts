import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Bot-Benutzer auf einem beliebigen Rocket.Chat-Server, durch Socket oder Webhook: direkte Nachrichten, Räume, Threads.",
  guide: `
1. *Administration*, *Users*, *New*: ein Benutzer für den Bot mit der Rolle **bot**. Die Rolle hebt die Grenzen für Aufrufe auf, an die ein Bot bald
   stoßen würde.
2. Als dieser Benutzer anmelden: *Profile*, *Personal Access Tokens*, *Add*, mit *Ignore Two Factor Authentication*. Das Token und die Kennung des Benutzers werden
   einmal gezeigt: sie gehören in **Token** und **Kennung des Benutzers**, die Adresse des Servers in **Server**.
3. Den Bot zu den Räumen hinzufügen, in denen er lesen soll. Direkte Nachrichten brauchen nichts.
4. Nur für **Modus webhook**: *Administration*, *Workspace*, *Integrations*, *New*, *Outgoing*: das Ereignis *Message Sent*, als URL
   \`https://<Ihr Gateway>/hooks/<Konto>\`; sein *Token* gehört in **Token des Webhooks**.
5. Speichern und dem Bot schreiben, oder ihn in einem Raum erwähnen.
`.trim(),
  settings: {
    server: ["Server", "Seine Adresse: https://chat.example.com."],
    userId: ["Kennung des Benutzers", "Die des Bot-Benutzers; sie wird zusammen mit dem Token gezeigt."],
    token: ["Token", "Ein Personal Access Token des Bot-Benutzers, mit Ignore Two Factor Authentication gemacht."],
    mode: [
      "Modus",
      "socket: das Gateway verbindet sich mit dem Server. webhook: eine ausgehende Integration des Servers ruft das Gateway an.",
    ],
    webhookToken: ["Token des Webhooks", "Für den Modus webhook: das Token der ausgehenden Integration."],
    replyInThread: [
      "Antworten als Thread",
      "Ob eine Antwort auf eine Erwähnung in einem Raum darunter einen Thread öffnet; sonst steht sie im Raum.",
    ],
    linkPreviews: [
      "Vorschau von Links",
      "Ob der Server die Links einer Antwort abruft, um Vorschauen zu zeigen. Aus, damit kein geschriebener Link von selbst abgerufen wird.",
    ],
  },
  values: { "https://<your gateway>/hooks/<account>": "https://<Ihr Gateway>/hooks/<Konto>" },
};
