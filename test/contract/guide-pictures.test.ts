import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { PictureRow } from "../../src/core/guide-picture.ts";
import { pictureViolations } from "./guide-pictures.ts";

const guide = `
1. Choose *New
   Application*.
2. Its \`12:AB…\` goes into **token**.

Then write to it.
`.trim();
const settings = z.strictObject({ token: z.string() });
const fine: PictureRow = { kind: "field", label: "Token", value: "12:AB…", marked: true, into: "token" };
const said = (rows: readonly PictureRow[], step = 2, title = "Bot") =>
  pictureViolations({ guide, settings, pictures: [{ step, title, rows }] });

test("a picture that says what its step says is fine", () => {
  assert.deepEqual(said([fine, { kind: "switch", label: "Anything", on: true }]), []);
  assert.deepEqual(said([{ kind: "button", label: "New Application", marked: true }], 1), []);
  assert.deepEqual(pictureViolations({ guide, settings }), []);
});

for (const [why, found, rows, step, title] of [
  ["a step that isn't there", /no such step/, [{ ...fine, marked: undefined }], 3],
  ["an empty title", /title/, [fine], 2, " "],
  ["a long title", /title/, [fine], 2, "x".repeat(49)],
  ["no rows", /0 rows/, []],
  ["too many rows", /7 rows/, Array.from({ length: 7 }, (_, n) => ({ kind: "entry", label: `row ${n}` }))],
  [
    "two rows alike",
    /alike/,
    [
      { kind: "entry", label: "x" },
      { kind: "entry", label: "x" },
    ],
  ],
  ["two marks", /more than one/, [fine, { ...fine, label: "Again" }]],
  ["an empty label", /label is empty/, [{ kind: "entry", label: "" }]],
  ["a long label", /label is empty or long/, [{ kind: "entry", label: "x".repeat(73) }]],
  ["a field without a value", /without a value/, [{ kind: "field", label: "x" }]],
  ["a value where none is drawn", /button has no value/, [{ kind: "button", label: "x", value: "y" }]],
  ["a long value", /value is empty or long/, [{ kind: "field", label: "x", value: "y".repeat(49) }]],
  ["a button that is on", /can't be on/, [{ kind: "button", label: "x", on: true }]],
  ["a setting that there isn't", /no setting key/, [{ ...fine, into: "key" }]],
  ["a mark on what the step doesn't name", /doesn't name it/, [{ kind: "button", label: "Elsewhere", marked: true }]],
] as [string, RegExp, PictureRow[], number?, string?][]) {
  test(`a picture with ${why} is refused`, () => {
    const violations = said(rows, step, title);
    assert.equal(violations.length, 1, violations.join("\n"));
    assert.match(violations[0] as string, found);
  });
}

test("two pictures of a step have two titles", () => {
  const pictures = [1, 1, 2].map((step) => ({ step, title: "Bot", rows: [{ kind: "entry", label: "x" }] as const }));
  assert.equal(pictureViolations({ guide, settings, pictures }).filter((what) => /has its title/.test(what)).length, 2);
});

test("pictures stand in the order of the steps", () => {
  const rows: PictureRow[] = [{ kind: "entry", label: "x" }];
  const pictures = [2, 1].map((step) => ({ step, title: "Bot", rows }));
  assert.match(pictureViolations({ guide, settings, pictures }).join(), /behind a later step/);
});
