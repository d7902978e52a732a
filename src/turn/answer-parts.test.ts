import assert from "node:assert/strict";
import { test } from "node:test";
import { answerParts, answerStream } from "./answer-parts.ts";

const markdown = (text: string) => ({ type: "text", text, markup: "markdown" });
const buttons = (...pairs: [string, string][]) => ({ type: "buttons", rows: pairs.map(([label, value]) => [{ label, value }]) });

const cases: { name: string; text: string; parts: unknown[] }[] = [
  { name: "only text", text: " hello **you** \n", parts: [markdown("hello **you**")] },
  { name: "nothing", text: " \n", parts: [] },
  {
    name: "text and buttons",
    text: "Which?\n```buttons\nTea = I'd like tea\nCoffee\n```",
    parts: [markdown("Which?"), buttons(["Tea", "I'd like tea"], ["Coffee", "Coffee"])],
  },
  {
    name: "text after it, and a second block",
    text: "A\n```buttons\na\n```\nB\n```buttons\nb\n```\n",
    parts: [markdown("A\nB"), buttons(["a", "a"], ["b", "b"])],
  },
  { name: "only buttons", text: "```buttons\na = 1\n```", parts: [buttons(["a", "1"])] },
  { name: "a value with =", text: "```buttons\nx=y=z\n```", parts: [buttons(["x", "y=z"])] },
  { name: "empty lines and labels are left out", text: "t\n```buttons\n\n = 1\n  \n```", parts: [markdown("t")] },
  { name: "CRLF", text: "t\r\n```buttons\r\na = 1\r\n```\r\n", parts: [markdown("t"), buttons(["a", "1"])] },
  { name: "never closed is code", text: "t\n```buttons\na = 1", parts: [markdown("t\n```buttons\na = 1")] },
  {
    name: "shown in another block is code",
    text: "````md\n```buttons\na\n```\n````",
    parts: [markdown("````md\n```buttons\na\n```\n````")],
  },
  { name: "quoted is a quotation", text: "> ```buttons\n> a\n> ```", parts: [markdown("> ```buttons\n> a\n> ```")] },
  { name: "another language", text: "```buttons-x\na\n```", parts: [markdown("```buttons-x\na\n```")] },
  { name: "after a code block", text: "```js\n1\n```\n```buttons\na\n```", parts: [markdown("```js\n1\n```"), buttons(["a", "a"])] },
];
for (const { name, text, parts } of cases) {
  test(name, () => assert.deepEqual(answerParts(text), parts));
}

test("there are never more buttons than a token can number", () => {
  const [part] = answerParts(`\`\`\`buttons\n${"x\n".repeat(5000)}\`\`\``);
  assert.ok(part?.type === "buttons" && part.rows.length === 100);
});

const streams: readonly [name: string, text: string, shown: string][] = [
  ["no block", "Hello `you` and ``` you\n```js\ncode\n```\nbye", "Hello `you` and ``` you\n```js\ncode\n```\nbye"],
  ["a block", "Which?\n\n```buttons\nTea = t\n```\nBye.", "Which?\n\nBye."],
  ["a block at the end", "Which?\n```buttons\nTea = t\n```", "Which?\n"],
  ["almost a block", "x\n```buttonsx\ny\n```\nz", "x\n```buttonsx\ny\n```\nz"],
  ["a block in other code", "````md\n```buttons\na\n```\n````\nz", "````md\n```buttons\na\n```\n````\nz"],
  ["a block behind code whose last line is indented", "```js\n  let a;\n  ```\n```buttons\nA\n```\n", "```js\n  let a;\n  ```\n"],
  ["a fence behind words is none", "So ```\n```buttons\nA\n```\n", "So ```\n"],
];
for (const [name, text, shown] of streams) {
  for (const size of [1, 2, 5, 1000]) {
    test(`streamed in pieces of ${size}: ${name}`, () => {
      const show = answerStream();
      let seen = "";
      for (let at = 0; at < text.length; at += size) seen += show(text.slice(at, at + size));
      assert.equal(seen, shown);
    });
  }
}

test("text is shown at once, but for what may begin a block", () => {
  const show = answerStream();
  assert.equal(show("Hel"), "Hel");
  assert.equal(show("lo\n``"), "lo\n");
  assert.equal(show("x"), "``x");
});

test("what was shown at any moment is how the words begin in the end", () => {
  const texts = [
    ...streams.map(([, text]) => text),
    "x\n``",
    "a\n```buttons\nnever closed",
    "\n\n  b\n```buttons\nT\n```\n\nc\n```buttons\nU\n```\n",
  ];
  for (const text of texts) {
    const [words] = answerParts(text);
    const show = answerStream();
    let seen = "";
    for (const letter of text) {
      seen += show(letter);
      assert.ok((words?.type === "text" ? words.text : "").startsWith(seen.trim()), JSON.stringify([text, seen]));
    }
  }
});

test("a value that is a web address makes a button that opens it", () => {
  const [part] = answerParts("```buttons\nDocs = https://a.example/x?y=1\nRun = javascript:alert(1)\n```");
  assert.deepEqual(part?.type === "buttons" && part.rows.flat().map(({ label, url }) => [label, url]), [
    ["Docs", "https://a.example/x?y=1"],
    ["Run", undefined],
  ]);
});
