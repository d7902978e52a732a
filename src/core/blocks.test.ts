import assert from "node:assert/strict";
import { test } from "node:test";
import { answers } from "../../test/support/answers.ts";
import { lastBlockStart, parseMarkdown } from "./markdown.ts";

for (const [name, text] of Object.entries(answers)) {
  test(`${name}: cut wherever a block is finished, it reads as the whole`, () => {
    const whole = parseMarkdown(text).children;
    const cuts = new Set<number>();
    for (let end = 0; end <= text.length; end++) cuts.add(lastBlockStart(text.slice(0, end)));
    for (const cut of cuts) {
      const halves = [text.slice(0, cut), text.slice(cut)].flatMap((half) => parseMarkdown(half).children);
      assert.deepEqual(halves, whole, JSON.stringify([text.slice(0, cut), text.slice(cut)]));
    }
    // All at once, too.
    let from = 0;
    const pieces: string[] = [];
    for (let end = 0; end <= text.length; end++) {
      const at = lastBlockStart(text.slice(from, end));
      if (at > 0) pieces.push(text.slice(from, from + at));
      from += at;
    }
    assert.deepEqual(
      [...pieces, text.slice(from)].flatMap((piece) => parseMarkdown(piece).children),
      whole,
    );
  });
}
