import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Channel } from "../../src/core/channel.ts";
import type { ChannelTranslation } from "../../src/core/channel-translation.ts";
import type { Provider, ProviderTranslation } from "../../src/core/provider.ts";
import { translationFor } from "../../src/core/translation.ts";
import { allKinds } from "../../src/kinds.ts";
import { formViolations, translationViolations } from "./translations.ts";

const english = {
  name: "Bot",
  summary: "A bot.",
  guide: `
1. At [example.com](https://example.com/apps) choose *New*, one of:
   - \`a\`
   - \`b\`
2. Its \`12:AB…\` goes into **botToken**; enter \`https://<your gateway>/hooks\` there. Only in **mode webhook**.

For **secret** rooms, nothing.
`.trim(),
  settings: z.strictObject({ botToken: z.string().describe("Its token."), mode: z.string().describe("How.") }),
  pictures: [
    { step: 1, title: "Apps", rows: [{ kind: "button", label: "New", marked: true }] },
    {
      step: 2,
      title: "Bot",
      rows: [
        { kind: "field", label: "Token", value: "12:AB…", marked: true, into: "botToken" },
        { kind: "field", label: "Address", value: "https://<your gateway>/hooks" },
        { kind: "field", label: "Word", value: "your word" },
        { kind: "field", label: "App password", value: "abcd efgh …" },
        { kind: "field", label: "Event", value: "Message Sent" },
      ],
    },
  ],
} satisfies Pick<Channel, "name" | "summary" | "guide" | "settings" | "pictures">;

const german: ChannelTranslation = {
  summary: "Ein Bot.",
  guide: `
1. Auf [example.com](https://example.com/apps) *New* wählen, eines von:
   - \`a\`
   - \`b\`
2. Dort \`https://<Ihr Gateway>/hooks\` eintragen; sein \`12:AB…\` gehört in **Token des Bots**. Nur im **Modus webhook**.

Für **geheime** Räume nichts.
`.trim(),
  settings: { botToken: ["Token des Bots", "Sein Token."], mode: ["Modus", "Wie."] },
  values: { "https://<your gateway>/hooks": "https://<Ihr Gateway>/hooks", "your word": "Ihr Wort" },
};

const said = (changed: Partial<ChannelTranslation>, tag = "de") =>
  translationViolations({ ...english, translations: { [tag]: { ...german, ...changed } } });
const guide = (from: string | RegExp, to: string) => {
  const changed = german.guide.replace(from, to);
  assert.notEqual(changed, german.guide);
  return { guide: changed };
};

test("a translation that says what the English says is fine, and so is none", () => {
  assert.deepEqual(said({}), []);
  assert.deepEqual(translationViolations(english), []);
});

for (const [why, found, changed, tag] of [
  ["for no language", /no language tag/, {}, "german"],
  ["for a language that is written otherwise", /no language tag/, {}, "de-at"],
  ["without a summary", /isn't one line/, { summary: " " }],
  ["with the English summary", /summary is the English one/, { summary: english.summary }],
  ["that lacks a step", /has 1 steps, the English one 2/, guide(/^2\. /m, "Dann: ")],
  ["that has a step of its own", /has 3 steps, the English one 2/, guide(/$/, "\n3. Fertig.")],
  ["that lacks a point", /step 1 has other points/, guide("   - `b`", "   und `b`")],
  ["that changes code", /step 2 has other code/, guide("`12:AB…`", "`13:AB…`")],
  ["that lacks code", /step 2 has other code/, guide("`12:AB…`", "12:AB…")],
  ["that changes an address in code", /step 2 has other code/, guide("https://<Ihr Gateway>/hooks", "http://<Ihr Gateway>/hooks")],
  ["that changes a link", /step 1 has other links/, guide("https://example.com/apps", "https://example.org/apps")],
  ["that names another setting", /step 2 names other settings/, guide("**Token des Bots**", "**Modus**")],
  ["that names a setting by its key", /step 2 names other settings/, guide("**Token des Bots**", "**botToken**")],
  [
    "that lacks a setting",
    /setting mode has no label.*setting mode has no description/,
    { settings: { botToken: ["Token des Bots", "x"] } },
  ],
  ["with a setting that isn't there", /there is no setting port/, { settings: { ...german.settings, port: ["Port", "Seiner."] } }],
  ["with an empty label", /setting mode has no label/, { settings: { ...german.settings, mode: ["", "Wie."] } }],
  ["with an English description", /mode has the English/, { settings: { ...german.settings, mode: ["Modus", "How."] } }],
  ["with one label for two", /two settings have one label/, { settings: { ...german.settings, mode: ["Token des Bots", "Wie."] } }],
  ["without a picture's words", /your word has no translation/, { values: { ...german.values, "your word": "" } }],
  ["with English in a picture", /your word is the English one/, { values: { ...german.values, "your word": "your word" } }],
  ["with words that no picture has", /no picture has the value x/, { values: { ...german.values, x: "y" } }],
  ["that renames what a picture marks", /doesn't name it/, guide("*New*", "*Neu*")],
] as [string, RegExp, Partial<ChannelTranslation>, string?][]) {
  test(`a translation ${why} is refused`, () => assert.match(said(changed, tag).join("; "), found));
}

test("a step that was left in English is refused", () => {
  const first = english.guide.slice(0, english.guide.indexOf("2. "));
  assert.match(said(guide("Für **geheime** Räume nichts.", "For **secret** rooms, nothing.")).join(), /step 2 has English words/);
  assert.match(said(guide(/^1\. .*?(?=2\. )/s, first)).join(), /step 1 has English words/);
});

test("a language that a channel doesn't have is the one that it is a kind of, or none", () => {
  const translations = { de: "de", "de-AT": "de-AT" };
  assert.deepEqual(
    ["de", "de-CH", "de-AT", "de-AT-1996", "fr", "", "constructor", "d"].map((tag) => translationFor(translations, tag)),
    ["de", "de", "de-AT", "de-AT", undefined, undefined, undefined, undefined],
  );
});

test("every channel of ours speaks German", async () => {
  const kinds = allKinds();
  for (const kind of kinds.channels) {
    const { translations = {} } = (await kinds.channel(kind)) as Channel;
    assert.ok(translations.de, kind);
  }
});

const form = { name: "Model API", settings: english.settings };
const saidInForm: ProviderTranslation = { settings: german.settings };

test("a provider's translation that says what its form says is fine, and so is none", () => {
  assert.deepEqual(formViolations({ ...form, translations: { de: saidInForm } }), []);
  assert.deepEqual(formViolations(form), []);
});

for (const [why, found, changed, tag] of [
  ["for no language", /no language tag/, {}, "german"],
  ["with the English name", /name is the English one/, { name: "Model API" }],
  ["that lacks a setting", /setting mode has no label.*no description/, { settings: { botToken: ["Token des Bots", "x"] } }],
  ["with a setting that isn't there", /there is no setting port/, { settings: { ...german.settings, port: ["Port", "Seiner."] } }],
  ["with an English description", /mode has the English/, { settings: { ...german.settings, mode: ["Modus", "How."] } }],
] as [string, RegExp, Partial<ProviderTranslation>, string?][]) {
  test(`a provider's translation ${why} is refused`, () => {
    const translations = { [tag ?? "de"]: { ...saidInForm, ...changed } };
    assert.match(formViolations({ ...form, translations }).join("; "), found);
  });
}

test("every provider of ours speaks German", async () => {
  const kinds = allKinds();
  for (const kind of kinds.providers) {
    const provider = (await kinds.provider(kind)) as Provider;
    assert.ok(provider.translations?.de, kind);
    assert.deepEqual(formViolations(provider), [], kind);
  }
});
