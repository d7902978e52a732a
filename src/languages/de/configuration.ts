/** What is wrong in the configuration, and what to do. Names of settings are the same in every language. */
export const configuration: Readonly<Record<string, string>> = {
  // how it is put together
  account: "das Konto",
  agent: "den Agenten",
  channel: "den Kanal",
  "{0}.": "{0}.",
  "{0}; {1}.": "{0}; {1}.",
  "{0}: {1}; {2}.": "{0}: {1}; {2}.",
  "`{0}` {1}": "`{0}` {1}",
  "`{0}` {1}.": "`{0}` {1}.",
  "`{0}`: {1}": "`{0}`: {1}",
  "{0}_FILE: {1} {2}": "{0}_FILE: {1} {2}",
  "`{0}` {1}; it is left out.": "`{0}` {1}; es bleibt weg.",
  "{0}: {1} {2}; it is left out.": "{0}: {1} {2}; es bleibt weg.",
  "{0}; {1} is left out.": "{0}; {1} bleibt weg.",
  "`{0}` is left out: {1}": "`{0}` bleibt weg: {1}",
  "`{0}` is missing; {1} is left out.": "`{0}` fehlt; {1} bleibt weg.",
  "`{0}`: {1}; the default is used.": "`{0}`: {1}; es gilt die Vorgabe.",
  "it is left out": "es bleibt weg",
  "the default, {0}, is used": "es gilt die Vorgabe, {0}",
  " Did you mean `{0}`?": " Gemeint war vielleicht `{0}`.",
  "Known: {0}.": "Bekannt: {0}.",
  "Correct it.": "Es berichtigen.",
  "Correct it; `polylogue config explain` shows where the setting comes from.":
    "Es berichtigen; `polylogue config explain` zeigt, woher die Einstellung kommt.",
  "Correct what the other findings about it name.": "Berichtigen, was die anderen Befunde dazu nennen.",
  "what the other finding names can't be read": "was der andere Befund nennt, ist nicht zu lesen",

  // files, environment, secrets
  "Correct the file there; it is read again at once.": "Die Datei dort berichtigen; sie wird sofort noch einmal gelesen.",
  "the last good one keeps running": "die letzte gute läuft weiter",
  "the defaults and what the web app and the CLI set run without it":
    "ohne sie laufen die Vorgaben und was in der Web-App und mit der Kommandozeile gesetzt wurde",
  "it is nested too deeply": "sie ist zu tief verschachtelt",
  "it must be one object: { … }": "sie muss ein einziges Objekt sein: { … }",
  "is not a file": "ist keine Datei",
  "is not UTF-8": "ist nicht in UTF-8",
  "is empty": "ist leer",
  "it is empty": "es ist leer",
  "does not exist": "gibt es nicht",
  "grew while it was read": "wuchs beim Lesen",
  "has more than {0} bytes": "hat mehr als {0} Bytes",
  "can't be read ({0})": "ist nicht zu lesen ({0})",
  "unknown error": "unbekannter Fehler",
  "is nested more than {0} levels deep": "ist mehr als {0} Stufen tief verschachtelt",
  "${{0}} may not be used in settings": "${{0}} darf in Einstellungen nicht stehen",
  "the environment has no {0} and no {1}_FILE": "in der Umgebung steht weder {0} noch {1}_FILE",
  "Set the variable, or write `$${` where the text is meant as it stands.":
    "Die Variable setzen, oder `$${` schreiben, wo der Text so gemeint ist, wie er dasteht.",
  "The variable {0} names no setting; it is left out.": "Die Variable {0} nennt keine Einstellung; sie bleibt weg.",
  "The vault has no secret `{0}`": "im Tresor ist kein Geheimnis `{0}`",
  "The secret `{0}` stands in clear in {1}.": "Das Geheimnis `{0}` steht im Klartext: {1}.",
  "web app or CLI": "Web-App oder Kommandozeile",
  "`polylogue secrets move {0}` puts it into the vault.": "`polylogue secrets move {0}` legt es in den Tresor.",
  "`polylogue secrets move {0}` puts it into the vault; then delete it from the file.":
    "`polylogue secrets move {0}` legt es in den Tresor; dann in der Datei löschen.",

  // settings and entries
  "There is no setting `{0}`; it is left out.": "Eine Einstellung `{0}` gibt es nicht; sie bleibt weg.",
  "There is no setting `{0}`; it is left out.{1}": "Eine Einstellung `{0}` gibt es nicht; sie bleibt weg.{1}",
  "`{0}` is no path of a setting; it is left out.": "`{0}` ist kein Pfad einer Einstellung; es bleibt weg.",
  "{0}: there is no place `{1}`; it is left out.": "{0}: eine Stelle `{1}` gibt es nicht; es bleibt weg.",
  "`{0}` must be an object; the defaults are used.": "`{0}` muss ein Objekt sein; es gelten die Vorgaben.",
  "`{0}` must be an object, or false to switch it off; it is left out.":
    "`{0}` muss ein Objekt sein, oder false, um es auszuschalten; es bleibt weg.",
  "{0}: `{1}` must be an object of entries by name; it is left out.":
    "{0}: `{1}` muss ein Objekt mit Einträgen nach Namen sein; es bleibt weg.",
  "`{0}`: a name has 1 to 63 letters, digits, - or _, and begins with a letter or digit; it is left out.":
    "`{0}`: ein Name hat 1 bis 63 Buchstaben, Ziffern, - oder _ und vorn einen Buchstaben oder eine Ziffer; es bleibt weg.",
  "there is no {0} `{1}`.{2}": "für {0} gibt es kein `{1}`.{2}",
  "`{0}` can't be loaded: {1}": "`{0}` ist nicht zu laden: {1}",

  // accounts and providers
  "Nobody may write to the account {0}: `{1}` admits no one.": "Niemand darf dem Konto {0} schreiben: `{1}` lässt niemanden ein.",
  "`polylogue config set {0}.direct open` admits everybody (each answer costs), `polylogue config set {1}.allow '[\"<sender id>\"]'` admits those listed; `polylogue config set accounts.{2} false` switches the account off.":
    "`polylogue config set {0}.direct open` lässt alle ein (jede Antwort kostet), `polylogue config set {1}.allow '[\"<sender id>\"]'` die Aufgelisteten; `polylogue config set accounts.{2} false` schaltet das Konto aus.",
  "Everybody on {0} may write to the account {1} and spend its tokens: `{2}` says nothing else.":
    "Alle bei {0} dürfen dem Konto {1} schreiben und seine Token verbrauchen: `{2}` sagt nichts anderes.",
  '`polylogue config set {0}.allow \'["<sender id>"]\'` admits those listed only; if everybody is meant, say so: `polylogue config set {1} \'{direct: "open", group: "open"}\'`.':
    '`polylogue config set {0}.allow \'["<sender id>"]\'` lässt nur die Aufgelisteten ein; sind alle gemeint, es so sagen: `polylogue config set {1} \'{direct: "open", group: "open"}\'`.',
  "`{0}`: the kind {1} has no key; they are left out.": "`{0}`: die Art {1} hat keinen Schlüssel; sie bleiben weg.",
  "No agent uses the provider {0}.": "Kein Agent benutzt den Anbieter {0}.",
  "Name its models in an agent: `polylogue config set agents.main.models '[\"{0}/<model>\"]'`.":
    "Seine Modelle bei einem Agenten nennen: `polylogue config set agents.main.models '[\"{0}/<model>\"]'`.",

  // agents
  "The agent {0} is left out: its steps can't be read.": "Der Agent {0} bleibt weg: seine Schritte sind nicht zu lesen.",
  "The agent {0} can't use {1}: {2}": "Der Agent {0} kann {1} nicht benutzen: {2}",
  "the provider {0} is left out": "der Anbieter {0} bleibt weg",
  "there is no provider `{0}`.{1}": "einen Anbieter `{0}` gibt es nicht.{1}",
  "Add it under `providers`, or take the model out of `agents.{0}.{1}`.":
    "Ihn unter `providers` hinzufügen oder das Modell aus `agents.{0}.{1}` nehmen.",
  "`{0}` in the instructions of {1} stands for nothing: the model reads it as it is written.":
    "`{0}` in der Anleitung von {1} steht für nichts: das Modell liest es so, wie es geschrieben ist.",
  "Known: {0}; date, time and weekday take a time zone, as in {{time Europe/Berlin}}.":
    "Bekannt: {0}; date, time und weekday nehmen eine Zeitzone, wie in {{time Europe/Berlin}}.",
  "The agent {0} can't use the tool `{1}`: there is none of that name.{2}":
    "Der Agent {0} kann das Werkzeug `{1}` nicht benutzen: keines heißt so.{2}",
  "`agents.{0}.approve` names `{1}`, which isn't one of its tools.{2}":
    "`agents.{0}.approve` nennt `{1}`, und das ist keines seiner Werkzeuge.{2}",
  "Correct the name: a tool that isn't named there runs unasked.":
    "Den Namen berichtigen: ein Werkzeug, das dort nicht steht, läuft ungefragt.",
  "The agent {0} can't look into `{1}`: there are no documents of that name.{2}":
    "Der Agent {0} kann nicht in `{1}` nachsehen: Dokumente dieses Namens gibt es nicht.{2}",
  "Add them under `knowledge`.": "Sie unter `knowledge` hinzufügen.",
  "The agent {0} can't hand over to `{1}`: {2}": "Der Agent {0} kann nicht an `{1}` abgeben: {2}",
  "that is itself": "das ist er selbst",
  "there is no such agent.{0}": "so einen Agenten gibt es nicht.{0}",
  "Add the agent under `agents`, or name another one.": "Den Agenten unter `agents` hinzufügen oder einen anderen nennen.",
  "`{0}` isn't a pattern, and calls nobody: {1}": "`{0}` ist kein Muster und ruft niemanden: {1}",
  "Correct it; the syntax is RE2's, without look-around and back-references.":
    "Es berichtigen; geschrieben wird es wie bei RE2, ohne Vor-, Rück- und Querverweise.",

  // routes
  "`routes` must be a list; everything goes to the default agent.": "`routes` muss eine Liste sein; alles geht an den Agenten der Vorgabe.",
  "The route {0} is left out: its conditions or its agent can't be read.":
    "Die Route {0} bleibt weg: ihre Bedingungen oder ihr Agent sind nicht zu lesen.",
  "The route {0} is left out: `when.text` isn't a pattern: {1}": "Die Route {0} bleibt weg: `when.text` ist kein Muster: {1}",
  "The route {0} leads to the agent `{1}`, which doesn't exist: its messages get no answer.{2}":
    "Die Route {0} führt zum Agenten `{1}`, den es nicht gibt: ihre Nachrichten bekommen keine Antwort.{2}",
  "The choice {0} of the route {1} leads to the agent `{2}`, which doesn't exist: the route's own answers.{3}":
    "Die Wahl {0} der Route {1} führt zum Agenten `{2}`, den es nicht gibt: es antwortet der Agent der Route.{3}",
  "The route {0} is for the account `{1}`, which isn't there.{2}": "Die Route {0} ist für das Konto `{1}`, das es nicht gibt.{2}",
  "Correct the name, or take the route out.": "Den Namen berichtigen oder die Route herausnehmen.",
  "No route leads to an agent: no message gets an answer.": "Keine Route führt zu einem Agenten: keine Nachricht bekommt eine Antwort.",
  "Add an agent under `agents`, and a route to it.": "Einen Agenten unter `agents` hinzufügen, und eine Route zu ihm.",
  "No route leads to the agent {0}, and no agent hands over to it.": "Keine Route führt zum Agenten {0}, und kein Agent gibt an ihn ab.",
  'Add `{ agent: "{0}" }` to `routes`, with its conditions, before the general one.':
    '`{ agent: "{0}" }` mit seinen Bedingungen zu `routes` hinzufügen, vor die allgemeine Route.',

  // budgets, alerts, notices
  "The budget {0} limits nothing: {1}.": "Das Budget {0} begrenzt nichts: {1}.",
  "it has neither `usd` nor `tokens`": "es hat weder `usd` noch `tokens`",
  "Say how much may be spent.": "Sagen, wie viel ausgegeben werden darf.",
  "The budget {0} is for the {1} `{2}`, which isn't there.{3}": "Das Budget {0} ist für {1} `{2}`, und den Namen gibt es nicht.{3}",
  "Correct the name, or take the budget out.": "Den Namen berichtigen oder das Budget herausnehmen.",
  "The budget {0} can't fall back to {1}: there is no provider `{2}`.":
    "Das Budget {0} kann nicht auf {1} ausweichen: einen Anbieter `{2}` gibt es nicht.",
  "Add it under `providers`, or name another model.": "Ihn unter `providers` hinzufügen oder ein anderes Modell nennen.",
  "The budget {0} has no `models` to fall back to: it stops.": "Das Budget {0} hat keine `models`, auf die es ausweichen kann: es hält an.",
  "Name the models that answer when it is used up.": "Die Modelle nennen, die antworten, wenn es verbraucht ist.",
  "The alert {0} watches nothing: {1}.": "Der Alarm {0} beobachtet nichts: {1}.",
  "it must have either `above` or `below`": "er braucht entweder `above` oder `below`",
  "Say from which number on it fires.": "Sagen, ab welcher Zahl er auslöst.",
  "`{0}` isn't known of one {1} alone": "`{0}` ist nicht für {1} allein bekannt",
  "Take `{0}` out, or watch something else.": "`{0}` herausnehmen oder etwas anderes beobachten.",
  "it has both `hours` and `minutes`": "er hat sowohl `hours` als auch `minutes`",
  "Take one of them out.": "Eines davon herausnehmen.",
  "`{0}` is as it stands now, and not counted over minutes": "`{0}` ist, wie es jetzt steht, und wird nicht über Minuten gezählt",
  "Take `minutes` out.": "`minutes` herausnehmen.",
  "conversations end a day after their last message": "Unterhaltungen enden einen Tag nach ihrer letzten Nachricht",
  "Write `hours` in place of `minutes`.": "`hours` statt `minutes` schreiben.",
  "there are {0} others, and no more are watched": "es gibt {0} andere, und mehr werden nicht beobachtet",
  "There are more than {0} alerts, and no more are watched.": "Es gibt mehr als {0} Alarme, und mehr werden nicht beobachtet.",
  "Take out one that nobody needs.": "Einen herausnehmen, den niemand braucht.",
  "The alert {0} is for the {1} `{2}`, which isn't there.{3}": "Der Alarm {0} ist für {1} `{2}`, und den Namen gibt es nicht.{3}",
  "Correct the name, or take the alert out.": "Den Namen berichtigen oder den Alarm herausnehmen.",
  "Nobody is told of the alert {0} by the account {1}: no such account runs.{2}":
    "Niemandem wird der Alarm {0} über das Konto {1} gemeldet: so ein Konto läuft nicht.{2}",
  "Name an account of `accounts`.": "Ein Konto aus `accounts` nennen.",
  "Nobody is told of findings by the account {0}: no such account runs.{1}":
    "Niemandem werden Befunde über das Konto {0} gemeldet: so ein Konto läuft nicht.{1}",
  "Name an account of `accounts` in `notices.to`, or correct what keeps it from running.":
    "Ein Konto aus `accounts` in `notices.to` nennen oder berichtigen, was es am Laufen hindert.",
};
