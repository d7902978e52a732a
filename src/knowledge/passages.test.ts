import assert from "node:assert/strict";
import { test } from "node:test";
import { piecesOf } from "./passages.ts";

test("a text is cut at its headings, and a piece says below which it stands", () => {
  const pieces = piecesOf(
    "\uFEFF---\ntitle: Handbook\n---\nBefore.\n\n# Travel\n\nAsk first.\n\n## Trains ##\nSecond class.\n\n# Sick leave\n\nRing.\n",
  );
  assert.deepEqual(pieces, [
    { heading: "", text: "Before." },
    { heading: "Travel", text: "Ask first." },
    { heading: "Travel › Trains", text: "Second class." },
    { heading: "Sick leave", text: "Ring." },
  ]);
});

test("what stands in a block of code is no heading, and its blank lines end no paragraph", () => {
  const code = "````sh\n# not a heading\n\n```\nrm -rf /\n````";
  assert.deepEqual(piecesOf(`# Shell\r\n\r\n${code.replaceAll("\n", "\r\n")}`), [{ heading: "Shell", text: code }]);
});

test("a heading of a higher level ends what stood below the lower ones; a level may be missing", () => {
  assert.deepEqual(
    piecesOf("# A\n### C\nx\n## B\ny\n# D\nz").map(({ heading }) => heading),
    ["A › C", "A › B", "D"],
  );
});

test("long texts are cut between paragraphs, then between sentences, then between words; nothing is lost", () => {
  const sentence = "The quick brown fox jumps over the lazy dog. ";
  const texts = [
    Array.from({ length: 40 }, (_, n) => `Paragraph ${n}. ${sentence}`.trim()).join("\n\n"),
    sentence.repeat(100).trim(),
    "word ".repeat(1_000).trim(),
    "🦊".repeat(3_000),
    "狐狸跳过懒狗。".repeat(600),
  ];
  for (const text of texts) {
    const pieces = piecesOf(text);
    assert.ok(pieces.length > 1 && pieces.every((piece) => piece.text.length <= 1_200));
    const bare = (all: string) => all.replace(/[\s\uFFFD]/g, "");
    assert.equal(bare(pieces.map((piece) => piece.text).join("")), bare(text));
  }
});

test("an empty text has no pieces", () => {
  for (const text of ["", "\n\n  \n", "# Only a heading\n", "---\na: 1\n---\n"]) assert.deepEqual(piecesOf(text), []);
});
