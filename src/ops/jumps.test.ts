import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { watchJumps } from "./jumps.ts";

test("a move of the wall clock is told before anybody is given the new time, and once", async () => {
  const hand = createHandClock();
  const start = hand.now();
  const told: number[] = [];
  const clock = watchJumps(hand, () => told.push(hand.now() - start));
  await hand.advance(3_600_000);
  clock.now();
  hand.jump(400);
  clock.now();
  hand.jump(400);
  clock.now();
  assert.deepEqual(told, [], "neither time that passes nor small corrections are moves");
  hand.jump(86_400_000);
  assert.equal(clock.now(), hand.now());
  assert.equal(told.length, 1);
  hand.jump(-400 * 86_400_000);
  clock.now();
  clock.now();
  assert.equal(told.length, 2);
});
