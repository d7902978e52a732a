import type * as english from "../en/flow.ts";
import type { Widen } from "../widen.ts";
import { plural } from "./plural.ts";

type Flow = Widen<typeof english>;

export const flow: Flow["flow"] = {
  title: "Nachrichten",
  list: "Nachrichten, die neuesten zuerst",
  live: "Laufend",
  pause: "Anhalten",
  resume: "Weiter",
  paused: "Angehalten",
  waiting: (n) => (n >= 50 ? "50 oder mehr neue Nachrichten" : plural(n, "neue Nachricht", "neue Nachrichten")),
  byAccount: "Konto",
  byState: "Zustand",
  allAccounts: "Alle Konten",
  allStates: "Alle Zustände",
  noMatch: "Keine Nachricht passt zu dieser Auswahl",
  showAll: "Alle Nachrichten zeigen",
  emptyTitle: "Noch keine Nachrichten",
  emptyHint:
    "Gleich hier mit dem Assistenten reden und sehen, welchen Weg eine Nachricht nimmt, oder die Plattform verbinden, auf der Leute schreiben.",
  tryIt: "Mit dem Assistenten reden",
};

export const outcome: Flow["outcome"] = {
  ignored: (reason) => `Keine Antwort, weil ${reason}`,
  cancelled: (reason) => `Die Antwort wurde abgebrochen, weil ${reason}`,
  failed: (reason) => `Keine Antwort, weil ${reason}`,
  noReason: "der Grund nicht festgehalten wurde",
  queued: "Wartet, bis sie an der Reihe ist",
  running: "Wird gerade beantwortet",
  retried: (reason) => `Es wird noch einmal versucht, weil ${reason}.`,
  unknown: "Beantwortet, doch niemand kann sagen, ob die Antwort ankam",
  undelivered: "Beantwortet, doch die Antwort war nicht zuzustellen",
  dropped: "Beantwortet, doch die Antwort wurde vor dem Senden verworfen",
  delivering: "Beantwortet; die Antwort ist unterwegs",
  silent: "Erledigt, ohne etwas zu senden",
  delivered: "Beantwortet und zugestellt",
  deliveredIn: (time) => `Beantwortet und zugestellt in ${time}`,
  receipt: (ids) => `Kennung der Plattform: ${ids}`,
};
