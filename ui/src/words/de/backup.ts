import type * as english from "../en/backup.ts";
import type { Widen } from "../widen.ts";
import { plural } from "./plural.ts";

export const backup: Widen<typeof english>["backup"] = {
  lead: "Kopien von allem außer dem Hauptschlüssel des Tresors. Bitte auch anderswo welche aufheben: fällt die Platte aus, sind diese mit weg.",
  place: (folder) => `Sie liegen in ${folder}.`,
  apart:
    "Mehrere Gateways teilen sich diesen Speicher, und jedes hat einen eigenen Ordner für Sicherungen: zu sehen sind die des Gateways, das antwortet. POLYLOGUE_BACKUPS nennt einen Ordner, den alle haben.",
  at: (gateway) => `bei ${gateway}`,
  make: "Jetzt sichern",
  made: (messages) => `Gesichert, mit ${messages} Nachrichten`,
  none: "Noch keine Sicherungen",
  noneHint: "Das Gateway arbeitet weiter, während eine entsteht.",
  automatic: "von selbst",
  facts: (messages, files, size, version) =>
    `${messages} Nachrichten · ${plural(files, "Datei", "Dateien")} · ${size} · Fassung ${version}`,
  check: "Prüfen",
  checked: "Sie ist ganz: jede Datei ist, wie sie gesichert wurde",
  download: "Herunterladen",
  remove: "Entfernen",
  removeTitle: "Diese Sicherung entfernen?",
  removeText: "Sie ist nicht zurückzuholen.",
  removed: "Entfernt",
  schedule: "Von selbst",
  scheduleOff: "Von selbst werden keine gemacht.",
  scheduleOn: (hours, keep) =>
    `${hours === 1 ? "Jede Stunde" : `Alle ${plural(hours, "Stunde", "Stunden")}`}; ${keep === 1 ? "die neueste bleibt" : `die neuesten ${keep} bleiben`}.`,
  every: "Wie oft?",
  everyOptions: { off: "nie", hour: "jede Stunde", hours: (n) => `alle ${n} Stunden`, day: "jeden Tag", week: "jede Woche" },
  keep: "Wie viele bleiben?",
  saved: "Gespeichert",
  exports: "Für eine Tabelle",
  exportsLead:
    "Was gesagt wurde, eine Zeile je Nachricht oder Unterhaltung (CSV). Was eine Tabelle für eine Formel hielte, ist als Text gekennzeichnet.",
  exportMessages: "Nachrichten",
  exportConversations: "Unterhaltungen",
  restore: "Eine zurückholen",
  restoreLead:
    "Alle Gateways anhalten, erst nachsehen, dann zurückholen. Was jetzt da ist, wird beiseite aufgehoben; eine Datenbank muss neu und leer sein. Genommen wird der Download wie der Ordner.",
};
