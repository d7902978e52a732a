import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Dialect, TextLimit } from "../core/dialect.ts";
import { parseMarkdown, plainTree } from "../core/markdown.ts";
import { markdown } from "../dialects/markdown.ts";
import { plain } from "../dialects/plain.ts";
import { telegramHtml } from "../dialects/telegram-html.ts";
import { lengthOf, split } from "./split.ts";

const corpora = new URL("../../../shared/corpora/", import.meta.url);
const absent = existsSync(corpora) ? false : "the corpora beside the repository are absent";

const visible = (max: number, unit: TextLimit["unit"] = "utf16"): TextLimit => ({ max, unit, counts: "visible" });
const texts = (source: string, max: number, dialect: Dialect = telegramHtml) =>
  split(parseMarkdown(source), dialect, visible(max)).map((piece) => piece.text);

test("a text that fits is one piece; nothing to show is none", () => {
  assert.deepEqual(texts("a **b**", 3), ["a <b>b</b>"]);
  assert.deepEqual(texts(" \n ", 3), []);
});

test("cuts at a paragraph before a line, a line before a sentence, a sentence before a word", () => {
  assert.deepEqual(texts("one two.\n\nthree\nfour", 19), ["one two.", "three\nfour"]);
  assert.deepEqual(texts("one two. x\nthree four", 18), ["one two. x", "three four"]);
  assert.deepEqual(texts("One two three. Four five six", 20), ["One two three.", "Four five six"]);
  assert.deepEqual(texts("onetwo threefour five", 18), ["onetwo threefour", "five"]);
  assert.deepEqual(texts("https://example.com/abcdefgh", 20, plain), ["https://example.com/", "abcdefgh"]);
});

test("where a line is a message, a piece has no more lines than may go together", () => {
  const limit: TextLimit = { max: 1_000, unit: "byte", counts: "sent", lines: 3 };
  const pieces = split(parseMarkdown("1. a\n2. b\n3. c\n4. d\n\n```\ne\nf\ng\nh\n```"), plain, limit).map(({ text }) => text);
  assert.ok(
    pieces.every((text) => text.split("\n").length <= 3),
    JSON.stringify(pieces),
  );
  assert.equal(pieces.join("\n").replace(/[^a-h]/g, ""), "abcdefgh");
});

test("a heading isn't left alone at the end", () => {
  assert.deepEqual(texts("some text here\n\n# Head\n\nbody of the text", 26), ["some text here", "<b>Head</b>\n\nbody of the text"]);
});

test("marks that are cut are closed and opened again", () => {
  assert.deepEqual(texts("**bold words *both words***", 12), ["<b>bold words</b>", "<b><i>both words</i></b>"]);
  assert.deepEqual(texts("[some link words](http://a.b/)", 10), ['<a href="http://a.b/">some link</a>', '<a href="http://a.b/">words</a>']);
});

test("a fence goes on with its language, its blanks and its empty lines", () => {
  assert.deepEqual(texts("```ts\nif (a) {\n\n    b();\n}\n```", 12), [
    '<pre><code class="language-ts">if (a) {</code></pre>',
    '<pre><code class="language-ts">\n    b();\n}</code></pre>',
  ]);
});

test("a numbered list goes on counting; the rest of a cut item stands without a number", () => {
  assert.deepEqual(texts("7. aaaa\n8. bbbb\n9. cccc", 16), ["7. aaaa\n8. bbbb", "9. cccc"]);
  assert.deepEqual(texts("7. aaaa bbbb cccc\n8. dd", 14), ["7. aaaa bbbb", "cccc\n\n8. dd"]);
});

test("Japanese is cut between words although it writes no blanks", () => {
  const source = "これは長い文章です。そして次の文章も長いです。";
  const pieces = split(plainTree(source), plain, visible(14)).map((piece) => piece.text);
  assert.deepEqual(pieces, ["これは長い文章です。", "そして次の文章も長いです。"]);
});

test("each unit is counted as the platform counts it", () => {
  const face = "😀";
  assert.equal(split(plainTree(face.repeat(10)), plain, visible(10, "utf16")).length, 2);
  assert.equal(split(plainTree(face.repeat(10)), plain, visible(10, "code-point")).length, 1);
  assert.equal(split(plainTree(face.repeat(10)), plain, visible(20, "byte")).length, 2);
  assert.equal(lengthOf({ text: "<b>a</b>", visible: "a" }, { max: 1, unit: "utf16", counts: "sent" }), 8);
});

test("a mark that is longer than the limit gives way to its words", () => {
  const url = `http://a.b/${"x".repeat(200)}`;
  const pieces = split(parseMarkdown(`[some words](${url})`), telegramHtml, { max: 50, unit: "byte", counts: "sent" });
  assert.deepEqual(
    pieces.map((piece) => piece.text),
    ["some words"],
  );
});

test("a grapheme that fits is never cut, at whatever limit", { skip: absent }, () => {
  const lines = readFileSync(new URL("unicode-grapheme/GraphemeBreakTest.txt", corpora), "utf8").split("\n");
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  let checked = 0;
  for (const line of lines) {
    const codes = line.split("#")[0]?.trim();
    if (!codes || /\b(?:000[AD]|000[0-9]|D8|0020|0085|200B)\b/.test(codes)) continue;
    const sample = codes
      .split(/[÷×\s]+/)
      .filter(Boolean)
      .map((code) => String.fromCodePoint(Number.parseInt(code, 16)))
      .join("");
    const source = `x${sample.repeat(5)}x`;
    const whole = plain.render(plainTree(source)).text;
    const boundaries = new Set([...segmenter.segment(whole)].map((segment) => segment.index));
    const longest = Math.max(...[...segmenter.segment(whole)].map((segment) => segment.segment.length));
    for (let max = longest; max < longest + 4; max++) {
      let at = 0;
      for (const piece of split(plainTree(source), plain, visible(max))) {
        at = whole.indexOf(piece.text, at);
        assert.ok(boundaries.has(at), `${codes}: cut at ${at} of ${JSON.stringify(whole)} for ${max}`);
        at += piece.text.length;
        checked++;
      }
    }
  }
  assert.ok(checked > 5_000);
});

test("a family of emoji isn't torn apart", () => {
  const family = "👨‍👩‍👧‍👦";
  const pieces = split(plainTree(family.repeat(50)), plain, visible(100));
  for (const piece of pieces) assert.equal(piece.text.replaceAll(family, ""), "");
});

test("10,000 combining marks on one letter: cut between code points, nothing lost", () => {
  const zalgo = `words before a${"\u0301".repeat(10_000)} after`;
  const pieces = split(plainTree(zalgo), plain, visible(4096));
  assert.equal(
    pieces
      .map((piece) => piece.text)
      .join("")
      .replace(/\s/g, ""),
    zalgo.replace(/\s/g, ""),
  );
  assert.equal(pieces[0]?.text, "words before");
});

test("lone surrogates and astral letters never come out halved", () => {
  const pieces = split(plainTree(`𝒳\u0301`.repeat(40)), plain, visible(2));
  for (const piece of pieces) assert.ok(piece.text.isWellFormed());
});

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const fragments = [
  "word ",
  "Sentence one. Sentence two! ",
  "**bold *both* text** ",
  "`code span` ",
  "[link text](http://e.x/?a=1&b=2) ",
  "~~gone~~ ",
  "\n",
  "\n\n",
  "\n\n- item\n- item two\n  - deep\n",
  "\n\n1. first\n2. second\n\n   more of it\n3. third\n",
  "\n\n> quoted\n> text\n> > deeper\n\n",
  "\n\n```py\ndef f():\n    return 1\n\n\nf()\n```\n\n",
  "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n",
  "\n\n# Heading\n\n",
  "\n\n---\n\n",
  "👨‍👩‍👧‍👦🇩🇪 ",
  "<b>&amp;</b> ",
  "長い文章です。",
  "e\u0301e\u0301 ",
  "a".repeat(70),
  "\n\n- [ ] task\n- [x] done\n\n",
  "![img](http://i.x/p.png) ",
];

/**
 * Letters only: without blanks, without the mark of an empty line between two quotes (it may fall on a cut), and without
 * the address that `plain` writes behind each half of a link.
 */
const joined = (pieces: readonly { visible: string }[]) =>
  pieces
    .map((piece) => piece.visible)
    .join("")
    .replace(/[\s>]+|\(http[^)]*\)/g, "");

for (const dialect of [telegramHtml, plain, markdown]) {
  test(`${dialect.name}: of 400 made-up texts no letter is lost and every piece fits`, () => {
    for (let seed = 1; seed <= 400; seed++) {
      const pick = random(seed);
      let source = "";
      for (let count = 5 + pick(40); count > 0; count--) source += fragments[pick(fragments.length)];
      const limit: TextLimit = {
        max: 60 + pick(300),
        unit: (["utf16", "code-point", "byte"] as const)[pick(3)] ?? "utf16",
        counts: pick(2) === 0 ? "sent" : "visible",
      };
      const tree = parseMarkdown(source);
      const pieces = split(tree, dialect, limit);
      for (const piece of pieces) assert.ok(lengthOf(piece, limit) <= limit.max, `seed ${seed}: ${lengthOf(piece, limit)} > ${limit.max}`);
      assert.equal(joined(pieces), joined(split(tree, dialect, { ...limit, max: 1e9 })), `seed ${seed}`);
    }
  });
}
