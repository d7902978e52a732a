import type { Language } from "../language.ts";

export const errors: Language["errors"] = {
  "setup-required": {
    wrong: "Dieses Gateway hat noch keinen Eigentümer",
    hint: "Den Link mit #setup= öffnen, den das Gateway beim Start ausgegeben hat, und den Eigentümer anlegen.",
  },
  "setup-refused": {
    wrong: "Der Link zum Einrichten gilt nicht",
    hint: "Den neuesten Link mit #setup= benutzen; er gilt nicht mehr, sobald es einen Eigentümer gibt.",
  },
  "invitation-refused": {
    wrong: "Der Link gilt nicht mehr",
    hint: "Von wem der Link kam, der kann einen neuen schicken; er gilt einmal und für begrenzte Zeit.",
  },
  "name-taken": { wrong: "Den Namen gibt es schon", hint: "Einen anderen Namen wählen." },
  "last-owner": { wrong: "Der letzte Eigentümer muss bleiben", hint: "Zuerst jemand anderen zum Eigentümer machen." },
  "login-required": {
    wrong: "Dafür ist eine Anmeldung nötig",
    hint: "Anmelden oder `Authorization: Bearer <token>` mit einem Token senden, das `POST /api/tokens` gemacht hat.",
  },
  "login-refused": { wrong: "Die Anmeldung wurde abgelehnt", hint: "Name und Passwort prüfen." },
  "role-too-low": { wrong: "Die eigene Rolle erlaubt das nicht", hint: "Einen Eigentümer um eine Rolle bitten, die das erlaubt." },
  "origin-refused": {
    wrong: "Die Anfrage kommt von einer anderen Seite",
    hint: "Die App unter der Adresse öffnen, unter der das Gateway sie ausliefert, oder die Adresse in `http.origins` aufnehmen.",
  },
  "host-refused": { wrong: "Unter dieser Adresse antwortet das Gateway nicht", hint: "Eine Adresse benutzen, die in `http.hosts` steht." },
  "too-many-attempts": { wrong: "Das waren zu viele Versuche", hint: "So viele Sekunden warten, wie in Retry-After stehen." },
  "request-invalid": { wrong: "Eine Angabe stimmt nicht", hint: "Die Angabe berichtigen, die in der Meldung steht." },
  "body-malformed": { wrong: "Die Anfrage ist nicht zu lesen", hint: "Gültiges JSON in UTF-8 senden." },
  "body-too-large": { wrong: "Die Anfrage ist zu groß", hint: "Weniger senden; die Grenze steht in der Meldung." },
  "body-too-deep": { wrong: "Die Anfrage ist zu tief verschachtelt", hint: "Weniger tief verschachteln; die Grenze steht in der Meldung." },
  "body-slow": {
    wrong: "Die Anfrage kam zu langsam",
    hint: "Die ganze Anfrage in der Zeit senden, die in der Meldung steht.",
  },
  "type-unsupported": { wrong: "So wird die Anfrage nicht angenommen", hint: "`Content-Type: application/json` senden." },
  "method-refused": { wrong: "Diese Methode geht hier nicht", hint: "Eine Methode benutzen, die in der Kopfzeile Allow steht." },
  "not-found": { wrong: "Das gibt es nicht", hint: "Die Kennung prüfen; vielleicht gehört sie zu einem anderen Mandanten." },
  "version-conflict": {
    wrong: "Inzwischen wurde es geändert",
    hint: "Jemand hat es inzwischen geändert: neu laden und noch einmal versuchen.",
  },
  "conversation-taken": {
    wrong: "Jemand anderes hat die Unterhaltung",
    hint: "Sie dem lassen, der sie hat, oder sie ihm abnehmen.",
  },
  "account-unknown": {
    wrong: "Dieses Konto gibt es nicht",
    hint: "Die Adresse prüfen: hinten muss die Kennung eines eingerichteten Kontos stehen.",
  },
  "account-invalid": {
    wrong: "Die Einstellungen des Kontos stimmen nicht",
    hint: "Die Einstellungen des Kontos berichtigen, die in der Meldung stehen.",
  },
  "account-paused": { wrong: "Das Konto ist angehalten", hint: "Das Konto in der Web-App weiterlaufen lassen." },
  "signature-missing": {
    wrong: "Die Unterschrift fehlt",
    hint: "Die Anfrage so unterschreiben, wie es auf der Seite des Kanals in der Dokumentation steht.",
  },
  "signature-invalid": {
    wrong: "Die Unterschrift stimmt nicht",
    hint: "Prüfen, ob beide Seiten dasselbe Geheimnis haben und unterwegs nichts den Inhalt verändert.",
  },
  "signature-stale": {
    wrong: "Die Unterschrift ist zu alt",
    hint: "Die Uhren beider Maschinen prüfen; eine unterschriebene Anfrage gilt 5 Minuten.",
  },
  "payload-unknown": {
    wrong: "Was die Plattform schickte, ist nicht zu lesen",
    hint: "Die Plattform hat etwas geschickt, das der Kanal nicht lesen kann; es steht im Log der Ablehnungen.",
  },
  "store-unavailable": {
    wrong: "Der Speicher nimmt nichts an",
    hint: "Die Nachricht wurde nicht gespeichert; noch einmal senden. Prüfen, ob auf der Platte Platz ist, wer in den Datenordner schreiben darf oder ob die Datenbank zu erreichen ist.",
  },
  "store-unfinished": {
    wrong: "Der Umzug des Speichers ist nicht fertig",
    hint: "`polylogue migrate-store` noch einmal aufrufen, bis es sagt, dass alles umgezogen ist.",
  },
  "store-differs": {
    wrong: "Die beiden Speicher stimmen nicht überein",
    hint: "Inzwischen hat jemand in einen der beiden geschrieben, oder eine Platte ist defekt: leeren, was gefüllt wurde, und von vorn beginnen.",
  },
  "store-locked": {
    wrong: "Der Speicher ist schon in Benutzung",
    hint: "Auf diesem Datenordner läuft ein anderes Gateway; es anhalten oder POLYLOGUE_HOME setzen.",
  },
  "store-too-new": {
    wrong: "Der Speicher ist neuer als dieses Gateway",
    hint: "Eine neuere Version hat diesen Datenordner geschrieben: diese Version benutzen oder eine Sicherung zurückspielen.",
  },
  fenced: {
    wrong: "Jemand anderes hat die Arbeit übernommen",
    hint: "Diese Arbeit wurde anderswo übernommen; nichts ist verloren, nichts ist zu tun.",
  },
  busy: {
    wrong: "Das Gateway ist gerade beschäftigt",
    hint: "Das Gateway hat im Augenblick zu viel zu tun; gleich noch einmal senden.",
  },
  "port-unavailable": {
    wrong: "Die Adresse ist nicht frei",
    hint: "POLYLOGUE_PORT oder POLYLOGUE_HOST auf eine freie Adresse dieser Maschine setzen.",
  },
  "tls-unusable": {
    wrong: "Das Zertifikat ist nicht zu gebrauchen",
    hint: "`http.tls` berichtigen: das Zertifikat mit seiner Kette und der Schlüssel, der dazu gehört, beide lesbar.",
  },
  draining: { wrong: "Das Gateway hält gerade an", hint: "Das Gateway hält gerade an; gleich noch einmal senden." },
  "config-invalid": {
    wrong: "Die Einstellung stimmt nicht",
    hint: "Die Einstellung berichtigen, die in der Meldung steht; `polylogue config explain` zeigt, woher sie kommt.",
  },
  "config-unreadable": {
    wrong: "Die Konfiguration ist nicht zu lesen",
    hint: "Die Schreibweise in der genannten Zeile berichtigen; die letzte gute Konfiguration läuft weiter.",
  },
  "secret-missing": {
    wrong: "Ein Geheimnis fehlt",
    hint: "Das Geheimnis mit `polylogue secrets set <name>` setzen, oder die genannte Umgebungsvariable oder Datei.",
  },
  "vault-locked": {
    wrong: "Der Tresor ist verschlossen",
    hint: "Den Hauptschlüssel zurückbringen, der den Tresor verschlüsselt hat (Schlüsselbund des Systems, POLYLOGUE_MASTER_KEY oder die Schlüsseldatei).",
  },
  "vault-damaged": {
    wrong: "Im Tresor ist etwas beschädigt",
    hint: "Das Geheimnis mit `polylogue secrets set <name>` neu setzen oder eine Sicherung zurückspielen.",
  },
  "channel-auth": {
    wrong: "Die Plattform hat die Zugangsdaten abgelehnt",
    hint: "Auf der Plattform neue Zugangsdaten machen und im Konto eintragen.",
  },
  "channel-permanent": {
    wrong: "Die Plattform hat es abgelehnt",
    hint: "Lesen, was die Plattform sagt; dasselbe noch einmal zu senden gelingt nicht.",
  },
  "channel-gone": {
    wrong: "Die Unterhaltung nimmt nichts mehr an",
    hint: "Die Unterhaltung nimmt keine Nachrichten mehr an (blockiert, gelöscht, verlassen).",
  },
  "window-closed": {
    wrong: "Die Plattform lässt gerade keine Nachricht zu",
    hint: "Warten, bis die Person schreibt. Bei WhatsApp erreichen sie genehmigte Vorlagen (`polylogue send --template`, `templates` des Kontos), bei Messenger und Instagram, was ein Bediener innerhalb von 7 Tagen schreibt (`humanAgent` des Kontos).",
  },
  "room-encrypted": {
    wrong: "Der Raum ist verschlüsselt",
    hint: "`encryption` des Kontos auf true setzen (docs/channels/matrix.md) oder in einem Raum sprechen, der nicht verschlüsselt ist: im Klartext geht nichts hinaus.",
  },
  "template-refused": {
    wrong: "Die Vorlage ist so nicht zu senden",
    hint: "`polylogue channels templates <account>` zeigt, welche Vorlagen gesendet werden können, in welcher Sprache und mit welchen Parametern.",
  },
  "channel-retry": { wrong: "Die Plattform bittet um einen späteren Versuch", hint: "Es wird von selbst noch einmal versucht." },
  "channel-unknown": {
    wrong: "Niemand kann sagen, ob es ankam",
    hint: "Es kam an oder auch nicht: auf der Plattform nachsehen, dann in der Warteschlange noch einmal senden oder verwerfen.",
  },
  "channel-unreachable": {
    wrong: "Die Plattform ist nicht zu erreichen",
    hint: "Adresse, DNS und Netz dieser Maschine prüfen; es wird von selbst noch einmal versucht.",
  },
  "provider-auth": {
    wrong: "Der Anbieter des Modells hat den Schlüssel abgelehnt",
    hint: "Einen gültigen Schlüssel für den Anbieter setzen; `polylogue doctor` nennt die Einstellung.",
  },
  "provider-quota": {
    wrong: "Das Kontingent beim Anbieter des Modells ist verbraucht",
    hint: "Das Kontingent beim Anbieter erhöhen oder ein Modell zu `models` des Agenten hinzufügen.",
  },
  "provider-spent": {
    wrong: "Das Guthaben beim Anbieter des Modells ist verbraucht",
    hint: "Das Konto beim Anbieter hat kein Geld mehr oder seine Grenze erreicht: bezahlen, die Grenze erhöhen oder ein Modell zu `models` des Agenten hinzufügen.",
  },
  "provider-refused": {
    wrong: "Der Anbieter des Modells hat die Anfrage abgelehnt",
    hint: "Lesen, was der Anbieter sagt; den Namen des Modells und die Größe der Anfrage prüfen.",
  },
  "answer-withheld": {
    wrong: "Der Inhaltsfilter des Anbieters hat die Antwort zurückgehalten",
    hint: "Der Inhaltsfilter des Anbieters hat die Antwort zurückgehalten; das nächste Modell des Agenten wird gefragt.",
  },
  "answer-broken": {
    wrong: "Das Modell hat nichts oder nicht alles gesagt",
    hint: "Das Modell hat nichts gesagt oder seine Antwort beendet, bevor sie ganz war; das nächste Modell des Agenten wird gefragt.",
  },
  "provider-unavailable": {
    wrong: "Der Anbieter des Modells ist nicht zu erreichen",
    hint: "Das nächste Modell des Agenten wird gefragt, dann der Zug noch einmal versucht.",
  },
  "provider-malformed": {
    wrong: "Der Anbieter des Modells hat sein eigenes Format gebrochen",
    hint: "Der Anbieter hat sein eigenes Format gebrochen; das nächste Modell des Agenten wird gefragt.",
  },
  "package-missing": {
    wrong: "Dafür fehlt ein Paket",
    hint: "Es mit `polylogue models add <kind>` oder `polylogue channels install <kind>` installieren; die Meldung nennt die Art.",
  },
  "context-too-long": {
    wrong: "Die Unterhaltung ist länger, als das Modell lesen kann",
    hint: "Die Unterhaltung kürzen (`/reset`) oder ein Modell wählen, das mehr liest.",
  },
  "turn-failed": { wrong: "Der Zug ist gescheitert", hint: "Im Verlauf der Nachricht steht der Grund." },
  "http-unreachable": { wrong: "Die andere Seite ist nicht zu erreichen", hint: "Adresse, DNS und Netz dieser Maschine prüfen." },
  "http-timeout": {
    wrong: "Die andere Seite hat nicht rechtzeitig geantwortet",
    hint: "Die andere Seite hat nicht in der Zeit geantwortet, die in der Meldung steht; vielleicht ist sie überlastet.",
  },
  "http-cut": {
    wrong: "Die Verbindung wurde getrennt",
    hint: "Die andere Seite oder etwas dazwischen hat die Verbindung mittendrin getrennt.",
  },
  "http-malformed": {
    wrong: "Die Antwort der anderen Seite ist nicht zu lesen",
    hint: "Die andere Seite spricht kein HTTP/1.1: die Adresse und ihren Port prüfen.",
  },
  "http-too-large": { wrong: "Die Antwort ist zu groß", hint: "Die Antwort ist größer als die Grenze in der Meldung." },
  "sender-quota": {
    wrong: "Für heute bekam diese Person genug Antworten",
    hint: "Diese Person bekam an einem Tag so viele Antworten, wie `limits.sender.perDay` erlaubt; morgen geht es weiter (UTC).",
  },
  "budget-spent": {
    wrong: "Das Budget ist verbraucht",
    hint: "Es mit `polylogue budgets raise` erhöhen oder warten, bis es neu beginnt.",
  },
  aborted: { wrong: "Es wurde abgebrochen", hint: "Wer gefragt hat, ist gegangen oder hat es zurückgenommen; nichts ist zu tun." },
  "file-refused": {
    wrong: "Der Anhang wurde abgelehnt",
    hint: "Der Anhang ist zu groß, von einem Typ, der abgelehnt wird, oder kommt von einer Adresse, die abgelehnt wird.",
  },
  "address-refused": {
    wrong: "Diese Adresse wird nicht abgerufen",
    hint: "Private und besondere Adressen werden nicht abgerufen; mit Namen in `http.allowPrivate` lässt sich eine erlauben.",
  },
  "notices-unset": { wrong: "Niemandem wird Bescheid gesagt", hint: "Mindestens ein Konto mit einem Chat in `notices.to` nennen." },
  "gateway-stopped": { wrong: "Das Gateway läuft nicht", hint: "Das Gateway mit `polylogue start` starten, dann noch einmal versuchen." },
  usage: { wrong: "So ist der Befehl nicht zu verstehen", hint: "Den Befehl mit --help aufrufen." },
  internal: { wrong: "Im Gateway ging etwas schief", hint: "Das ist ein Fehler im Programm: bitte mit der Kennung der Anfrage melden." },
};
