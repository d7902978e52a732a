import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { faultsOf, quantiles, Tally } from "./tally.ts";

/** Two conversations: 0, 2, 4 … and 1, 3, 5 … */
function sent(...numbers: readonly number[]): Tally {
  const tally = new Tally(2);
  for (const n of numbers) {
    tally.sent(n, n, n);
    tally.acknowledged(n, n + 10);
  }
  return tally;
}

function answered(tally: Tally, ...numbers: readonly number[]): string | undefined {
  for (const n of numbers) tally.delivered(n, 100);
  return faultsOf(tally.counts());
}

describe("counting", () => {
  test("each once, conversations in whatever order among themselves", () =>
    assert.equal(answered(sent(0, 1, 2, 3), 1, 3, 0, 2), undefined));
  test("a missing answer", () => assert.equal(answered(sent(0, 1), 0), "1 missing"));
  test("an answer twice", () => assert.equal(answered(sent(0, 1), 0, 1, 1), "1 repeated"));
  test("an answer before that to the message before", () => assert.equal(answered(sent(0, 2), 2, 0), "1 out of order"));
  test("an answer to nothing, or to what isn't whole", () => assert.equal(answered(sent(0), 0, -1, 7), "2 unasked"));
  test("a refused message", () => {
    const tally = sent(0);
    tally.sent(1, 1, 1);
    tally.refused();
    assert.equal(answered(tally, 0), "1 refused");
  });

  test("an answer that is there before the acknowledgement", () => {
    const tally = new Tally(2);
    tally.sent(0, 0, 0);
    tally.delivered(0, 5);
    tally.acknowledged(0, 6);
    assert.equal(tally.waiting, 0);
    assert.equal(answered(tally), undefined);
    assert.equal(answered(tally, 0), "1 repeated");
  });

  test("what comes twice is counted over all slices, and in the slice in which it comes", () => {
    const tally = sent(0);
    tally.delivered(0, 20);
    assert.equal(faultsOf(tally.take(0, 100)), undefined);
    tally.delivered(0, 120);
    assert.equal(faultsOf(tally.take(100, 200)), "1 repeated");
    assert.equal(faultsOf(tally.counts()), "1 repeated");
  });
});

test("time runs from when a message was due, not from when it could be sent", () => {
  const tally = new Tally(1);
  tally.sent(0, 1000, 1400);
  tally.acknowledged(0, 1500);
  tally.delivered(0, 1600);
  const { acknowledgeMs, answerMs, lateMs } = tally.take(1000, 2000);
  assert.deepEqual([acknowledgeMs.p50, answerMs.p50, lateMs.p50], [500, 600, 400]);
});

test("the rate counts what arrived within the slice", () => {
  const tally = sent(0, 1, 2, 3);
  for (const [n, at] of [100, 200, 300, 5000].entries()) tally.delivered(n, at);
  const { perSecond, delivered } = tally.take(0, 2000);
  assert.deepEqual([perSecond, delivered], [1.5, 4]);
});

test("quantiles are values that were measured: the smallest below which so much lies", () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  assert.deepEqual(quantiles(values), { p50: 50, p95: 95, p99: 99, max: 100 });
  assert.deepEqual(quantiles([7]), { p50: 7, p95: 7, p99: 7, max: 7 });
  assert.deepEqual(quantiles([]), { p50: 0, p95: 0, p99: 0, max: 0 });
});
