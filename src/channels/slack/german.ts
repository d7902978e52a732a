import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Eine Slack-App, durch Socket Mode oder Webhook: direkte Nachrichten, Kanäle, Threads, Knöpfe, Slash-Befehle.",
  guide: `
1. Auf [api.slack.com/apps](https://api.slack.com/apps) *Create New App*, *From scratch*, einen Namen und den Workspace wählen.
2. *OAuth & Permissions*, *Bot Token Scopes*, *Add an OAuth Scope*: \`chat:write\`, \`app_mentions:read\`, \`channels:history\`, \`groups:history\`, \`im:history\`,
   \`mpim:history\`, \`channels:read\`, \`groups:read\`, \`files:read\`, \`files:write\`, \`reactions:read\`, \`reactions:write\`, und für Slash-Befehle \`commands\`.
3. *App Home*: den *Messages Tab* einschalten und erlauben, dass Leute dort schreiben.
4. **Modus socket** (braucht keine öffentliche Adresse): *Socket Mode*: *Enable Socket Mode*; das Token der App mit \`connections:write\`, \`xapp-…\`, gehört
   in **Token der App**. **Modus webhook**: *Basic Information*, das *Signing Secret* gehört in **Geheimnis der Signatur**; zuerst hier speichern, weil
   Slack die Adresse sofort prüft.
5. *Event Subscriptions*: *Enable Events*. Mit webhook ist die Request URL \`https://<Ihr Gateway>/hooks/<Konto>\`. *Subscribe to bot events*, *Add Bot
   User Event*: \`app_mention\`, \`message.channels\`, \`message.groups\`, \`message.im\`, \`message.mpim\`, \`reaction_added\`, \`reaction_removed\`,
   \`member_joined_channel\`, \`member_left_channel\`.
6. *Interactivity & Shortcuts*: einschalten (mit webhook dieselbe Request URL). Slash-Befehle, wenn es welche gibt, bekommen auch diese Adresse.
7. *Install App*; das *Bot User OAuth Token*, \`xoxb-…\`, gehört in **Token des Bots**. Nach einer Änderung der Scopes noch einmal installieren.
8. In Slack der App schreiben, oder sie in einen Kanal einladen (\`/invite @your-app\`) und dort erwähnen.
`.trim(),
  settings: {
    botToken: ["Token des Bots", "Das Bot User OAuth Token der App, xoxb-…, aus OAuth & Permissions."],
    mode: [
      "Modus",
      "socket: das Gateway verbindet sich mit Slack (braucht keine öffentliche Adresse). webhook: Slack ruft das Gateway an.",
    ],
    appToken: ["Token der App", "Für den Modus socket: das „app-level token“, xapp-…, mit dem Scope connections:write."],
    signingSecret: ["Geheimnis der Signatur", "Für den Modus webhook: das Signing Secret der App, aus Basic Information."],
    replyInThread: [
      "Antworten als Thread",
      "Ob eine Antwort auf eine Nachricht in einem Kanal darunter einen Thread öffnet; sonst steht sie im Kanal.",
    ],
    linkPreviews: [
      "Vorschau von Links",
      "Ob Slack die Links einer Antwort abruft, um Vorschauen zu zeigen. Aus, damit kein geschriebener Link von selbst abgerufen wird.",
    ],
    apiRoot: ["Adresse des API", "Das Web API: das von Slack selbst, oder https://slack-gov.com/api."],
  },
  values: { "https://<your gateway>/hooks/<account>": "https://<Ihr Gateway>/hooks/<Konto>" },
};
