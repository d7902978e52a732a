import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Der Bot einer Teams-App, durch Webhook: persönliche und Gruppenchats, Kanäle und ihre Threads, Knöpfe, Dateien.",
  guide: `
1. Im [Azure-Portal](https://portal.azure.com) einen *Azure Bot* anlegen, Typ der App *Single Tenant*. Seine Seite *Configuration* zeigt die *Microsoft App ID*
   (**Kennung der App**) und die *App Tenant ID* (**Kennung der Organisation**).
2. *Manage Password*, *New client secret*: der Wert des Geheimnisses gehört in **Geheimnis der App**. Es läuft nach der gewählten Zeit ab.
3. Unter *Configuration*, *Messaging endpoint* \`https://<Ihr Gateway>/hooks/<Konto>\` eintragen.
4. *Channels*: *Microsoft Teams* hinzufügen.
5. Im [Teams Developer Portal](https://dev.teams.microsoft.com) eine App anlegen; *App features*, *Bot*, *Enter a bot ID*: die Kennung der App; die Bereiche *Personal*,
   *Team* und *Group chat* wählen und *Upload and download files* ankreuzen. Sie in der Organisation veröffentlichen oder mit *Preview in Teams* installieren.
6. Speichern und der App in Teams schreiben, oder sie in einem Kanal eines Teams erwähnen, das sie hat.
`.trim(),
  settings: {
    appId: ["Kennung der App", "Die Microsoft App ID des Bots: die Client-Kennung seiner App-Registrierung."],
    appPassword: ["Geheimnis der App", "Ein Client-Geheimnis der App-Registrierung: sein Wert, nicht seine Kennung."],
    tenantId: ["Kennung der Organisation", "Die des Verzeichnisses (Tenant). Was andere Organisationen schreiben, wird abgelehnt."],
    tokenTenant: [
      "Verzeichnis für Token",
      "Nur für eine App, die für mehrere Organisationen registriert ist: botframework.com. Sonst das der Organisation.",
    ],
    serviceUrl: [
      "Adresse des Dienstes",
      "Wo ein Chat zu erreichen ist, von dem seit dem Start nichts zu hören war; eine andere in Clouds von Behörden.",
    ],
    loginRoot: ["Adresse der Anmeldung", "Woher Token kommen; eine andere in Clouds von Behörden und in China."],
    openIdConfiguration: [
      "Adresse der Schlüssel",
      "Nennt die Schlüssel, mit denen signiert ist, was Teams schickt; eine andere in Clouds von Behörden und in China.",
    ],
    botFramework: ["Bot Framework", "Sein Name in Token; ein anderer in Clouds von Behörden und in China."],
    graphRoot: [
      "Adresse von Graph",
      "Microsoft Graph, https://graph.microsoft.com, um Dateien aus Kanälen und Gruppenchats zu holen; die App braucht dafür Rechte.",
    ],
  },
  values: { "https://<your gateway>/hooks/<account>": "https://<Ihr Gateway>/hooks/<Konto>" },
};
