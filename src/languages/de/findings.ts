/** What somebody can act on: what is wrong, and what to do. */
export const findings: Readonly<Record<string, string>> = {
  // deliveries, messages, conversations
  "{0} or more": "{0} oder mehr",
  "{0} delivery of the account {1}": "{0} Zustellung des Kontos {1}",
  "{0} deliveries of the account {1}": "{0} Zustellungen des Kontos {1}",
  "{0} message to the account {1}": "{0} Nachricht an das Konto {1}",
  "{0} messages to the account {1}": "{0} Nachrichten an das Konto {1}",
  "then `polylogue dead retry` or `discard`, or the queue in the web app":
    "dann `polylogue dead retry` oder `discard`, oder die Warteschlange in der Web-App",
  "Nobody knows whether {0} arrived.": "Niemand weiß, was aus {0} wurde: angekommen oder nicht.",
  "`polylogue dead list --state unknown`, look on the platform, {0}.":
    "`polylogue dead list --state unknown`, auf der Plattform nachsehen, {0}.",
  "{0} was given up after the last try.": "{0} wurde nach dem letzten Versuch aufgegeben.",
  "{0} were given up after the last try.": "{0} wurden nach dem letzten Versuch aufgegeben.",
  "`polylogue dead list --state dead` says why; {0}.": "`polylogue dead list --state dead` sagt, warum; {0}.",
  "{0} was refused by the platform.": "{0} wurde von der Plattform abgelehnt.",
  "{0} were refused by the platform.": "{0} wurden von der Plattform abgelehnt.",
  "`polylogue dead list --state failed` says why; {0}.": "`polylogue dead list --state failed` sagt, warum; {0}.",
  "{0} notice for operators didn't arrive at {1}.": "{0} Meldung an Bediener kam bei {1} nicht an.",
  "{0} notices for operators didn't arrive at {1}.": "{0} Meldungen an Bediener kamen bei {1} nicht an.",
  "`polylogue trace {0}` says why. Correct `notices.to`, or discard them in the queue.":
    "`polylogue trace {0}` sagt, warum. `notices.to` berichtigen oder sie in der Warteschlange verwerfen.",
  "{0} was set aside unanswered after the last try.": "{0} wurde nach dem letzten Versuch unbeantwortet beiseitegelegt.",
  "{0} were set aside unanswered after the last try.": "{0} wurden nach dem letzten Versuch unbeantwortet beiseitegelegt.",
  "`polylogue dead list --state poison` says why; {0}.": "`polylogue dead list --state poison` sagt, warum; {0}.",
  "{0} conversation of the account {1} is paused: another machine seems to answer there.":
    "{0} Unterhaltung des Kontos {1} ist angehalten: dort scheint eine andere Maschine zu antworten.",
  "{0} conversations of the account {1} are paused: another machine seems to answer there.":
    "{0} Unterhaltungen des Kontos {1} sind angehalten: dort scheint eine andere Maschine zu antworten.",
  "`polylogue trace {0}` shows the newest. Resume it in the web app once its other side is a person, or raise `limits.loopTurns`.":
    "`polylogue trace {0}` zeigt die neueste. Sie in der Web-App weiterlaufen lassen, wenn auf der anderen Seite ein Mensch ist, oder `limits.loopTurns` erhöhen.",
  "{0} got no answer in the last hour ({1}).": "In der letzten Stunde ohne Antwort geblieben ({1}): {0}.",
  "`polylogue trace {0}` shows the newest.": "`polylogue trace {0}` zeigt die neueste.",
  "A conversation waits for a person.{0}": "Eine Unterhaltung wartet auf einen Menschen.{0}",
  "{0} conversations wait for a person.{1}": "{0} Unterhaltungen warten auf einen Menschen.{1}",
  " The first has waited for {0} min.": " Die erste wartet seit {0} min.",
  "Take them over in the web app under Conversations, or with `polylogue conversations take <id>`.":
    "Sie in der Web-App unter Unterhaltungen übernehmen, oder mit `polylogue conversations take <id>`.",
  "{0} person asks to be let in to the account {1}.": "{0} Person bittet, beim Konto {1} eingelassen zu werden.",
  "{0} people ask to be let in to the account {1}.": "{0} Personen bitten, beim Konto {1} eingelassen zu werden.",
  "`polylogue pairing list` shows them. Approve only a code that the person told you: `polylogue pairing approve <code>`.":
    "`polylogue pairing list` zeigt sie. Nur einen Code annehmen, den die Person selbst genannt hat: `polylogue pairing approve <code>`.",

  // accounts, models, tools, documents
  "Its sends fail, the last one so: {0}": "Was es sendet, scheitert, zuletzt so: {0}",
  "What is to be sent waits and goes out by itself once one attempt succeeds; look at the platform's status and your network.":
    "Was zu senden ist, wartet und geht von selbst hinaus, sobald ein Versuch gelingt; nachsehen, wie es der Plattform und dem eigenen Netz geht.",
  "The model {0} has failed since {1} UTC ({2}): it is asked from time to time, and other models of the chain in its place.":
    "Das Modell {0} scheitert seit {1} UTC ({2}): es wird ab und zu gefragt, und an seiner Stelle die anderen Modelle des Agenten.",
  "See to its provider, its key and its name; `polylogue doctor` asks the provider now.":
    "Nach seinem Anbieter, dessen Schlüssel und dem Namen sehen; `polylogue doctor` fragt den Anbieter jetzt.",
  "The MCP server {0} can't be used: {1}. Its tools are missing meanwhile.":
    "Der MCP-Server {0} ist nicht zu gebrauchen: {1}. Seine Werkzeuge fehlen so lange.",
  "See to its program or address; it is tried again by itself.":
    "Nach seinem Programm oder seiner Adresse sehen; es wird von selbst noch einmal versucht.",
  "{0} tool of the MCP server {1} doesn't say what was accepted. No model is offered it.":
    "{0} Werkzeug des MCP-Servers {1} sagt nicht mehr, was angenommen wurde. Keinem Modell wird es angeboten.",
  "{0} tools of the MCP server {1} don't say what was accepted. No model is offered them.":
    "{0} Werkzeuge des MCP-Servers {1} sagen nicht mehr, was angenommen wurde. Keinem Modell werden sie angeboten.",
  "`polylogue tools accept {0}` shows what they say now and asks whether models may read it.":
    "`polylogue tools accept {0}` zeigt, was sie jetzt sagen, und fragt, ob Modelle es lesen dürfen.",
  "The documents of {0} can't be read: {1}. What was read before is still found.":
    "Die Dokumente von {0} sind nicht zu lesen: {1}. Was früher gelesen wurde, ist weiter zu finden.",
  "Correct `knowledge.{0}.files`, or let the gateway's user read the folder.":
    "`knowledge.{0}.files` berichtigen oder den Benutzer, unter dem das Gateway läuft, den Ordner lesen lassen.",

  // money
  "The budget {0}{1} is used up to {2} % in {3}: {4}.": "Das Budget {0}{1} ist in {3} zu {2} % verbraucht: {4}.",
  " of {0}": " von {0}",
  "{0} of {1}": "{0} von {1}",
  "{0} of {1} tokens": "{0} von {1} Token",
  "{0}, {1}": "{0}, {1}",
  "Messages wait for your word. ": "Nachrichten warten auf ein Wort dazu. ",
  "{0}`polylogue cost --by model` says for what; `polylogue budgets raise {1}{2} --usd <amount>` allows more until it begins anew.":
    "{0}`polylogue cost --by model` sagt, wofür; `polylogue budgets raise {1}{2} --usd <amount>` erlaubt mehr, bis es neu beginnt.",
  "Nobody knows what {0} costs: budgets in US dollars don't count it.":
    "Niemand weiß, was {0} kostet: Budgets in US-Dollar zählen es nicht mit.",
  "Write its prices under `providers.{0}.prices` (0 where it costs nothing), or limit `tokens`.":
    "Seine Preise unter `providers.{0}.prices` eintragen (0, wo es nichts kostet) oder `tokens` begrenzen.",

  // alerts
  "The alert {0} fires: {1}.": "Der Alarm {0} ist ausgelöst: {1}.",
  "Analytics in the web app, or `polylogue alerts list`, shows it; there it can be muted or changed.":
    "Die Auswertung in der Web-App oder `polylogue alerts list` zeigt ihn; dort lässt er sich stummschalten oder ändern.",
  "{0} ({1})": "{0} ({1})",
  "{0}: {1}, {2}": "{0}: {1}, {2}",
  "{0}: {1}, {2}, in this hour and {3} before it": "{0}: {1}, {2}, in dieser Stunde und {3} davor",
  "{0}: {1}, {2}, in this minute and {3} before it": "{0}: {1}, {2}, in dieser Minute und {3} davor",
  "no data": "keine Daten",
  "less than {0}": "weniger als {0}",
  "more than {0}": "mehr als {0}",
  "deliveries that wait to be sent": "Zustellungen, die auf den Versand warten",
  "deliveries that didn't arrive and wait for somebody": "Zustellungen, die nicht ankamen und auf jemanden warten",
  "conversations that wait for a person": "Unterhaltungen, die auf Menschen warten",
  "the longest wait for a person": "längstes Warten auf Menschen",
  "accounts that are down": "Konten, die nicht gehen",
  "what models cost today": "Kosten der Modelle heute",
  "messages received": "empfangene Nachrichten",
  "turns and deliveries that failed": "gescheiterte Züge und Zustellungen",
  "failures for each hundred turns": "Gescheitertes je hundert Züge",
  "turns that were answered": "beantwortete Züge",
  "the time in which 95 % of the answers began": "Zeit, in der 95 % der Antworten begannen",
  "conversations handed to people": "an Menschen übergebene Unterhaltungen",

  // the machine
  "Only {0} MB are free where {1} lies: when it is full, messages are refused.":
    "Wo {1} liegt, sind nur noch {0} MB frei: ist es voll, werden Nachrichten abgelehnt.",
  "Make room, or move the folder and set POLYLOGUE_HOME.": "Platz schaffen oder den Ordner verlegen und POLYLOGUE_HOME setzen.",
  "The last automatic backup failed: {0}": "Die letzte automatische Sicherung ist gescheitert: {0}",
  "Make room, or look whether the folder of backups can be written to; it is tried again each minute.":
    "Platz schaffen oder nachsehen, ob in den Ordner der Sicherungen zu schreiben ist; jede Minute wird es noch einmal versucht.",
  "Automatic backups lie in the folder of whichever gateway makes them (this one is {0}), and go with it where nothing keeps that folder.":
    "Automatische Sicherungen liegen im Ordner des Gateways, das sie gerade macht (dieses ist {0}), und gehen mit ihm, wo nichts den Ordner aufhebt.",
  "Give all gateways one folder for backups, on a disk that lasts, and name it in POLYLOGUE_BACKUPS.":
    "Allen Gateways einen gemeinsamen Ordner für Sicherungen geben, auf einer Platte, die bleibt, und ihn in POLYLOGUE_BACKUPS nennen.",
  "The new certificate can't be used: {0}. The one before stays.": "Das neue Zertifikat ist nicht zu gebrauchen: {0}. Das alte bleibt.",
  "Put a certificate in place with its chain and the key that belongs to it.":
    "Ein Zertifikat mit seiner Kette und dem Schlüssel hinlegen, der dazu gehört.",
  "The certificate ended at {0}: nobody is let through to the gateway.":
    "Das Zertifikat ist am {0} abgelaufen: niemand kommt mehr zum Gateway durch.",
  "The certificate ends at {0}, in {1} days.": "Das Zertifikat läuft am {0} ab, in {1} Tagen.",
  "Renew it; the gateway takes the new files within seconds, without a restart.":
    "Es erneuern; das Gateway nimmt die neuen Dateien binnen Sekunden auf, ohne Neustart.",
  "Redis hasn't answered for {0} seconds: what another replica took is begun up to a second later, and windows show others' news late.":
    "Redis antwortet seit {0} Sekunden nicht: was ein anderes Gateway annahm, beginnt bis zu eine Sekunde später, und Fenster zeigen Neues von dort spät.",
  "Nothing is lost, and it is used again by itself; see that the server runs and that this machine reaches it.":
    "Nichts ist verloren, und es wird von selbst wieder benutzt; dafür sorgen, dass der Server läuft und diese Maschine ihn erreicht.",
};
