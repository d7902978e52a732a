import assert from "node:assert/strict";
import { test } from "node:test";
import { dollars, nanoUsd, showUsd } from "./money.ts";

test("amounts are whole, and shown with the digits that say something", () => {
  for (const [amount, shown] of [
    [0, "$0"],
    [12.345, "$12.35"],
    [1, "$1.00"],
    [0.5, "$0.50"],
    [0.0042, "$0.0042"],
    [0.000000123, "$0.00000012"],
    [-0.25, "-$0.25"],
  ] as const) {
    assert.equal(showUsd(nanoUsd(amount)), shown);
  }
  assert.equal(nanoUsd(0.1) + nanoUsd(0.2), nanoUsd(0.3));
  assert.equal(dollars(nanoUsd(1_234.5)), 1_234.5);
});
