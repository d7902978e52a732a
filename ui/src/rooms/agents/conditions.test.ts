import assert from "node:assert/strict";
import { test } from "node:test";
import { freshCondition, hasField, readList, readWhen, showList, showWhen, wrongIn } from "./conditions.ts";

test("what the form can show it shows; the rest is left to JSON", () => {
  for (const [name, value] of [
    ["channel", "telegram"],
    ["chat", "-100123"],
    ["chat", ["-100123", "-100456"]],
    ["language", ["de", "en"]],
    ["time", {}],
    ["time", { days: ["mon"], from: "22:00", to: "06:00", zone: "Europe/Vienna" }],
  ] as const)
    assert.ok(hasField(name, value), `${name}: ${JSON.stringify(value)}`);
  for (const [name, value] of [
    ["colour", "red"],
    ["channel", ["telegram"]],
    ["chat", [1]],
    ["chat", "room of two words"],
    ["text", 7],
    ["time", "now"],
    ["time", { days: ["Monday"] }],
    ["time", { from: 9 }],
    ["time", { until: "09:00" }],
  ] as const)
    assert.ok(!hasField(name, value), `${name}: ${JSON.stringify(value)}`);
});

test("lists are read with commas, blanks and lines between, and shown with commas", () => {
  assert.equal(readList(" de "), "de");
  assert.deepEqual(readList("de, en\nfr"), ["de", "en", "fr"]);
  assert.equal(readList(" , "), "");
  assert.equal(showList(["de", "en"]), "de, en");
  assert.equal(showList("de"), "de");
});

test("what is wrong is told while it is typed", () => {
  assert.equal(wrongIn("channel", ""), "empty");
  assert.equal(wrongIn("chat", []), "empty");
  assert.equal(wrongIn("chat", "7"), undefined);
  assert.equal(wrongIn("language", ["de", "english"]), "language");
  assert.equal(wrongIn("language", "DE"), "language");
  assert.equal(wrongIn("language", ["de", "en"]), undefined);
  assert.equal(wrongIn("time", { zone: "Vienna" }), "zone");
  assert.equal(wrongIn("time", { from: "09:00", to: "09:00" }), "never");
  assert.equal(wrongIn("time", { from: "22:00", to: "06:00", zone: "Europe/Vienna" }), undefined);
  assert.equal(wrongIn("time", freshCondition("time")), undefined);
});

test("JSON and the form are two views of one value", () => {
  const when = { channel: "telegram", chat: ["1", "2"], colour: "red" };
  assert.deepEqual(readWhen(showWhen(when)), when);
  assert.equal(showWhen({}), "");
  assert.deepEqual(readWhen("  "), {});
  assert.equal(readWhen("[1]"), undefined);
  assert.equal(readWhen("{ no json"), undefined);
});
