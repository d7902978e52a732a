import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { type AttemptNews, Throttle } from "./throttle.ts";

const rule = { limit: 3, windowMs: 900_000 };
const one = (key: string) => new Map([[key, rule]]);

test("so many at once, then one as each drains, and the wait is told", async () => {
  const clock = createHandClock();
  const throttle = new Throttle(clock);
  for (let i = 0; i < 3; i++) assert.equal(throttle.take(one("a")), 0);
  const wait = throttle.take(one("a"));
  assert.equal(wait, 300_000);
  assert.equal(throttle.take(one("b")), 0, "another key is another bucket");
  await clock.advance(wait - 1);
  assert.ok(throttle.take(one("a")) > 0);
  await clock.advance(1);
  assert.equal(throttle.take(one("a")), 0);
  assert.ok(throttle.take(one("a")) > 0);
});

test("a jump of the wall clock changes nothing", () => {
  const clock = createHandClock();
  const throttle = new Throttle(clock);
  for (let i = 0; i < 3; i++) throttle.take(one("a"));
  clock.jump(86_400_000);
  assert.ok(throttle.take(one("a")) > 0);
});

test("what one bucket refuses is taken from none", () => {
  const throttle = new Throttle(createHandClock());
  const both = new Map([...one("a"), ...one("b")]);
  for (let i = 0; i < 3; i++) throttle.take(one("a"));
  for (let i = 0; i < 5; i++) assert.ok(throttle.take(both) > 0);
  for (let i = 0; i < 3; i++) assert.equal(throttle.take(one("b")), 0);
});

test("a success gives back what it took", () => {
  const throttle = new Throttle(createHandClock());
  for (let i = 0; i < 50; i++) {
    assert.equal(throttle.take(one("a")), 0);
    throttle.giveBack(one("a"));
  }
});

test("a flood of keys doesn't fill the memory, and the newest stay", () => {
  const throttle = new Throttle(createHandClock());
  for (let i = 0; i < 100_000; i++) throttle.take(one(`key ${i}`));
  throttle.take(one("key 99999"));
  throttle.take(one("key 99999"));
  assert.ok(throttle.take(one("key 99999")) > 0);
  assert.equal(throttle.take(one("key 0")), 0);
});

test("gateways that hear of each other's attempts count them as one, and go on alone when nothing is heard", () => {
  const clock = createHandClock();
  const ears: ((news: AttemptNews) => void)[] = [];
  let cut = false;
  const gateways = [0, 1].map(
    (self) =>
      new Throttle(clock, {
        tell: (news) => !cut && ears[1 - self]?.(JSON.parse(JSON.stringify(news))),
        hear(heard) {
          ears[self] = heard;
        },
      }),
  ) as [Throttle, Throttle];
  for (const gateway of [gateways[0], gateways[1], gateways[0]]) assert.equal(gateway.take(one("a")), 0);
  for (const gateway of gateways) assert.equal(gateway.take(one("a")), 300_000);
  gateways[0].giveBack(one("a"));
  assert.equal(gateways[1].take(one("a")), 0);
  cut = true;
  for (const gateway of gateways) {
    for (let i = 0; i < 3; i++) assert.equal(gateway.take(one("b")), 0);
    assert.ok(gateway.take(one("b")) > 0);
  }
});
