import type { Language } from "../language.ts";

export const settings: Language["settings"] = {
  "For editors: where the JSON schema is. `polylogue config schema` prints it.":
    "Für Editoren: wo das JSON-Schema ist. `polylogue config schema` gibt es aus.",

  // accounts
  "Credentials on platforms, by name; the name is also the last part of /hooks/<account>. `false` switches one off.":
    "Zugänge auf Plattformen, nach Namen; der Name ist auch der letzte Teil von /hooks/<account>. `false` schaltet einen aus.",
  "The kind of platform: the name of its page in docs/channels.": "Die Art der Plattform: der Name ihrer Seite in docs/channels.",
  "Who may write to it.": "Wer ihm schreiben darf.",
  "Who may write in direct chats: `open` (everybody), `allowlist` (those in `allow`), `pairing` (those in `allow`, and whom you let in with a code that the others get: `polylogue pairing`) or `off`. Missing: `allowlist` where `allow` names somebody, or else `off`; where `access` says nothing at all about who may write, what the channel's page says.":
    "Wer direkt schreiben darf: `open` (alle), `allowlist` (die in `allow`), `pairing` (die in `allow`, und wen Sie mit einem Code einlassen, den die anderen bekommen: `polylogue pairing`) oder `off`. Ohne Angabe: `allowlist`, wo `allow` jemanden nennt, sonst `off`; wo `access` gar nicht sagt, wer schreiben darf, was auf der Seite des Kanals steht.",
  "Where it answers in groups: `open` (everywhere), `allowlist` (the groups in `groups`, to all their members) or `off`. Missing: `allowlist` where `groups` names one, or else as for `direct`.":
    "Wo es in Gruppen antwortet: `open` (überall), `allowlist` (in den Gruppen in `groups`, allen Mitgliedern) oder `off`. Ohne Angabe: `allowlist`, wo `groups` eine nennt, sonst wie bei `direct`.",
  "Ids of senders, as the platform knows them, who may write in direct chats; names and handles don't count, and in groups the list says nothing. An empty list admits nobody.":
    "Kennungen der Absender auf der Plattform, die direkt schreiben dürfen; Namen zählen nicht, und in Gruppen sagt die Liste nichts. Eine leere Liste lässt niemanden ein.",
  "Ids of groups, as the platform knows them, in which every member may write. An empty list admits none.":
    "Kennungen der Gruppen auf der Plattform, in denen jedes Mitglied schreiben darf. Eine leere Liste lässt keine zu.",
  "In groups answer only when addressed.": "In Gruppen nur antworten, wenn es angesprochen wird.",
  "What to do with a delivery of which nobody can say whether it arrived, where the platform can't tell duplicates: `hold` it for an operator, or `resend` it at the risk of a duplicate.":
    "Was mit einer Zustellung geschieht, von der niemand sagen kann, ob sie ankam, wo die Plattform Doppeltes nicht erkennt: `hold` hebt sie für einen Bediener auf, `resend` sendet sie noch einmal, auf die Gefahr hin, dass sie doppelt ankommt.",
  "How an answer appears while it is written: `edit` (also `true`) edits one message, `native` uses the platform's own preview, `blocks` sends each finished paragraph, `off` (also `false`) sends it whole. What the channel can't do falls back to `edit`, then to `off`.":
    "Wie eine Antwort zu sehen ist, während sie geschrieben wird: `edit` (auch `true`) ändert eine Nachricht, `native` nimmt die Vorschau der Plattform, `blocks` sendet jeden fertigen Absatz, `off` (auch `false`) sendet sie ganz. Was der Kanal nicht kann, wird zu `edit`, dann zu `off`.",
  "Turns of this account that run at the same time. Missing: as many as `limits.concurrentTurns` allows.":
    "Züge dieses Kontos, die gleichzeitig laufen. Ohne Angabe: so viele, wie `limits.concurrentTurns` erlaubt.",

  // providers
  "Model APIs, by name; the name is the first part of a model's. `false` switches one off.":
    "APIs von Modellen, nach Namen; der Name ist der vordere Teil der Namen seiner Modelle. `false` schaltet eine aus.",
  "The kind of model API: the name of its page in docs/providers.": "Die Art der API: der Name ihrer Seite in docs/providers.",
  "Requests to it that are under way at the same time; a turn waits for its place. Missing: as many as turns run.":
    "Anfragen, die gleichzeitig unterwegs sind; ein Zug wartet auf seinen Platz. Ohne Angabe: so viele, wie Züge laufen.",
  "Milliseconds without a word of an answer, its first included, after which a call is given up and the next model is asked.":
    "Millisekunden ohne ein Wort der Antwort, auch vor dem ersten, nach denen ein Aufruf aufgegeben und das nächste Modell gefragt wird.",
  "Further keys, by names of yours; used in rotation with `apiKey`; one that is at its limit, refused or used up is left out for a while.":
    "Weitere Schlüssel, mit eigenen Namen; sie werden abwechselnd mit `apiKey` benutzt; einer, der an seiner Grenze, abgelehnt oder verbraucht ist, bleibt eine Zeit lang weg.",
  "A key": "Ein Schlüssel",
  "What its models can do, by the model's name; `*` is for all others. Missing: what is known about them.":
    "Was seine Modelle können, nach ihrem Namen; `*` steht für alle anderen. Ohne Angabe: was über sie bekannt ist.",
  "What it reads besides text.": "Was es außer Text liest.",
  "Tokens that go in and come out of one call together.": "Token, die bei einem Aufruf zusammen hinein- und herauspassen.",
  "What its models cost, by the model's name; `*` is for all others. Missing: what the built-in price list says.":
    "Was seine Modelle kosten, nach ihrem Namen; `*` steht für alle anderen. Ohne Angabe: was die eingebaute Preisliste sagt.",
  "US dollars for a million tokens that go in.": "US-Dollar für eine Million Token hinein.",
  "The same for those that the provider had in its cache. Missing: as `input`.":
    "Dasselbe für die, die der Anbieter zwischengespeichert hatte. Ohne Angabe: wie `input`.",
  "US dollars for a million tokens that come out.": "US-Dollar für eine Million Token heraus.",

  // agents
  "Who answers, by name. `false` switches one off.": "Wer antwortet, nach Namen. `false` schaltet einen aus.",
  "What the model is told before every conversation.": "Was dem Modell vor jeder Unterhaltung gesagt wird.",
  "Examples of good answers; the model sees them before every conversation.":
    "Beispiele guter Antworten; das Modell sieht sie vor jeder Unterhaltung.",
  "What somebody asks.": "Was jemand fragt.",
  "What is to be answered.": "Was zu antworten ist.",
  "How it answers, by the kind of channel; `*` is for all others.":
    "Wie er antwortet, nach der Art des Kanals; `*` steht für alle anderen.",
  "How long answers are.": "Wie lang Antworten sind.",
  "How formal they are.": "Wie förmlich sie sind.",
  "What goes first where an answer can't be both.": "Was vorgeht, wo eine Antwort nicht beides sein kann.",
  "Models that put an image into words where the agent's model can't see it. None: the agent is told that it can't.":
    "Modelle, die ein Bild in Worte fassen, wo das Modell des Agenten es nicht sehen kann. Keine: dem Agenten wird gesagt, dass er es nicht kann.",
  "Models that write down speech where the agent's model can't hear it.":
    "Modelle, die Gesprochenes aufschreiben, wo das Modell des Agenten es nicht hören kann.",
  "Models that make vectors of texts, for what compares meanings.":
    "Modelle, die aus Texten Vektoren machen, für alles, was Bedeutungen vergleicht.",
  "Models that sum up what was said longer ago than `limits.history` reaches. None: it is forgotten.":
    "Modelle, die zusammenfassen, was länger her ist, als `limits.history` reicht. Keine: es wird vergessen.",
  "Models as `provider/model`, tried in this order.": "Modelle als `provider/model`, in dieser Reihenfolge gefragt.",
  "What other models do before the agent answers, and with its answer, in this order; one step is the answer itself. See docs/agents.md.":
    "Was andere Modelle tun, bevor der Agent antwortet, und mit seiner Antwort, in dieser Reihenfolge; ein Schritt ist die Antwort selbst. Siehe docs/agents.md.",
  "What is done; `generate` is the agent's own answer.": "Was getan wird; `generate` ist die Antwort des Agenten selbst.",
  "The models that do it, tried in this order.": "Die Modelle, die es tun, in dieser Reihenfolge gefragt.",
  "What they are told, in place of our words; with placeholders.": "Was ihnen statt unserer Worte gesagt wird; mit Platzhaltern.",
  "Tokens that it may say. Missing: as many as an answer, or fewer.":
    "Token, die es sagen darf. Ohne Angabe: so viele wie eine Antwort, oder weniger.",
  "When no model does it, or a review objects to the last: the turn goes on without it (`skip`), or gives no answer (`stop`).":
    "Wenn kein Modell es tut oder eine Prüfung bis zuletzt widerspricht: der Zug geht ohne es weiter (`skip`) oder gibt keine Antwort (`stop`).",
  "Only when an earlier step chose this, or one of these. Missing: always.":
    "Nur wenn ein früherer Schritt das gewählt hat, oder eines davon. Ohne Angabe: immer.",
  "With `translate`: into which language, as in `en`; behind the answer also `theirs`, that of the question.":
    "Mit `translate`: in welche Sprache, etwa `en`; hinter der Antwort auch `theirs`, die der Frage.",
  "With `classify`: what there is to choose, by name.": "Mit `classify`: was zur Wahl steht, nach Namen.",
  "What such messages are about.": "Worum es in solchen Nachrichten geht.",
  "Such messages.": "Solche Nachrichten.",
  "With `summarise`: only what has more characters than this; 4,000 if missing.":
    "Mit `summarise`: nur was mehr Zeichen hat als so viele; ohne Angabe 4.000.",
  "With `review`: how often the agent answers again after an objection; once if missing.":
    "Mit `review`: wie oft der Agent nach einem Widerspruch noch einmal antwortet; ohne Angabe einmal.",
  "Other models while something is scarce: the first rule that holds decides; see docs/routing.md.":
    "Andere Modelle, solange etwas knapp ist: die erste Regel, die zutrifft, entscheidet; siehe docs/routing.md.",
  "A budget's name: of which so much is spent in its window.": "Der Name eines Budgets: wovon in seinem Zeitraum so viel verbraucht ist.",
  "How much of it, from 0 to 1.": "Wie viel davon, von 0 bis 1.",
  "Or: so many turns wait.": "Oder: so viele Züge warten.",
  "The models that answer then.": "Die Modelle, die dann antworten.",
  "What becomes of a message when none of its models can be reached.":
    "Was aus einer Nachricht wird, wenn keines seiner Modelle zu erreichen ist.",
  "Hours for which an answer to a first question stands in when the same is asked again, marked as such. 0: never.":
    "Stunden, für die eine Antwort auf eine erste Frage einspringt, wenn dasselbe noch einmal gefragt wird, als solche gekennzeichnet. 0: nie.",
  "From which likeness on a question counts as the same, with `embed`. 1: only the very same.":
    "Ab welcher Ähnlichkeit eine Frage als dieselbe zählt, mit `embed`. 1: nur genau dieselbe.",
  "Hours for which the message stays queued, to be answered once a model can be reached; its sender is told once a day. 0: it isn't kept.":
    "Stunden, für die die Nachricht in der Warteschlange bleibt, um beantwortet zu werden, sobald ein Modell zu erreichen ist; dem Absender wird es einmal am Tag gesagt. 0: sie wird nicht aufgehoben.",
  "What its sender is told. Missing: a sentence of ours.": "Was dem Absender gesagt wird. Ohne Angabe: ein Satz von uns.",
  "When a content filter withholds an answer: the next model is asked (`next`), or the person is told (`say`).":
    "Wenn ein Inhaltsfilter eine Antwort zurückhält: das nächste Modell wird gefragt (`next`), oder der Person wird es gesagt (`say`).",
  "Documents that it looks things up in, by their names in `knowledge`.":
    "Dokumente, in denen er nachsieht, nach ihren Namen in `knowledge`.",
  "Names of the tools that it may use.": "Namen der Werkzeuge, die er benutzen darf.",
  "Those of its tools that run only when the person who is answered allows it, each time, with the arguments that are shown.":
    "Die seiner Werkzeuge, die nur laufen, wenn die Person, der geantwortet wird, es erlaubt, jedes Mal, mit den Argumenten, die gezeigt werden.",
  "Agents to which its model may hand a conversation, by name, each with what about; see docs/agents.md.":
    "Agenten, an die sein Modell eine Unterhaltung abgeben darf, nach Namen, jeder mit dem, worum es geht; siehe docs/agents.md.",
  "How long: for the answer to one message, or for all that follow in the conversation, too.":
    "Wie lange: für die Antwort auf eine Nachricht, oder auch für alle, die in der Unterhaltung folgen.",
  "When people are called to speak in its place, and how long they do, where that is otherwise than `handover` says for all.":
    "Wann Menschen gerufen werden, um an seiner Stelle zu antworten, und wie lange, wo das anders ist, als `handover` für alle sagt.",
  "Patterns that call a person when one is found in a message: RE2 syntax, whatever the case. In place of those in `handover`. Missing: as in `handover`.":
    "Muster, die einen Menschen rufen, wenn eines in einer Nachricht vorkommt: in der Schreibweise von RE2, groß oder klein. Statt derer in `handover`. Ohne Angabe: wie in `handover`.",
  "So many answers in a row that fail call a person. 0: none do. Missing: as in `handover`.":
    "So viele Antworten hintereinander, die scheitern, rufen einen Menschen. 0: keine. Ohne Angabe: wie in `handover`.",
  "What whoever writes is told then. Empty: nothing. Missing: as in `handover`.":
    "Was dann zu lesen bekommt, wer schreibt. Leer: nichts. Ohne Angabe: wie in `handover`.",
  "Milliseconds without a word of an operator after which the agent answers again. 0: never by itself. Missing: as in `handover`.":
    "Millisekunden ohne ein Wort eines Bedieners, nach denen der Agent wieder antwortet. 0: nie von selbst. Ohne Angabe: wie in `handover`.",
  "A question that is asked when people hand a conversation back, with buttons from 1 to 5 for an answer. Empty: none. Missing: as in `handover`.":
    "Eine Frage, die gestellt wird, wenn Menschen eine Unterhaltung zurückgeben, mit Knöpfen von 1 bis 5 für die Antwort. Leer: keine. Ohne Angabe: wie in `handover`.",
  "What people may ask of the gateway itself with a slash, as in `/help`; `model` lets them choose among the agent's models.":
    "Was Leute mit einem Schrägstrich vom Gateway selbst verlangen dürfen, etwa `/help`; `model` lässt sie unter den Modellen des Agenten wählen.",
  "What one turn may take.": "Was ein Zug verbrauchen darf.",
  "Tokens that the model gets to read at most; older messages are left out first. Missing: as many as the model takes.":
    "Token, die das Modell höchstens zu lesen bekommt; ältere Nachrichten bleiben zuerst weg. Ohne Angabe: so viele, wie das Modell liest.",
  "Of these, what passages of the agent's `knowledge` may take that are found by the message. 0: it has to search for them.":
    "Wie viele davon Stellen aus `knowledge` des Agenten einnehmen dürfen, die zur Nachricht passen. 0: er muss selbst danach suchen.",
  "Messages of the conversation's past that the model sees.": "Frühere Nachrichten der Unterhaltung, die das Modell sieht.",
  "Tokens of one answer of the model at most.": "Token einer Antwort des Modells, höchstens.",
  "Model calls of one turn at most, those after tools included.":
    "Aufrufe von Modellen in einem Zug, höchstens, die nach Werkzeugen mitgezählt.",
  "Milliseconds that one turn may take.": "Millisekunden, die ein Zug dauern darf.",

  // tools, documents
  "MCP servers whose tools agents may use, by name; see docs/tools.md. `false` switches one off.":
    "MCP-Server, deren Werkzeuge Agenten benutzen dürfen, nach Namen; siehe docs/tools.md. `false` schaltet einen aus.",
  "The program that is the server, with its arguments; it speaks over its standard input and output.":
    "Das Programm, das der Server ist, mit seinen Argumenten; es spricht über seine Standardein- und -ausgabe.",
  "What else stands in the program's environment, besides PATH, HOME and the like.":
    "Was sonst noch in der Umgebung des Programms steht, außer PATH, HOME und dergleichen.",
  "A value": "Ein Wert",
  "Or: where the server is, over HTTP.": "Oder: wo der Server ist, über HTTP.",
  "Headers of every request to it, such as `authorization`.": "Kopfzeilen jeder Anfrage an ihn, etwa `authorization`.",
  "Documents that agents look things up in, by name; see docs/knowledge.md. `false` switches one off.":
    "Dokumente, in denen Agenten nachsehen, nach Namen; siehe docs/knowledge.md. `false` schaltet eines aus.",
  "The folder with the documents (Markdown, plain text, HTML), those in folders below it included.":
    "Der Ordner mit den Dokumenten (Markdown, Text, HTML), auch denen in Ordnern darunter.",
  "What is in them, in a few words; `{{knowledge}}` tells agents.": "Was darin steht, in wenigen Worten; `{{knowledge}}` sagt es Agenten.",

  // budgets
  "What may be spent on models, by name; see docs/costs.md. `false` switches one off.":
    "Was für Modelle ausgegeben werden darf, nach Namen; siehe docs/costs.md. `false` schaltet eines aus.",
  "Whose spending is counted together: everybody's (`tenant`), or that of each agent, account, conversation or sender by itself.":
    "Wessen Ausgaben zusammengezählt werden: die aller (`tenant`), oder die jedes Agenten, Kontos, Absenders oder jeder Unterhaltung für sich.",
  "The time after which it begins anew, by the calendar of UTC.": "Die Zeit, nach der es neu beginnt, nach dem Kalender von UTC.",
  "Only what this agent spends.": "Nur was dieser Agent ausgibt.",
  "Only what is spent on this account.": "Nur was auf diesem Konto ausgegeben wird.",
  "Only what is spent on this kind of platform.": "Nur was auf dieser Art von Plattform ausgegeben wird.",
  "US dollars that may be spent.": "US-Dollar, die ausgegeben werden dürfen.",
  "Tokens that may be used, in and out.": "Token, die verbraucht werden dürfen, hinein und heraus.",
  "What becomes of a message when it is used up: no answer (`stop`), an answer of `models` (`downgrade`), or it is kept until there is room again (`wait`), with operators asked for it (`ask`).":
    "Was aus einer Nachricht wird, wenn es verbraucht ist: keine Antwort (`stop`), eine Antwort von `models` (`downgrade`), oder sie wird aufgehoben, bis wieder etwas da ist (`wait`), wobei Bediener darum gefragt werden (`ask`).",
  "Models that answer in place of the agent's, with `downgrade`.": "Modelle, die mit `downgrade` statt derer des Agenten antworten.",
  "What a sender is told, once a day, in a direct chat. Missing: a sentence of ours; empty: nothing.":
    "Was einem Absender gesagt wird, einmal am Tag, in einem direkten Chat. Ohne Angabe: ein Satz von uns; leer: nichts.",

  // alerts
  "What operators want to be told of when it goes over a threshold, by name; see docs/alerts.md. `false` switches one off.":
    "Was Bediener gemeldet haben wollen, wenn es eine Schwelle überschreitet, nach Namen; siehe docs/alerts.md. `false` schaltet einen aus.",
  "What is watched; docs/alerts.md says what each is.": "Was beobachtet wird; in docs/alerts.md steht, was jedes ist.",
  "It fires when there is more than this.": "Er löst aus, wenn es mehr als das ist.",
  "It fires when there is less than this; a rule has one of the two.":
    "Er löst aus, wenn es weniger als das ist; eine Regel hat eines von beiden.",
  "Of what is counted: this hour and so many before it; 1 without `minutes`.":
    "Von dem, was gezählt wird: diese Stunde und so viele davor; 1 ohne `minutes`.",
  "In place of `hours`: this minute and so many before it.": "Statt `hours`: diese Minute und so viele davor.",
  "Minutes on end for which it must be so before it fires, and otherwise before that is over.":
    "Minuten am Stück, für die es so sein muss, bevor er auslöst, und anders, bevor es vorbei ist.",
  "Only what is counted on this account.": "Nur was auf diesem Konto gezählt wird.",
  "Only what is counted on this kind of platform.": "Nur was auf dieser Art von Plattform gezählt wird.",
  "Only what is counted of this agent.": "Nur was von diesem Agenten gezählt wird.",
  "Who is told. Missing: the places of `notices`; empty: nobody, it stands among the findings.":
    "Wem es gemeldet wird. Ohne Angabe: an die Stellen in `notices`; leer: niemandem, er steht bei den Befunden.",
  "The account that tells.": "Das Konto, das es meldet.",
  "The platform's id of the chat; nobody need have written there before.":
    "Die Kennung des Chats auf der Plattform; dort muss vorher niemand geschrieben haben.",
  "The platform's id of the thread in it.": "Die Kennung des Threads darin auf der Plattform.",
  "Hours after which it is told again while it lasts. Missing: as `notices` says.":
    "Stunden, nach denen es noch einmal gemeldet wird, solange es anhält. Ohne Angabe: wie `notices` sagt.",
  "Until then nobody is told, and it isn't among the findings.": "Bis dahin wird es niemandem gemeldet und steht nicht bei den Befunden.",

  // routes
  "Which agent answers where: the first route whose conditions hold decides.":
    "Welcher Agent wo antwortet: die erste Route, deren Bedingungen zutreffen, entscheidet.",
  "Conditions; the route is taken when all of them hold. Missing: always.":
    "Bedingungen; die Route gilt, wenn alle zutreffen. Ohne Angabe: immer.",
  "The kind of platform.": "Die Art der Plattform.",
  "The account's name.": "Der Name des Kontos.",
  "The tenant.": "Der Mandant.",
  "The platform's chat id, or a list of them.": "Die Kennung des Chats auf der Plattform, oder eine Liste davon.",
  "The platform's id of the sender, or a list of them.": "Die Kennung des Absenders auf der Plattform, oder eine Liste davon.",
  "A pattern that is found in the message: RE2 syntax, whatever the case.":
    "Ein Muster, das in der Nachricht vorkommt: in der Schreibweise von RE2, groß oder klein.",
  "The language of the message, or a list of them (ISO 639-1); one that can't be told is none of them.":
    "Die Sprache der Nachricht, oder eine Liste davon (ISO 639-1); eine, die nicht zu erkennen ist, ist keine davon.",
  "When it was received.": "Wann sie empfangen wurde.",
  "On these days. Missing: on all.": "An diesen Tagen. Ohne Angabe: an allen.",
  "From this time on, as in 09:00.": "Ab dieser Zeit, etwa 09:00.",
  "Up to this time; before `from`: over midnight.": "Bis zu dieser Zeit; vor `from`: über Mitternacht.",
  "The time zone.": "Die Zeitzone.",
  "Direct chats or groups.": "Direkte Chats oder Gruppen.",
  "The agent that answers.": "Der Agent, der antwortet.",
  "Picks another agent, or other models, by what is asked; see docs/routing.md.":
    "Wählt einen anderen Agenten, oder andere Modelle, nach dem, was gefragt wird; siehe docs/routing.md.",
  "A small model that is told the choices, or vectors of their examples.":
    "Ein kleines Modell, dem gesagt wird, was zur Wahl steht, oder Vektoren der Beispiele dafür.",
  "The models that choose, tried in this order.": "Die Modelle, die wählen, in dieser Reihenfolge gefragt.",
  "Confidence below which the route's own agent answers.": "Sicherheit, unter der der Agent der Route selbst antwortet.",
  "What there is to choose, by name.": "Was zur Wahl steht, nach Namen.",
  "What such messages are about, for the model that chooses.": "Worum es in solchen Nachrichten geht, für das Modell, das wählt.",
  "Who answers them. Missing: the route's agent.": "Wer sie beantwortet. Ohne Angabe: der Agent der Route.",
  "Models that answer in place of the agent's.": "Modelle, die statt derer des Agenten antworten.",
  "What becomes of a message that comes before the one in front of it is answered: it waits for a turn of its own (`queue`), is answered with others once nobody writes for a while (`collect`), becomes part of the turn that runs (`steer`), or cancels it (`interrupt`). See docs/scheduling.md.":
    "Was aus einer Nachricht wird, die kommt, bevor die vor ihr beantwortet ist: sie wartet auf einen eigenen Zug (`queue`), wird mit anderen beantwortet, sobald eine Weile niemand schreibt (`collect`), wird Teil des Zuges, der läuft (`steer`), oder bricht ihn ab (`interrupt`). Siehe docs/scheduling.md.",
  "With `collect`: milliseconds without a new message after which the turn begins; ten times that in any case.":
    "Mit `collect`: Millisekunden ohne neue Nachricht, nach denen der Zug beginnt; nach dem Zehnfachen auf jeden Fall.",

  // people
  "When people are called to speak in an agent's place, and how long they do; see docs/takeover.md. An agent may have its own.":
    "Wann Menschen gerufen werden, um statt eines Agenten zu antworten, und wie lange; siehe docs/takeover.md. Ein Agent kann es anders haben.",
  "Patterns that call a person when one is found in a message: RE2 syntax, whatever the case.":
    "Muster, die einen Menschen rufen, wenn eines in einer Nachricht vorkommt: in der Schreibweise von RE2, groß oder klein.",
  "So many answers in a row that fail call a person. 0: none do.":
    "So viele Antworten hintereinander, die scheitern, rufen einen Menschen. 0: keine.",
  "What whoever writes is told then. Missing: a sentence of ours; empty: nothing.":
    "Was dann zu lesen bekommt, wer schreibt. Ohne Angabe: ein Satz von uns; leer: nichts.",
  "Milliseconds without a word of an operator after which the agent answers again. 0: never by itself.":
    "Millisekunden ohne ein Wort eines Bedieners, nach denen der Agent wieder antwortet. 0: nie von selbst.",
  "A question that is asked when people hand a conversation back, with buttons from 1 to 5 for an answer. Empty: none.":
    "Eine Frage, die gestellt wird, wenn Menschen eine Unterhaltung zurückgeben, mit Knöpfen von 1 bis 5 für die Antwort. Leer: keine.",

  // limits, retention
  "What the gateway may take.": "Was das Gateway verbrauchen darf.",
  "Turns that run at the same time.": "Züge, die gleichzeitig laufen.",
  "Times that a turn is begun before its message is set aside.":
    "Wie oft ein Zug begonnen wird, bevor seine Nachricht beiseitegelegt wird.",
  "Attempts of one delivery before it is given up.": "Versuche einer Zustellung, bevor sie aufgegeben wird.",
  "Milliseconds after which a delivery is given up.": "Millisekunden, nach denen eine Zustellung aufgegeben wird.",
  "Days for which a platform's event ids are remembered; platforms redeliver for up to 7.":
    "Tage, für die Kennungen von Ereignissen einer Plattform gemerkt werden; Plattformen liefern bis zu 7 Tage lang noch einmal.",
  "Bytes of one attachment at most.": "Bytes eines Anhangs, höchstens.",
  "What one sender may take on one account; none by default.":
    "Was ein Absender auf einem Konto verbrauchen darf; von sich aus gibt es keine Grenze.",
  "Messages of one sender that are answered in a minute, evenly. Missing: any number.":
    "Nachrichten eines Absenders, die in einer Minute beantwortet werden, gleichmäßig. Ohne Angabe: beliebig viele.",
  "Messages of one sender that are answered at once, before `perMinute` spaces them out. Missing: as many as in a minute.":
    "Nachrichten eines Absenders, die sofort beantwortet werden, bevor `perMinute` sie verteilt. Ohne Angabe: so viele wie in einer Minute.",
  "Messages of one sender that are answered in a day (UTC). Missing: any number.":
    "Nachrichten eines Absenders, die an einem Tag (UTC) beantwortet werden. Ohne Angabe: beliebig viele.",
  "What a sender is told, once, in a direct chat, when a limit is reached. Missing: a sentence that says which; empty: nothing.":
    "Was einem Absender gesagt wird, einmal, in einem direkten Chat, wenn eine Grenze erreicht ist. Ohne Angabe: ein Satz, der sagt, welche; leer: nichts.",
  "Messages in a row, each written faster after our answer than a person can write, after which the conversation is paused: two machines answer each other. 0 switches it off.":
    "Nachrichten hintereinander, jede nach unserer Antwort schneller geschrieben, als ein Mensch schreiben kann, nach denen die Unterhaltung angehalten wird: zwei Maschinen antworten einander. 0 schaltet es aus.",
  "How long it keeps what is over; days count as docs/operations.md says.":
    "Wie lange aufgehoben wird, was vorbei ist; Tage zählen, wie docs/operations.md sagt.",
  "Days for which messages are kept, with their events, deliveries, model calls and attachments; 0: for ever. What isn't ended, or waits for an operator, stays.":
    "Tage, für die Nachrichten aufgehoben werden, mit ihren Ereignissen, Zustellungen, Aufrufen von Modellen und Anhängen; 0: für immer. Was nicht zu Ende ist oder auf einen Bediener wartet, bleibt.",
  "Days for which the stages of each message's story are kept; 0: as long as the message. They never outlive it.":
    "Tage, für die die Stufen im Verlauf jeder Nachricht aufgehoben werden; 0: so lange wie die Nachricht. Länger als sie bleiben sie nie.",
  "Newest messages of each conversation that stay however old they are, so that a model still knows them; 0: none.":
    "Neueste Nachrichten jeder Unterhaltung, die bleiben, wie alt sie auch sind, damit ein Modell sie noch kennt; 0: keine.",

  // the gateway
  "How it is reached.": "Wie es zu erreichen ist.",
  "The address under which platforms and people reach the gateway; webhooks and links are built from it.":
    "Die Adresse, unter der Plattformen und Leute das Gateway erreichen; Webhooks und Links werden daraus gemacht.",
  "Host names that it answers to, besides the one it is bound to, that of `publicUrl`, and loopback.":
    "Namen, unter denen es antwortet, außer dem, an den es gebunden ist, dem aus `publicUrl` und denen der eigenen Maschine.",
  "Origins of the web pages that may embed the web chat.": "Ursprünge der Webseiten, die den Web-Chat einbetten dürfen.",
  "Hosts on private addresses that attachments and tools may be fetched from.":
    "Rechner unter privaten Adressen, von denen Anhänge und Werkzeuge etwas abrufen dürfen.",
  "Proxies whose X-Forwarded headers are believed.": "Proxys, deren X-Forwarded-Kopfzeilen geglaubt wird.",
  "The gateway's own TLS, in place of a proxy's; on and off with a restart.":
    "Eigenes TLS des Gateways, statt dem eines Proxys; an und aus mit einem Neustart.",
  "The PEM file of the certificate with its chain; a new one counts without a restart.":
    "Die PEM-Datei des Zertifikats mit seiner Kette; eine neue gilt ohne Neustart.",
  "The PEM file of its key.": "Die PEM-Datei seines Schlüssels.",
  "Where browsers that come over http are sent to https.": "Wo Browser, die über http kommen, zu https geschickt werden.",
  "Who is told, on a channel, when something needs somebody.": "Wem auf einem Kanal Bescheid gesagt wird, wenn etwas jemanden braucht.",
  "Where operators are told of findings; two places on different platforms also tell when one of them is down.":
    "Wo Bedienern Befunde gemeldet werden; zwei Stellen auf verschiedenen Plattformen melden auch, wenn eine davon nicht geht.",
  "The least severity that is told.": "Ab welcher Schwere gemeldet wird.",
  "Hours after which a finding that lasts is told again.": "Stunden, nach denen ein Befund, der anhält, noch einmal gemeldet wird.",
  "Copies of everything, for the day when the disk or a hand fails.":
    "Kopien von allem, für den Tag, an dem die Platte oder eine Hand versagt.",
  "Hours between two backups that the gateway makes by itself, in the data folder's `backups`; 0: none.":
    "Stunden zwischen zwei Sicherungen, die das Gateway von selbst macht, in `backups` im Datenordner; 0: keine.",
  "Automatic backups that are kept; the oldest goes when there are more.":
    "Automatische Sicherungen, die aufgehoben werden; sind es mehr, geht die älteste.",
  "What it writes to the log.": "Was es ins Log schreibt.",
  "The least severity that is written.": "Ab welcher Schwere geschrieben wird.",
};
