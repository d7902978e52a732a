import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Telegram-Bot, durch Abfragen oder Webhook: private Chats, Gruppen, Themen und Kanäle.",
  guide: `
1. In Telegram einen Chat mit [@BotFather](https://t.me/BotFather) öffnen (auf den blauen Haken achten) und \`/newbot\` senden.
2. Dem Bot einen Namen geben und einen Benutzernamen, der auf \`bot\` endet.
3. BotFather antwortet mit einem Token wie \`123456789:AAE…\`. Wer es hat, ist der Bot: es gehört hier in das Feld **Token** und nirgends
   sonst hin.
4. Für Gruppen: \`/setprivacy\`, dann den Bot wählen. Mit *Enable* (so ist es am Anfang) sieht er nur Befehle, Erwähnungen und Antworten, mit
   *Disable* alles, was gesagt wird. Nach einer Änderung den Bot aus der Gruppe entfernen und wieder hinzufügen.
5. Damit er Reaktionen und in Kanälen Beiträge empfängt, den Bot dort zum Administrator machen.
6. **Modus**: bei \`poll\` bleiben, wenn dieses Gateway keine öffentliche Adresse hat. Für \`webhook\` muss die öffentliche Adresse des Gateways
   mit https beginnen und auf Port 443, 80, 88 oder 8443 liegen; dazu gehört ein langes, zufälliges Geheimnis (\`webhookSecret\`). Das Gateway nennt
   Telegram die Adresse von selbst.
7. Speichern, dann dem Bot schreiben: \`t.me/<Benutzername>\` öffnen und *Start* drücken. Ein Bot kann niemandem schreiben, der ihm nie
   geschrieben hat.

Ist das Token in fremde Hände geraten: \`/revoke\` an BotFather senden und hier das neue eintragen.
`.trim(),
  settings: {
    token: ["Token", "Das Token des Bots, von @BotFather."],
    apiRoot: ["Adresse des API", "Der Server des Bot API: der von Telegram oder die Adresse eines eigenen."],
    mode: ["Modus", "poll: das Gateway fragt Telegram (braucht keine öffentliche Adresse). webhook: Telegram ruft das Gateway an."],
    webhookSecret: [
      "Geheimnis des Webhooks",
      "Für den Modus webhook: 1 bis 256 Zeichen aus A-Z, a-z, 0-9, _ und -. Telegram wiederholt es bei jedem Anruf.",
    ],
    linkPreviews: [
      "Vorschau von Links",
      "Ob Telegram den ersten Link einer Antwort abruft, um eine Vorschau zu zeigen. Aus, damit kein geschriebener Link von selbst abgerufen wird.",
    ],
    commandMenu: [
      "Menü der Befehle",
      "Ob das Menü des Bots die Befehle des Gateways zeigt. Ein Menü mit eigenen Befehlen bleibt, wie es ist.",
    ],
  },
};
