import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { backoff } from "../core/backoff.ts";
import { createPace } from "./pace.ts";

const rate = { account: 30, conversation: 1 };

test("a conversation gets one send a second, others are not held up by it", async () => {
  const clock = createHandClock();
  const pace = createPace(clock);
  assert.equal(pace.take("bot", "a", rate).waitMs, 0);
  const wait = pace.take("bot", "a", rate).waitMs;
  assert.equal(wait, 1_000);
  assert.equal(pace.take("bot", "b", rate).waitMs, 0);
  await clock.advance(wait);
  assert.equal(pace.take("bot", "a", rate).waitMs, 0);
});

test("an account never exceeds its rate by more than the burst of one second", async () => {
  const clock = createHandClock();
  const pace = createPace(clock);
  let sent = 0;
  const ask = (conversation: string) => {
    const { waitMs } = pace.take("bot", conversation, rate);
    if (waitMs === 0) sent++;
    else clock.after(waitMs, () => ask(conversation));
  };
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (let i = 0; i < 5; i++) ask(`${ms}/${i}`);
    await clock.advance(10);
  }
  assert.ok(sent <= 30 * 11 && sent >= 30 * 10, `${sent} sends in 10 s`);
});

test("who waits is told when, once, in the order of asking; who comes later stands behind", async () => {
  const clock = createHandClock();
  const pace = createPace(clock);
  const sent: string[] = [];
  let asked = 0;
  const ask = (conversation: string) => {
    asked++;
    const { waitMs } = pace.take("bot", conversation, rate);
    if (waitMs === 0) sent.push(conversation);
    else clock.after(waitMs, () => ask(conversation));
  };
  const first = Array.from({ length: 90 }, (_, n) => `first ${n}`);
  for (const conversation of first) ask(conversation);
  await clock.advance(1_000);
  const later = Array.from({ length: 30 }, (_, n) => `later ${n}`);
  for (const conversation of later) ask(conversation);
  await clock.advance(5_000);
  assert.deepEqual(sent, [...first, ...later]);
  assert.ok(asked <= 2 * sent.length, `${asked} questions for ${sent.length} sends`);
});

test("places of those who never came back are not saved up", async () => {
  const clock = createHandClock();
  const pace = createPace(clock);
  for (let n = 0; n < 120; n++) pace.take("bot", `c${n}`, rate);
  await clock.advance(60_000);
  const now = Array.from({ length: 120 }, (_, n) => pace.take("bot", `c${n}`, rate).waitMs === 0).filter(Boolean).length;
  assert.ok(now === 29 || now === 30, `${now} sends at once`);
});

test("a place that is given back can be taken again", () => {
  const pace = createPace(createHandClock());
  pace.take("bot", "a", rate).giveBack();
  assert.equal(pace.take("bot", "a", rate).waitMs, 0);
});

test("nothing goes out before the platform's Retry-After, whatever the wall clock does", async () => {
  const clock = createHandClock();
  const pace = createPace(clock);
  pace.hold("a", 5_000);
  clock.jump(86_400_000);
  assert.equal(pace.take("bot", "a", rate).waitMs, 5_000);
  await clock.advance(4_999);
  assert.equal(pace.take("bot", "a", rate).waitMs, 1);
  await clock.advance(1);
  assert.equal(pace.take("bot", "a", rate).waitMs, 0);
});

test("waits double up to a cap, spread out, and never undercut what the platform asked for", () => {
  assert.deepEqual(
    [1, 2, 3, 20].map((failures) => backoff(failures, undefined, () => 1)),
    [1_000, 2_000, 4_000, 300_000],
  );
  assert.equal(
    backoff(2, undefined, () => 0),
    1_000,
  );
  assert.ok(backoff(1, 30_000, () => 0) >= 30_000);
});
