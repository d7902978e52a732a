import type { home as english } from "../en/home.ts";
import type { Widen } from "../widen.ts";
import { plural } from "./plural.ts";

export const home: Widen<typeof english> = {
  figures: "Zahlen",
  perMinute: "Nachrichten je Minute",
  trend: (n) => `Die letzte Stunde, Minute für Minute: ${plural(n, "Nachricht", "Nachrichten")}`,
  latency: "Beantwortet in",
  noAnswers: "keine Antworten in der letzten Stunde",
  slowest: (time) => `95 %: ${time}`,
  models: (time) => `Modelle ${time}`,
  errors: "Fehler",
  lastHour: "in der letzten Stunde",
  queue: "Warteschlange",
  underWay: (waiting, sending) => `${waiting} zu beantworten, ${sending} zu senden`,
  stuck: (n) => `${n} zu entscheiden`,
  people: "Warten auf Menschen",
  nobodyWaits: "niemand wartet",
  waitsFor: (time) => `am längsten: ${time}`,
  channels: "Kanäle",
  ready: (ready, all) => `${ready} von ${all}`,
  notReady: (n) => `${n} gestört`,
  paused: (n) => `${n} angehalten`,
  allReady: "alle Konten sind bereit",
  today: "Heute (UTC)",
  tokens: (n) => `${n} Token`,
  unpriced: (n) => plural(n, "Aufruf ohne Preis", "Aufrufe ohne Preis"),
};
