import type { ChannelTranslation } from "../../core/channel-translation.ts";

export const german: ChannelTranslation = {
  summary:
    "Ihr eigenes Programm: es schickt dem Gateway Nachrichten und bekommt die Antworten zurückgeschickt, beides signiert (Standard Webhooks).",
  guide: `
1. Ein Geheimnis machen: \`echo whsec_$(openssl rand -base64 32)\`. Beide Seiten haben es.
2. **Ziel der Antworten** ist die Adresse in Ihrem Programm, an die die Antworten gehen.
3. Speichern. Ihr Programm schickt Nachrichten als POST an die Webhook-Adresse des Kontos, signiert nach
   [Standard Webhooks](https://www.standardwebhooks.com); Bibliotheken für die meisten Sprachen sind dort aufgezählt.
`.trim(),
  settings: {
    secret: [
      "Geheimnis",
      "Signiert in beide Richtungen: base64, mit oder ohne whsec_ davor. So entsteht eines: echo whsec_$(openssl rand -base64 32)",
    ],
    previousSecret: [
      "Voriges Geheimnis",
      "Während das Geheimnis gewechselt wird: auch Anfragen, die damit signiert sind, werden angenommen.",
    ],
    deliverTo: ["Ziel der Antworten", "Wohin Antworten geschickt werden. Jede 2xx gilt als angenommen."],
    deliverSecret: [
      "Geheimnis für Antworten",
      "Signiert, was dorthin geschickt wird, wenn es ein anderes sein soll als das für das, was hereinkommt.",
    ],
  },
};
