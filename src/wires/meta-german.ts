import type { SettingWords } from "../core/translation.ts";

/** In German, what the settings of `graph.ts`, `page-messaging.ts` and `whatsapp-templates.ts`, and the pictures of `graph-pictures.ts` say. */

export const graphWords = {
  appSecret: ["Geheimnis der App", "Aus App settings, Basic: Meta signiert damit seine Webhooks."],
  verifyToken: ["Prüfwort", "Ein eigenes Wort, das auch bei Meta neben der Adresse des Webhooks steht."],
  apiRoot: ["Adresse des API", "Die des Graph API, mit seiner Version."],
} as const satisfies Record<string, SettingWords>;

export const messagingWords = {
  ...graphWords,
  humanAgent: [
    "Human Agent",
    "Ob Meta der App die Funktion Human Agent gegeben hat: was Bediener schreiben, erreicht Leute dann 7 Tage lang, nicht 24 Stunden.",
  ],
} as const satisfies Record<string, SettingWords>;

export const templatesWords: SettingWords = [
  "Vorlagen",
  "Was gesendet wird, wenn jemand zuletzt vor mehr als 24 Stunden geschrieben hat: je eine genehmigte Vorlage für Antworten der Agenten (answer), Nachrichten der Bediener (message), Erinnerungen (reminder) und Hinweise (notice), jede mit name, language und parameters, von denen {text} die Nachricht ist.",
];

export const webhookValues = {
  "https://<your gateway>/hooks/<account>": "https://<Ihr Gateway>/hooks/<Konto>",
  "your word": "Ihr Prüfwort",
};
