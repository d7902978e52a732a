import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEntries, countFresh, mergeNewest } from "./story-list.ts";

const story = (n: number, more: object = {}) => ({
  trace: `ev_${n}`,
  cursor: n,
  conversation: "cv_1",
  account: "web",
  channel: "webchat",
  preview: `message ${n}`,
  state: "queued" as const,
  receivedAt: n,
  ...more,
});
const traces = (pages: readonly (readonly { trace: string }[])[]) => pages.map((page) => page.map(({ trace }) => trace.slice(3)).join(" "));

test("new stories go in front and known ones are renewed", () => {
  const pages = [[story(3), story(2)], [story(1)]];
  const merged = mergeNewest(pages, [story(4), story(3, { state: "done" })], true);
  assert.deepEqual(traces(merged), ["4 3 2", "1"]);
  assert.equal(merged[0]?.[1]?.state, "done");
});

test("a newest page that doesn't touch the list replaces it, so that there is never a hole", () => {
  assert.deepEqual(traces(mergeNewest([[story(3)], [story(1)]], [story(9), story(8)], true)), ["9 8"]);
});

test("a newest page that isn't full holds everything there is, and always fits", () => {
  assert.deepEqual(traces(mergeNewest([[story(1)]], [story(2)], false)), ["2 1"]);
});

test("the list lets go of what lies far behind", () => {
  const long = Array.from({ length: 2_000 }, (_, index) => story(2_000 - index));
  const merged = mergeNewest([long, [story(0)]], [story(2_001), story(2_000)], true);
  assert.equal(merged.length, 1);
  assert.equal(merged[0]?.length, 2_000);
  assert.equal(merged[0]?.[0]?.cursor, 2_001);
});

test("counts what isn't shown yet", () => {
  assert.equal(countFresh([[story(2), story(1)]], [story(4), story(3), story(2)]), 2);
});

test("ledger entries carry their state and reason into the story, the last one wins", () => {
  const entries = [
    { trace: "ev_1", stage: "turn-start", at: 5 },
    { trace: "ev_1", stage: "ignored", at: 7, reason: "no-route" },
  ];
  const [page] = applyEntries([[story(2), story(1)]], entries);
  assert.deepEqual(page?.[1], story(1, { state: "ignored", reason: "no-route", endedAt: 7 }));
});

test("entries of stories that aren't shown, and stages without a state, leave the very same pages", () => {
  const pages = [[story(1)]];
  assert.equal(applyEntries(pages, [{ trace: "ev_9", stage: "turn-done", at: 1 }]), pages);
  assert.equal(applyEntries(pages, [{ trace: "ev_1", stage: "model-start", at: 1 }]), pages);
});
