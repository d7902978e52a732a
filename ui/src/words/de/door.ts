import type * as english from "../en/door.ts";
import type { Widen } from "../widen.ts";
import { plural } from "./plural.ts";

type Door = Widen<typeof english>;

export const setup: Door["setup"] = {
  title: "Eigentümer anlegen",
  lead: "Dieses Gateway ist neu. Wer es betreibt, braucht einen Namen und ein Passwort.",
  doneTitle: "Schon eingerichtet",
  doneLead: "Dieses Gateway hat einen Eigentümer. Weiter geht es mit der Anmeldung.",
  openLink: "Dieses Gateway hat noch keinen Eigentümer. Bitte den Link mit #setup= öffnen, den es beim Start ausgegeben hat.",
  enterToken: "Einrichtungs-Token von Hand eingeben",
  token: "Einrichtungs-Token",
  tokenHint:
    "Das Gateway hat beim Start einen Link mit #setup= ausgegeben: den Link einfügen oder das, was hinter dem Gleichheitszeichen steht.",
  tokenMissing: "Bitte das Einrichtungs-Token einfügen.",
  name: "Name",
  nameMissing: "Bitte einen Namen eingeben.",
  password: "Passwort",
  passwordShort: (least) => `Bitte mindestens ${least} Zeichen verwenden.`,
  passwordMissing: (missing, begun) => (begun ? `Noch ${plural(missing, "Zeichen", "Zeichen")}` : `Mindestens ${missing} Zeichen`),
  strengths: ["Zu kurz", "Leicht zu erraten: länger oder abwechslungsreicher machen", "Gut", "Stark"],
  act: "Eigentümer anlegen",
};

export const link: Door["link"] = {
  joinTitle: "Beitreten",
  joinLead: "Sie wurden zu diesem Gateway eingeladen. Bitte Name und Passwort für die Anmeldung wählen.",
  join: "Beitreten",
  resetTitle: "Neues Passwort",
  resetLead: "Bitte das Passwort wählen, das von jetzt an gilt. Überall sonst endet die Anmeldung.",
  reset: "Passwort setzen",
  noneTitle: "Diese Seite braucht ihren Link",
  noneLead: "Bitte den ganzen Link noch einmal öffnen. Er gilt einmal und für begrenzte Zeit.",
};

export const login: Door["login"] = {
  title: "Anmelden",
  lead: "Bei dem Gateway, das diese Seite ausliefert.",
  leadBack: "Die Anmeldung ist abgelaufen. Nach der neuen geht es an derselben Stelle weiter.",
  leadAgain: "Die Anmeldung ist abgelaufen. Nach der neuen ist noch da, was gerade geschrieben wurde.",
  passwordMissing: "Bitte das Passwort eingeben.",
  act: "Anmelden",
};
