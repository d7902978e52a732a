import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEntries, countFresh, isDoubtful, mergeNewest } from "./story-list.ts";

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

test("an answer is what became of its deliveries: the worst stays until the gateway says otherwise", () => {
  const told = (...stages: string[]) =>
    applyEntries(
      [[story(1, { state: "running" })]],
      stages.map((stage, at) => ({ trace: "ev_1", stage, at })),
    );
  const became = (...stages: string[]) => told(...stages)[0]?.[0]?.delivery;
  assert.equal(became("delivery-start", "delivery-sent", "turn-done"), undefined, "what was a draft says nothing of the answer");
  assert.equal(became("turn-done", "delivery-queued"), "queued");
  assert.equal(became("turn-done", "delivery-queued", "delivery-start", "delivery-retry", "delivery-start", "delivery-sent"), "sent");
  assert.equal(became("turn-done", "delivery-fail", "delivery-start", "delivery-sent"), "failed");
  assert.equal(became("turn-done", "delivery-unknown", "delivery-dead"), "dead");
  const sentAgain = [{ trace: "ev_1", stage: "delivery-sent", at: 9 }];
  assert.equal(isDoubtful(told("turn-done", "delivery-fail"), sentAgain), true);
  assert.equal(isDoubtful(told("turn-done", "delivery-start"), sentAgain), false);
  assert.equal(isDoubtful(told("turn-done", "delivery-fail"), [{ trace: "ev_2", stage: "delivery-sent", at: 9 }]), false);
});
