import type { english } from "../en/index.ts";
import type { Widen } from "../widen.ts";
import { agents } from "./agents.ts";
import { alerts } from "./alerts.ts";
import { analytics } from "./analytics.ts";
import { audit } from "./audit.ts";
import { backup } from "./backup.ts";
import * as channels from "./channels.ts";
import * as codes from "./codes.ts";
import { conversations } from "./conversations.ts";
import * as cost from "./cost.ts";
import * as door from "./door.ts";
import { find } from "./find.ts";
import { findings } from "./findings.ts";
import * as flow from "./flow.ts";
import { home } from "./home.ts";
import { inbox } from "./inbox.ts";
import { models } from "./models.ts";
import { queue } from "./queue.ts";
import { settings } from "./settings.ts";
import { takeover } from "./takeover.ts";
import { talk } from "./talk.ts";
import { trace } from "./trace.ts";
import { users } from "./users.ts";

/** Everything that the app says, in German. */
export const german: Widen<typeof english> = {
  locale: "de",
  app: "Polylogue",
  sections: { watch: "Beobachten", setUp: "Einrichten", understand: "Verstehen", run: "Betreiben" },
  rooms: {
    home: "Start",
    conversations: "Unterhaltungen",
    queue: "Warteschlange",
    traces: "Verläufe",
    findings: "Befunde",
    channels: "Kanäle",
    talk: "Chat",
    agents: "Agenten",
    models: "Modelle",
    cost: "Kosten",
    analytics: "Auswertung",
    users: "Benutzer",
    audit: "Protokoll",
    settings: "Einstellungen",
    backup: "Sicherung",
  },
  tabs: { conversations: "Eingang", queue: "Schlange", more: "Mehr" },
  shell: {
    skip: "Zum Inhalt springen",
    navigation: "Räume",
    accountMenu: (name) => `${name}: Menü des Kontos`,
    signOut: "Abmelden",
    waiting: "wartend",
    more: "Weitere Räume",
    newVersion: "Neue Fassung",
    newVersionHint: "Lädt die Seite neu, in der Fassung, die das Gateway inzwischen hat",
    closed: "Dieser Raum steht Ihnen nicht offen",
    closedHint: (role) => `Dafür braucht es die Rolle ${role} oder eine höhere. Ein Verwalter kann sie geben.`,
  },
  languages: { title: "Sprache" },
  themes: { title: "Aussehen", system: "Wie das System", light: "Hell", dark: "Dunkel" },
  connection: { reconnecting: "Verbindet sich neu …", offline: "Ohne Netz" },
  states: {
    loading: "Lädt …",
    retry: "Noch einmal",
    more: "Mehr zeigen",
    copy: "Kopieren",
    copyOf: (what) => `Kopieren: ${what}`,
    copied: "Kopiert",
    close: "Schließen",
    notifications: "Hinweise",
    lost: "Diese Seite gibt es nicht",
    lostHint: "Der Link ist vielleicht alt oder vertippt.",
    home: "Zur Startseite",
  },
  forms: {
    optional: "freiwillig",
    show: "Zeigen",
    hide: "Verbergen",
    cancel: "Abbrechen",
    save: "Speichern",
    next: "Weiter",
    back: "Zurück",
    leaveTitle: "Gehen, ohne zu speichern?",
    leaveText: "Was hier getippt wurde, ist dann weg.",
    leave: "Gehen",
  },
  faults: {
    offline: { message: "Dieses Gerät ist ohne Netz", hint: "Es geht weiter, sobald das Netz wieder da ist." },
    unreachable: {
      message: "Das Gateway ist nicht zu erreichen",
      hint: "Bitte nachsehen, ob es läuft; die Seite versucht es von selbst wieder.",
    },
    internal: "Das ist ein Fehler der Web-App: bitte melden.",
    unexpected: (status) => `Das Gateway oder etwas davor hat mit ${status} geantwortet`,
  },
  time: {
    milliseconds: (ms) => `${ms} ms`,
    seconds: (seconds) => `${seconds} s`,
    minutes: (minutes, seconds) => `${minutes} min ${seconds} s`,
    hours: (hours, minutes) => `${hours} h ${minutes} min`,
  },
  messages: {
    empty: "Ohne Worte",
    someone: "Jemand",
    visitor: (id) => `Besucher ${id}`,
    happened: {
      "[press]": "Hat einen Knopf gedrückt",
      "[joined]": "Hat den Assistenten hinzugefügt",
      "[left]": "Hat den Assistenten entfernt",
      "[blocked]": "Hat den Assistenten blockiert",
    },
    trace: "Verlauf",
    image: (words) => (words ? `Bild: ${words}` : "Bild"),
    code: "Code",
    table: "Tabelle",
    save: "Speichern",
    hidden: (what) => (what ? `⟦verborgen: ${what}⟧` : "⟦verborgen⟧"),
    lost: (reason) => `nicht verfügbar: ${reason}`,
    authors: { agent: "Assistent", operator: "Bediener", system: "Gateway" },
    kinds: { image: "Bild", file: "Datei", audio: "Ton", video: "Video", voice: "Sprachnachricht" },
  },
  ...codes,
  ...door,
  home,
  ...flow,
  trace,
  talk,
  conversations,
  inbox,
  find,
  ...channels,
  queue,
  takeover,
  findings,
  users,
  ...cost,
  agents,
  alerts,
  analytics,
  models,
  audit,
  settings,
  backup,
};
