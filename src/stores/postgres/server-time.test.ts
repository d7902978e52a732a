import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reading, serverTime } from "./server-time.ts";

const noon = Date.UTC(2026, 0, 1, 12);
const began = performance.now();

/** A look so many seconds after the first, at a server that is ahead of where it was by so many; on the way for so many. */
function look(after: number, { ahead = 0, way = 0.01, moved = 0 } = {}): Reading {
  const asked = began + after * 1_000;
  return { server: noon + (after + ahead + way / 2) * 1_000, asked, answered: asked + way * 1_000, moved: moved * 1_000 };
}

/** Milliseconds that the clock is from `server`, which was right at `look(0)`. */
function off(time: { now(): number }, ahead = 0): number {
  return Math.abs(time.now() - (noon + performance.now() - began) - ahead * 1_000);
}

test("goes on with ours, and isn't moved by answers that took their time", () => {
  const time = serverTime(look(0));
  assert.ok(off(time) < 20);
  for (const reading of [look(1, { way: 6 }), look(8), look(9, { way: 3 })]) {
    assert.equal(time.look(reading), 0);
    time.settle();
    assert.ok(off(time) < 20);
  }
});

test("follows one that goes faster, which is no setting", () => {
  const time = serverTime(look(0));
  for (let n = 1; n <= 500; n++) {
    assert.equal(time.look(look(n, { ahead: n / 100 })), 0);
    time.settle();
  }
  assert.ok(off(time, 5) < 20);
});

for (const seconds of [-3_600, -2, 2, 3_600]) {
  test(`set by ${seconds} s: that is to be moved until it is stored, and is followed at once`, () => {
    const time = serverTime(look(0, { moved: 17 }));
    const set = { ahead: seconds, moved: 17 };
    for (const after of [1, 2]) assert.equal(time.look(look(after, set)), seconds * 1_000);
    assert.ok(off(time, seconds) < 20);
    time.settle();
    assert.equal(time.look(look(3, { ahead: seconds, moved: 17 + seconds })), 0);
    time.settle();
    assert.equal(time.look(look(4, { moved: 17 + seconds })), -seconds * 1_000, "and back");
  });
}

test("what another has moved isn't moved again, and what was set after that is", () => {
  const time = serverTime(look(0));
  assert.equal(time.uneasy, false);
  assert.equal(time.look(look(1, { ahead: 90, moved: 90 })), 0);
  assert.equal(time.uneasy, true, "who hasn't looked yet writes under the old time");
  time.settle();
  assert.equal(time.look(look(2, { ahead: -60, moved: 90 })), -150_000);
});

test("what was moved before anybody here lived says nothing of our clock", () => {
  const time = serverTime(look(0));
  assert.equal(time.look(look(1, { moved: 90 })), 0);
});
