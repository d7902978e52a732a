import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary: "Ein Konto auf einem beliebigen XMPP-Server (Jabber), über TLS: direkte Nachrichten und Räume, unverschlüsselte.",
  guide: `
1. Ein Konto für den Assistenten auf einem beliebigen XMPP-Server anlegen: mit einer App, oder auf dem eigenen mit \`prosodyctl adduser polly@example.org\`
   oder \`ejabberdctl register polly example.org …\`. Seine Adresse gehört in **Adresse**, das **Passwort** daneben.
2. **Räume**: wo es von Anfang an sein soll (\`kitchen@conference.example.org\`; ein Passwort steht hinter einem Leerzeichen). Es folgt auch Einladungen in
   Räume, die der Zugang erlaubt, und bleibt dort.
3. Sagen, wer schreiben darf: \`access: { allow: ["ada@example.org"], groups: ["kitchen@conference.example.org"] }\`.
4. **Server** und **Zertifikat** sind für Server, die im DNS nicht stehen oder ein selbst gemachtes Zertifikat haben.
5. Speichern, dann der Adresse aus einer beliebigen App schreiben.
`.trim(),
  settings: {
    jid: ["Adresse", "Die des Kontos: polly@example.org."],
    password: ["Passwort", "Das des Kontos."],
    server: [
      "Server",
      "Wohin die Verbindung geht: xmpps:// (TLS von Anfang an), xmpp:// (STARTTLS, immer). Leer: was im DNS der Domain steht.",
    ],
    nick: ["Name in Räumen", "Leer: der Teil der Adresse vor dem @."],
    rooms: ["Räume", "Wo es sein soll: kitchen@conference.example.org, oder das und das Passwort hinter einem Leerzeichen."],
    ca: ["Zertifikat", "Ein Zertifikat (PEM), dem zu trauen ist, wenn der Server ein selbst gemachtes hat."],
  },
};
