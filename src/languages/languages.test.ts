import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { errorTable, fail, fault, hintOf } from "../core/errors.ts";
import { say } from "../core/say.ts";
import { languageFor, languages, speakerFor } from "./speak.ts";

const sources = globSync("src/**/*.ts", { cwd: `${import.meta.dirname}/../..` })
  .filter((path) => !path.endsWith(".test.ts") && !path.startsWith("src/languages/"))
  .map((path) => ({ path, text: readFileSync(`${import.meta.dirname}/../../${path}`, "utf8") }));

/** The key of the template literal that begins at `from`, behind its opening quote; gaps are numbered. */
function keyAt(text: string, from: number): { readonly key: string; readonly end: number } {
  let key = "";
  let gaps = 0;
  for (let at = from; at < text.length; at++) {
    const next = text[at + 1];
    if (text[at] === "`") return { key, end: at };
    if (text[at] === "\\") key += text[++at];
    else if (text[at] === "$" && next === "{") {
      key += `{${gaps++}}`;
      at = gapEnd(text, at + 2);
    } else key += text[at];
  }
  throw new Error("a template that doesn't end");
}

/** Where the brace stands that ends a gap. */
function gapEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "`") at = keyAt(text, at + 1).end;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error("a gap that doesn't end");
}

const marked = sources
  .filter(({ path }) => path !== "src/core/say.ts")
  .flatMap(({ path, text }) =>
    [...text.matchAll(/(?<!`)\bsay`/g)].map(({ index }) => ({ path, key: keyAt(text, index + "say`".length).key })),
  );

/** Refusals of the operators' doors that have no gaps. */
const plain = sources
  .filter(({ path }) => path.startsWith("src/http/api") || path.startsWith("src/access/"))
  .flatMap(({ path, text }) =>
    [...text.matchAll(/\bfail\(\s*"[a-z-]+",\s*"([^"]+)"/g)].map((match) => ({ path, key: match[1] as string })),
  );

const gapsOf = (sentence: string) => new Set(sentence.match(/\{\d+\}/g));
const codeOf = (sentence: string) => (sentence.match(/`[^`]+`/g) ?? []).toSorted();

for (const [tag, { errors, sentences, settings }] of Object.entries(languages)) {
  test(`${tag} says all that is marked, and every refusal of the operators' doors`, () => {
    assert.ok(marked.length > 40 && plain.length > 40);
    const missing = [...marked, ...plain].filter(({ key }) => !Object.hasOwn(sentences, key));
    assert.deepEqual(missing, []);
  });

  test(`${tag} says nothing that nobody says`, () => {
    const said = new Set(marked.map(({ key }) => key));
    const unsaid = Object.keys(sentences).filter(
      (key) => !said.has(key) && !sources.some(({ text }) => text.includes(JSON.stringify(key))),
    );
    assert.deepEqual(unsaid, []);
  });

  test(`${tag} keeps the gaps and the code of each sentence`, () => {
    for (const [key, sentence] of [...Object.entries(sentences), ...Object.entries(settings)]) {
      assert.deepEqual(gapsOf(sentence), gapsOf(key), key);
      assert.deepEqual(codeOf(sentence), codeOf(key), key);
    }
    for (const [code, { hint }] of Object.entries(errors)) {
      assert.deepEqual(codeOf(hint), codeOf(errorTable[code as keyof typeof errorTable].hint), code);
    }
  });
}

test("the language is the first that is asked for and spoken, else English", () => {
  for (const [accepted, tag] of [
    [undefined, "en"],
    ["*", "en"],
    ["de", "de"],
    ["de-AT,de;q=0.9,en;q=0.8", "de"],
    ["en-GB,en;q=0.9,de;q=0.8", "en"],
    ["fr, de;q=0.5", "de"],
    ["en;q=0.5, de;q=0.9", "de"],
    ["de;q=0", "en"],
    ["toString, __proto__", "en"],
    [";;,=q", "en"],
  ] as const) {
    assert.equal(languageFor(accepted), tag);
  }
});

test("a fault is said whole, or its message comes behind what its code says", () => {
  const german = speakerFor("de");
  const english = speakerFor("en");
  const cases = [
    [fault("login-refused", "the name or the password is wrong"), "Name oder Passwort stimmt nicht"],
    [
      fail("account-paused", say`the account ${"the gateway is stopping"} is paused`).fault,
      "Das Konto the gateway is stopping ist angehalten",
    ],
    [fault("channel-auth", "Unauthorized"), "Die Plattform hat die Zugangsdaten abgelehnt: Unauthorized"],
    [
      fault("channel-permanent", say`a sentence of a plugin about ${"x"}`),
      "Die Plattform hat es abgelehnt: a sentence of a plugin about x",
    ],
  ] as const;
  for (const [of, text] of cases) {
    assert.equal(german(of), text);
    assert.equal(english(of), of.message);
  }
  assert.equal(german(hintOf("name-taken")), "Einen anderen Namen wählen.");
  assert.equal(english(hintOf("name-taken")), errorTable["name-taken"].hint);
});

test("what is put into a gap is left as it is", () => {
  const text = say`this needs the role ${"{1}"}; yours is ${say`viewer`}`;
  assert.equal(String(text), "this needs the role {1}; yours is viewer");
  assert.equal(speakerFor("de")(text), "Das braucht die Rolle {1}; die eigene ist Betrachter");
});
