import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary:
    "Ein Konto auf einem beliebigen Matrix-Homeserver, durch Sync: Räume, direkte und gemeinsame, und Threads; verschlüsselte mit zwei weiteren Paketen.",
  guide: `
1. Auf dem Homeserver ein Konto für den Bot anlegen (auf einem eigenen Synapse: \`register_new_matrix_user\`).
2. Ein Zugriffstoken für ein eigenes Gerät holen:
   \`curl -X POST https://matrix.example.com/_matrix/client/v3/login -d '{"type":"m.login.password","identifier":{"type":"m.id.user","user":"bot"},"password":"…","initial_device_display_name":"Polylogue"}'\`,
   oder in Element: All settings → Help & About → Access Token (diese Anmeldung dann nie beenden).
3. **Homeserver** ist die Adresse, die Programme benutzen (\`https://matrix-client.matrix.org\` für matrix.org), oft nicht der Name hinter dem
   Doppelpunkt.
4. Sagen, wer schreiben darf: \`access: { allow: ["@ada:example.com"] }\` für direkte Räume, \`groups: ["!room:example.com"]\` für gemeinsame.
5. Speichern, dann den Bot in einen Raum einladen. Er kommt nur, wo der Zugang den reden lässt, der ihn einlädt.

Für **verschlüsselte** Räume **Verschlüsselung** einschalten und einmal \`polylogue channels install matrix\` ausführen; das Token muss von einer eigenen Anmeldung
sein (Schritt 2, \`curl\`). Sonst wird dort nichts gesagt.
`.trim(),
  settings: {
    homeserver: [
      "Homeserver",
      "Seine Adresse für Programme: https://matrix.example.com (nicht der Teil hinter dem Doppelpunkt in @bot:example.com).",
    ],
    token: ["Zugriffstoken", "Das des Kontos, das antwortet; es entsteht durch eine eigene Anmeldung, für ein eigenes Gerät."],
    readReceipts: ["Lesebestätigungen", "Ob Leute sehen, dass ihre Nachricht gelesen ist, sobald sie gespeichert ist."],
    notices: [
      "Antworten als Hinweise",
      "Ob Antworten als „notice“ gesendet werden: darauf antworten andere Bots nie, aber Programme zeigen sie blasser und melden sie nicht.",
    ],
    encryption: [
      "Verschlüsselung",
      "Ob es auch in verschlüsselten Räumen redet. Das braucht Pakete, die `polylogue channels install matrix` holt.",
    ],
  },
};
