import assert from "node:assert/strict";
import { test } from "node:test";
import { classes } from "./classes.ts";

for (const [joined, ...names] of [
  ["a b", "a", false, undefined, "", "b"],
  ["px-3 h-9", "h-4 px-3", "h-9"],
  ["px-3 py-2 pr-11", "px-3 py-2", "pr-11"],
  ["text-ink text-row", "text-body text-ink", "text-row"],
  ["text-row text-bad", "text-soft text-row", "text-bad"],
  ["sm:text-body text-row", "text-[1rem] sm:text-body", "text-row"],
  ["font-medium font-mono", "font-medium", "font-mono"],
  ["text-left text-faint", "text-left text-faint"],
  ["rounded-full", "rounded-control", "rounded-full"],
  ["justify-items-center justify-start", "justify-items-center justify-center", "justify-start"],
  ["rounded-panel rounded-t-none", "rounded-panel", "rounded-t-none"],
  ["overflow-hidden", "overflow-y-auto", "overflow-hidden"],
  ["overflow-x-auto overflow-y-hidden", "overflow-x-auto overflow-y-hidden"],
  ["starting:translate-x-4 starting:scale-100", "starting:scale-98", "starting:translate-x-4 starting:scale-100"],
  ["gap-x-2 gap-y-1 gap-3", "gap-x-2 gap-y-1 gap-2.5", "gap-3"],
  ["hover:bg-hover bg-panel", "bg-sunken hover:bg-hover", "bg-panel"],
  ["max-w-full w-20 -mt-2", "max-w-xl w-10 mt-1", "max-w-full w-20 -mt-2"],
] as const) {
  test(`${names.filter(Boolean).join(" + ")} → ${joined}`, () => assert.equal(classes(...names), joined));
}
