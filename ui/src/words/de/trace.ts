import type * as english from "../en/trace.ts";
import type { Widen } from "../widen.ts";

export const trace: Widen<typeof english>["trace"] = {
  title: "Verlauf",
  unknown: "Zu dieser Kennung ist nichts bekannt",
  unknownHint: (id) =>
    `${id} ist weder ein Ereignis noch eine Nachricht, ein Zug oder eine Zustellung von hier, und auch keine Nachricht einer Plattform, die hier ankam.`,
  openConversation: "Unterhaltung öffnen",
  openTurn: "Die Nachricht öffnen, mit der sie beantwortet wird",
  stages: "Was geschah",
  after: (time) => `+${time}`,
  messages: "Nachrichten",
  deliveries: (n) => (n === 1 ? "Zustellung" : "Zustellungen"),
  ids: "Kennungen",
  letIn: (who) => `${who} schreiben lassen`,
  letInGroup: "In dieser Gruppe ab jetzt antworten",
  letInDone: "Erlaubt: die nächste Nachricht wird beantwortet",
  letInAlready: "Inzwischen erlaubt: die nächste Nachricht wird beantwortet.",
  idOf: { trace: "Verlauf", platformEvent: "Ereignis der Plattform", account: "Konto", chat: "Chat", thread: "Thread" },
  repeats: (n) => `Die Plattform hat sie noch ${n} Mal geschickt; beantwortet wurde sie einmal.`,
};
