import type * as english from "../en/findings.ts";
import type { Widen } from "../widen.ts";

export const findings: Widen<typeof english>["findings"] = {
  lead: "Was jemanden braucht, der handelt. Alles andere ist in Ordnung.",
  none: "Nichts zu tun",
  noneHint: "Kein Konto, keine Einstellung und keine Zustellung braucht Aufmerksamkeit.",
  all: (n) => `Alle ${n} Befunde ansehen`,
  openAccount: "Konto öffnen",
  openQueue: "Warteschlange öffnen",
  openWaiting: "Wartende ansehen",
  openMessages: "Nachrichten ansehen",
  reconnect: "Neu verbinden",
  reconnecting: (account) => `${account} verbindet sich neu`,
  retry: "Alle noch einmal versuchen",
  retryTitle: (account) => `Alle von ${account} noch einmal versuchen?`,
  accept: "Modelle dürfen es lesen",
  accepted: (tool) => `${tool} ist angenommen`,
  parameters: "Parameter",
  since: "seit",
  told: (places) => `gemeldet an ${places}`,
  untold: "niemandem gemeldet",
  places: (places) => `Bedienern wird an ${places} Bescheid gesagt.`,
  nobody: "Niemandem wird auf einem Kanal Bescheid gesagt.",
  nobodyHint: `\`polylogue config set notices.to '[{account: "…", chat: "…"}]'\` sagt, wem.`,
  test: "Probe senden",
  tested: "Die Probe ist unterwegs. Kommt sie nicht an, steht es hier.",
};
