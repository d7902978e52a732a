import assert from "node:assert/strict";
import { test } from "node:test";
import { type Part, textPart } from "./message.ts";
import { previewOf } from "./preview.ts";

const shown: readonly (readonly [source: string, preview: string])[] = [
  ["**42**", "42"],
  ["The _answer_ is `6*7`, ~~43~~ [see](https://example.com/a_b).", "The answer is 6*7, 43 see."],
  ["# Title\n\nfirst line\nsecond line", "Title first line second line"],
  ["- tea\n- **coffee**\n  1. black", "tea coffee black"],
  ["| a | b |\n|---|---|\n| 1 | `2` |", "a b 1 2"],
  ["```sh\nls   -l\n```\n\n---\n\nend", "ls -l end"],
  ["<b>not markup</b> 2 * 3 * 4", "<b>not markup</b> 2 * 3 * 4"],
  ["![a cat](https://example.com/cat.png)", "a cat"],
  ["", ""],
];
for (const [source, preview] of shown) {
  test(`the preview of ${JSON.stringify(source)} is what its reader sees`, () => {
    assert.equal(previewOf([textPart(source, "markdown")]), preview);
  });
}

test("what people typed stands as they typed it, but in one line and without what hides", () => {
  assert.equal(previewOf([textPart(" **stars**\r\n and\tmore ")]), "**stars** and more");
  assert.equal(previewOf([textPart("abc\u202edef")]), "abc\ufffddef");
});

test("all parts are in it", () => {
  const parts: Part[] = [
    textPart("*Choose*", "markdown"),
    { type: "image", name: "x.png", source: { at: "nowhere", reason: "gone" } },
    { type: "buttons", rows: [[{ label: "Yes", value: "y" }]] },
  ];
  assert.equal(previewOf(parts), "Choose [image x.png not available: gone] 1. Yes");
});

test("it ends after 160 characters, never within one", () => {
  assert.equal(previewOf([textPart("x".repeat(1_000_000), "markdown")]), "x".repeat(160));
  assert.equal(previewOf([textPart("x".repeat(159) + "😀".repeat(9))]), "x".repeat(159));
  assert.equal(previewOf([textPart("**bold** ".repeat(100_000), "markdown")]).length, 160);
});
