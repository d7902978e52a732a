import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "./calculator.ts";

const values: Record<string, string> = {
  "2+3*4": "14",
  "(2+3)*4": "20",
  "-2^2": "-4",
  "(-2)^2": "4",
  "2^3^2": "512",
  "2**-1": "0.5",
  "7 % 4": "3",
  "10 / 4": "2.5",
  "0.1 + 0.2": "0.3",
  "1.5e3": "1500",
  ".5 + 1.": "1.5",
  "8 - 3 - 2": "3",
  "2 - -3": "5",
  "sqrt(16) + abs(-3)": "7",
  "max(1, 2, 3) - min(4, 5)": "-1",
  PI: "3.14159265358979",
  "log(1000)": "3",
  "3 × 4 ÷ 2 − 1": "5",
};
for (const [expression, value] of Object.entries(values)) {
  test(expression, () => assert.deepEqual(calculate(expression), { ok: true, value }));
}

const refusals: Record<string, RegExp> = {
  "": /too early/,
  "1 +": /too early/,
  "1 2": /"2"/,
  "(1": /parenthesis/,
  "1 / 0": /division by zero/,
  "5 % 0": /division by zero/,
  "10^400": /finite/,
  "sqrt(-1)": /finite/,
  "sqrt(1, 2)": /takes 1/,
  "sqrt 4": /parentheses/,
  "constructor(1)": /unknown/,
  __proto__: /unknown/,
  "process.exit(1)": /unknown/,
  "1;2": /";"/,
  "1.2.3": /".3"/,
  [`${"(".repeat(500)}1${")".repeat(500)}`]: /too deep/,
  [`${"-".repeat(900)}1`]: /too deep/,
  [`${"2^".repeat(400)}1`]: /too deep/,
};
for (const [expression, reason] of Object.entries(refusals)) {
  test(`refused: ${expression.slice(0, 20)}`, () => {
    const result = calculate(expression);
    assert.ok(!result.ok);
    assert.match(result.fault.message, reason);
  });
}
