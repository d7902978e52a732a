import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Bot-Konto auf einem beliebigen Mattermost-Server, über seinen Socket: direkte Nachrichten, Kanäle, Threads, Knöpfe.",
  guide: `
1. *System Console*, *Integrations*, *Bot Accounts*: *Enable Bot Account Creation* einschalten.
2. In Mattermost: Menü der Produkte, *Integrations*, *Bot Accounts*, *Add Bot Account*. Die Rolle *Member* genügt. Das Token wird einmal gezeigt und
   gehört in **Token**, die Adresse des Servers in **Server**.
3. Den Bot zu einem Team hinzufügen und zu den Kanälen, in denen er lesen soll (\`/invite @bot\`). Direkte Nachrichten brauchen beides nicht.
4. Nur für Knöpfe: das Gateway braucht eine Adresse, die der Server erreicht. Ist das eine private, ihren Host unter *System Console*, *Developer*,
   *Allow untrusted internal connections to* nennen.
5. Speichern und dem Bot schreiben, oder ihn in einem Kanal erwähnen.
`.trim(),
  settings: {
    server: ["Server", "Seine Adresse, mit ihrem Pfad, wenn sie einen hat: https://chat.example.com."],
    token: ["Token", "Das Zugriffstoken eines Bot-Kontos, aus Integrations, Bot Accounts."],
    replyInThread: [
      "Antworten als Thread",
      "Ob eine Antwort auf eine Erwähnung in einem Kanal darunter einen Thread öffnet; sonst steht sie im Kanal.",
    ],
    linkPreviews: [
      "Vorschau von Links",
      "Ob der Server die Links einer Antwort abruft, um Vorschauen zu zeigen. Aus, damit kein geschriebener Link von selbst abgerufen wird.",
    ],
  },
};
