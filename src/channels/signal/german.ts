import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Signal-Konto durch signal-cli, über seinen JSON-RPC-Daemon oder die REST-Hülle: direkte Chats und Gruppen.",
  guide: `
1. Auf dieser Maschine [signal-cli](https://github.com/AsamK/signal-cli) 0.14 oder neuer installieren und eine eigene Nummer registrieren
   (\`signal-cli -a +15550001111 register\`, dann \`verify\`), oder es mit einem Telefon koppeln (\`signal-cli link\`; auf dem Telefon *Settings*, *Linked devices*, *Link new device*).
   Ihm einen Namen geben: \`signal-cli -a +15550001111 updateProfile --given-name Desk\`.
2. Seinen Daemon starten, nur von dieser Maschine zu erreichen, weil er niemanden nach einem Passwort fragt:
   \`signal-cli daemon --http=127.0.0.1:8080 --no-receive-stdout\`; mit **Empfang** poll kommt \`--receive-mode=manual\` dazu.
   Oder bbernhard/signal-cli-rest-api mit \`-p 127.0.0.1:8080:8080\` starten und **Schnittstelle** auf rest stellen.
3. **Nummer** ist die registrierte. Speichern.
4. Der Nummer mit Signal schreiben. Verlangt Signal ein Captcha, bevor es Antworten annimmt, sagt das Konto es und wie es zu lösen ist.
`.trim(),
  settings: {
    account: ["Nummer", "Die, mit der signal-cli registriert oder gekoppelt ist, +15550001111; bei einem Konto ohne Nummer seine ACI."],
    api: ["Schnittstelle", "json-rpc: der Daemon von signal-cli selbst, über HTTP. rest: bbernhard/signal-cli-rest-api."],
    receive: [
      "Empfang",
      "events: Nachrichten kommen von selbst. poll: sie werden abgefragt und warten bei Signal, solange niemand fragt; in der Dokumentation steht, was dabei je verloren gehen kann.",
    ],
    url: ["Adresse", "Wo es lauscht. Es fragt niemanden, wer er ist: es soll auf dieser Maschine bleiben."],
  },
};
