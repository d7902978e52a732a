import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarkdown } from "../core/markdown.ts";
import { closeHalfOpen, withoutLooseEnd } from "./half-open.ts";

const read = (soFar: string) => parseMarkdown(withoutLooseEnd(soFar), closeHalfOpen).children;

const cases: [soFar: string, shown: string][] = [
  ["plain text", "plain text"],
  ["a **bol", "a **bol**"],
  ["a **bold*", "a **bold**"],
  ["a **", "a "],
  ["***both", "***both***"],
  ["**b *i", "**b *i***"],
  ["a *i* **b", "a *i* **b**"],
  ["2 * 3 * 4", "2 * 3 * 4"],
  ["snake_case_na", "snake_case_na"],
  ["~~gon", "~~gon~~"],
  ["`cod", "`cod`"],
  ["``a ` b", "``a ` b``"],
  ["`", ""],
  ["see [the docs", "see the docs"],
  ["see [the docs]", "see the docs"],
  ["see [the docs](http://exa", "see the docs"],
  ["see [the docs](http://example.com/a_(b", "see the docs"],
  ["see [the docs](http://example.com) and", "see [the docs](http://example.com) and"],
  ["![chart](http://ex", "chart"],
  ["**[link", "**link**"],
  ["a [x] **b", "a [x] **b**"],
  ["text\n-", "text"],
  ["text\n---", "text"],
  ["text\n1.", "text"],
  ["text\n\n##", "text\n\n"],
  ["- one\n- [", "- one"],
  ["- **open\n- two", "- **open\n- two"],
  ["```js\nlet a = 1", "```js\nlet a = 1"],
  ["```js\nlet a = 1\n``", "```js\nlet a = 1"],
  ["```\n**a\n```\n**b", "```\n**a\n```\n**b**"],
  ["text\n\n| a | b |", "text\n\n"],
  ["text\n\n| a | b |\n|--", "text\n\n"],
  ["| a |\n|---|\n| 1 |\n| 2", "| a |\n|---|\n| 1 |\n"],
  ["a <b", "a "],
  ["a < b", "a < b"],
  ["trailing \\", "trailing "],
  ["\\*no mark", "\\*no mark"],
  ["### Third **x\nRight below", "### Third **x\nRight below"],
  ["> **a\n> b", "> **a\n> b**"],
  ["text\n\n    code **x", "text\n\n    code **x"],
  ["***both**", "***both***"],
  ["``a ` ", "``a``"],
  ["y_{i}", "y_{i}"],
  ["two\\\n", "two"],
  ["AT&am", "AT"],
  ["Hi \ud83d", "Hi"],
  ["Hi 👨\u200d", "Hi"],
  ["[1]: http", ""],
  ["a | b\n--- | -", "a | b"],
  ["| a |\n|---|\n| 1 |\n|", "| a |\n|---|\n| 1 |\n"],
  ["**done** and\n\n*next", "**done** and\n\n*next*"],
];
for (const [soFar, shown] of cases) {
  test(JSON.stringify(soFar), () => assert.deepEqual(read(soFar), parseMarkdown(shown).children));
}

test("what is complete isn't touched", () => {
  const whole = "# T\n\n**a** *b* `c` [d](http://e) ~~f~~\n\n- g\n- h\n\n```js\n**i\n```\n\n| j |\n|---|\n| k |\n";
  assert.equal(withoutLooseEnd(whole), whole);
  assert.deepEqual(read(whole), parseMarkdown(whole).children);
});
