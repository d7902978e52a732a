import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  name: "E-Mail",
  summary: "Ein Postfach: Mail wird über IMAP gelesen und über SMTP beantwortet, eine Unterhaltung je Thread.",
  guide: `
1. Ein eigenes Postfach verwenden: jede Mail, die in den Ordner kommt, ist eine Nachricht an den Agenten und wird als gelesen markiert.
2. Je nach Anbieter:
   - **Gmail**: die Bestätigung in zwei Schritten einschalten, dann ein [App-Passwort](https://myaccount.google.com/apppasswords) machen. IMAP-Server
     \`imaps://imap.gmail.com\`, SMTP-Server \`smtps://smtp.gmail.com\`, Name des prüfenden Servers \`mx.google.com\`.
   - **Fastmail**: unter Settings → Privacy & Security → App passwords. \`imaps://imap.fastmail.com\`, \`smtps://smtp.fastmail.com\`.
   - **iCloud**: anwendungsspezifisches Passwort. \`imaps://imap.mail.me.com\`, \`smtp://smtp.mail.me.com:587\`.
   - **Eigener Server**: seine Hostnamen. Microsoft 365 und Outlook.com nehmen keine Passwörter mehr (nur OAuth): das geht nicht.
3. **Name des prüfenden Servers** ist das erste Wort der Kopfzeile \`Authentication-Results\` in Mails, die Sie bekommen. Ohne ihn ist kein Absender
   bewiesen, und eine Liste erlaubter Leute lässt niemanden ein.
4. Sagen, wer schreiben darf: \`access: { allow: ["ada@example.com"] }\`, oder für alle \`direct: "open"\`.
5. Speichern, dann eine Mail an die Adresse senden.
`.trim(),
  settings: {
    address: ["Adresse", "Die des Postfachs, von der die Antworten kommen: support@example.com, oder Support <support@example.com>."],
    imap: ["IMAP-Server", "Wo Mail gelesen wird: imaps://host (TLS, Port 993) oder imap://host (STARTTLS, Port 143)."],
    smtp: ["SMTP-Server", "Wo Mail gesendet wird: smtps://host (TLS, Port 465) oder smtp://host (STARTTLS, Port 587)."],
    user: ["Benutzername", "Für die Anmeldung an beiden Servern. Leer: die Adresse."],
    password: ["Passwort", "Das des Postfachs; bei den meisten Anbietern eines nur für dieses Programm (App-Passwort)."],
    mailbox: ["Ordner", "Der Ordner, der gelesen wird."],
    moveTo: [
      "Danach verschieben nach",
      "Der Ordner, in den eine Mail kommt, sobald sie gespeichert ist. Leer: sie bleibt, als gelesen markiert.",
    ],
    authservId: [
      "Name des prüfenden Servers",
      "Der Name, den der eigene Server vorn in Authentication-Results schreibt (mx.google.com). Ohne ihn ist kein Absender bewiesen.",
    ],
    trustFrom: [
      "Jedem From glauben",
      "Ob ein From, das nichts beweist, als Absender gilt. Aus: wer eine Adresse fälscht, wird nicht für ihren Inhaber gehalten.",
    ],
    ca: ["Zertifikat", "Ein Zertifikat (PEM), dem zu trauen ist, wenn die Server ein selbst gemachtes haben."],
  },
};
