import type * as english from "../en/conversations.ts";
import type { Widen } from "../widen.ts";
import { plural } from "./plural.ts";

export const conversations: Widen<typeof english>["conversations"] = {
  lead: "Alle, die geschrieben haben, die letzten zuerst.",
  none: "Noch keine Unterhaltungen",
  noneHint: "Sie erscheinen, sobald jemand auf einem der Kanäle schreibt.",
  earlier: "Frühere Nachrichten",
  reply: "Als Bediener schreiben",
  replyAgent: "Der Agent antwortet auch weiterhin. Wer allein sprechen will, übernimmt zuerst.",
  replyHuman: "Der Agent schweigt in dieser Unterhaltung, bis sie zurückgegeben wird.",
  send: "Senden",
  more: "Mehr",
  react: (reaction) => `Mit ${reaction} reagieren`,
  reacted: (reaction) => `Die Nachricht hat jetzt die Reaktion ${reaction}`,
  unreact: "Reaktion wegnehmen",
  unreacted: "Die Reaktion ist weg",
  takeBack: "Zurücknehmen",
  takeBackTitle: "Diese Nachricht zurücknehmen?",
  takeBackText:
    "Sie wird auf der Plattform gelöscht, wenn das noch geht, und Agenten sehen sie nicht mehr. Wer sie gelesen hat, hat sie gelesen.",
  takenBack: "Die Nachricht ist zurückgenommen",
  takenBackPartly: (n) =>
    `Zurückgenommen, bis auf ${plural(n, "Stück", "Stücke")} mit unbekanntem Ausgang: bitte auf der Plattform nachsehen`,
};
