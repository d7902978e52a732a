import assert from "node:assert/strict";
import { test } from "node:test";
import { german } from "./de/index.ts";
import { english } from "./en/index.ts";

/** What is the same word in both languages: names, units, codes, loan words. */
const same = [
  ...["app", "messages.authors.system", "audit.actors.gateway"],
  ...["time.milliseconds", "time.seconds", "time.minutes", "time.hours", "takeover.minutes", "home.slowest", "trace.after"],
  ...["channels.textOf", "channels.megabytes", "agents.moveOf"],
  ...["talk.demoTries.0", "talk.demoTries.1", "talk.demoTries.2", "talk.demoTries.3"],
  ...["rooms.talk", "trace.idOf.chat", "trace.idOf.thread", "channels.chat", "agents.chat", "agents.chatKind"],
  ...["setup.name", "inbox.replies.name", "cost.budgetName", "agents.name", "alerts.name", "models.name", "settings.secretName"],
  ...["messages.code", "messages.kinds.video", "inbox.replies.text", "users.link", "users.tokenValue", "settings.sections.log"],
  ...["cost.keys.agent", "analytics.keys.agent", "cost.budgets", "settings.sections.budgets"],
];

type Said = string | ((...given: number[]) => string);

/** Every text by its path; what is put into it is left to whoever asks. */
function* texts(words: object, path: readonly string[] = []): Generator<readonly [path: string, said: Said]> {
  for (const [key, value] of Object.entries(words)) {
    const here = [...path, key];
    if (typeof value === "object") yield* texts(value, here);
    else yield [here.join("."), value];
  }
}

/** A text with the same number in each of its places. */
const say = (said: Said, n: number) => (typeof said === "string" ? said : said(...Array<number>(said.length).fill(n)));

const inGerman = new Map(texts(german));

test("no German text is the English one, but for what is the same in both", () => {
  const equal = [...texts(english)].filter(([path, said]) => [1, 2].every((n) => say(said, n) === say(inGerman.get(path) ?? "", n)));
  assert.deepEqual(equal.map(([path]) => path).toSorted(), same.toSorted());
});

/** Values that a text can't have of itself, and code in it: both stay what they are in every language. */
const given = [731, 842, 953, 964];
const kept = (said: Said) => {
  const text = typeof said === "string" ? said : said(...given.slice(0, said.length));
  return [...given.filter((n) => text.includes(String(n))), ...(text.match(/`[^`]+`/g) ?? [])].toSorted();
};

test("values and code that are in an English text are in the German one", () => {
  for (const [path, said] of texts(english)) assert.deepEqual(kept(inGerman.get(path) ?? ""), kept(said), path);
});

test("one is said as one", () => {
  assert.equal(german.backup.scheduleOn(1, 1), "Jede Stunde; die neueste bleibt.");
  assert.equal(german.backup.scheduleOn(24, 7), "Alle 24 Stunden; die neuesten 7 bleiben.");
  assert.equal(german.cost.expectedHint("1", "2", 1), "Vier von fünf Monaten wie der eine Tag davor enden zwischen 1 und 2.");
  assert.equal(german.cost.expectedHint("1", "2", 3), "Vier von fünf Monaten wie die 3 Tage davor enden zwischen 1 und 2.");
});
