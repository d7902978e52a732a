import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeliveryContent } from "./delivery.ts";
import { planned } from "./planned.ts";

const words: DeliveryContent = { text: "a", visible: "a" };
const file: DeliveryContent = { ...words, file: { type: "image", source: { at: "nowhere", reason: "" } } };

test("where the platform drops repeats of words only, files are the operator's to decide", () => {
  const policies = (idempotent: boolean | "words" | "briefly") =>
    planned([words, file], { channel: { idempotent }, onUnknown: "hold" }).map(({ onUnknown }) => onUnknown);
  assert.deepEqual(policies("words"), ["repeat", "hold"]);
  // Of the others the account says it, or is told so where nothing is ever unknown.
  for (const other of [true, false, "briefly"] as const) assert.deepEqual(policies(other), ["hold", "hold"]);
});
