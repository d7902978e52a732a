import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastMonth } from "./forecast.ts";

const days = (from: string, amounts: readonly number[]) => {
  const start = Date.parse(from);
  return new Map(amounts.map((amount, n) => [new Date(start + n * 86_400_000).toISOString().slice(0, 10), amount]));
};

test("nothing is foretold without a whole day", () => {
  assert.equal(forecastMonth(new Map(), "2026-11-26"), undefined);
  assert.equal(forecastMonth(days("2026-11-26", [5]), "2026-11-26"), undefined);
});

test("days that are all alike leave no doubt", () => {
  const found = forecastMonth(days("2026-11-01", Array(25).fill(100)), "2026-11-26");
  assert.deepEqual(found, { spent: 2_500, expected: 3_000, low: 3_000, high: 3_000, days: 25 });
});

test("the last day of a month has only itself before it, and what it has spent already isn't expected twice", () => {
  const found = forecastMonth(days("2026-11-01", [...Array(29).fill(100), 40]), "2026-11-30");
  assert.deepEqual([found?.spent, found?.expected], [2_940, 3_000]);
  const more = forecastMonth(days("2026-11-01", [...Array(29).fill(100), 170]), "2026-11-30");
  assert.deepEqual([more?.spent, more?.expected], [3_070, 3_070]);
});

test("weekends count as weekends from two weeks on", () => {
  // 2026-11-01 is a Sunday; nothing is spent on weekends.
  const week = [0, 100, 100, 100, 100, 100, 0];
  const found = forecastMonth(days("2026-11-01", [...week, ...week, ...week]), "2026-11-22");
  // From Sunday the 22nd to Monday the 30th: six working days.
  assert.deepEqual([found?.expected, found?.low, found?.high], [2_100, 2_100, 2_100]);
  const few = forecastMonth(days("2026-11-01", week), "2026-11-08");
  assert.equal(few?.expected, Math.round(500 + (500 / 7) * 23));
});

test("the month before counts for days that are left, not for what is spent", () => {
  const found = forecastMonth(days("2026-10-20", [...Array(12).fill(100), 50, 150]), "2026-11-03");
  assert.deepEqual([found?.spent, found?.days], [200, 14]);
  assert.ok(found && found.low < found.expected && found.expected < found.high && found.low >= found.spent);
});
