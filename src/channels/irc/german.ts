import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Nick in einem beliebigen IRC-Netz, über TLS mit SASL: Kanäle und direkte Nachrichten.",
  guide: `
1. Einen Nick wählen und bei den Diensten des Netzes registrieren, wenn es welche hat (meist: \`/msg NickServ REGISTER password mail\` in einem
   beliebigen Programm). Dann sein **Passwort** angeben: mit einem Konto dort kann niemand sonst der Bot sein.
2. **Server**: \`ircs://irc.libera.chat\` (TLS). \`irc://\` ist für eigene Server, die das nicht haben.
3. **Kanäle**: wo es von Anfang an sein soll (\`#help\`; der Schlüssel eines Kanals steht hinter einem Leerzeichen). Es folgt auch Einladungen in
   Kanäle, die der Zugang erlaubt.
4. Sagen, wer schreiben darf: \`access: { groups: ["#help"] }\` für einen Kanal, und \`allow: ["ada"]\` für Leute, deren *Konto bei den Diensten* so
   heißt. Wer nicht angemeldet ist, zählt unter keinem solchen Namen.
5. Speichern, dann im Kanal \`nick: hello\` schreiben.
`.trim(),
  settings: {
    server: ["Server", "ircs://irc.libera.chat (TLS, Port 6697) oder irc://host (unverschlüsselt, Port 6667)."],
    nick: ["Nick", "Der Name, den die Leute sehen."],
    channels: ["Kanäle", "Wo es sein soll: #help, oder #help und der Schlüssel hinter einem Leerzeichen."],
    user: ["Konto bei den Diensten", "Das Konto bei den Diensten des Netzes, mit dem es sich anmeldet. Leer: der Nick."],
    password: ["Passwort", "Das Passwort dieses Kontos. Leer, und ohne Zertifikat: niemand meldet sich an."],
    certificate: [
      "Eigenes Zertifikat",
      "Ein Client-Zertifikat und sein Schlüssel (PEM, hintereinander), um sich stattdessen damit anzumelden (SASL EXTERNAL).",
    ],
    login: ["Anmeldung", "Wie es sich anmeldet: sasl, oder nickserv, wo das Netz kein SASL hat."],
    serverPassword: ["Passwort des Servers", "Das des Servers selbst, oder eines Bouncers (ZNC, soju)."],
    ca: ["Zertifikat des Servers", "Ein Zertifikat (PEM), dem zu trauen ist, wenn der Server ein selbst gemachtes hat."],
    lineMs: [
      "Pause zwischen Zeilen",
      "In Millisekunden, nachdem fünf auf einmal gesendet wurden; weniger, wo der Server Bots schneller schreiben lässt.",
    ],
  },
};
