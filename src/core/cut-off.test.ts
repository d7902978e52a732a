import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import type { Clock } from "./clock.ts";
import { cutOff } from "./cut-off.ts";

/** Time stands still until the test lets it be up. */
function held() {
  const timers = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    elapsed: () => 0,
    after(_, run) {
      timers.add(run);
      return () => void timers.delete(run);
    },
  };
  const up = () => {
    for (const run of [...timers]) run();
  };
  return { clock, timers, up };
}

test("it follows its parent, with the parent's reason, and wasn't late", () => {
  const parent = new AbortController();
  const { clock, up } = held();
  const cut = cutOff(parent.signal, { clock, ms: 1 });
  assert.equal(cut.signal.aborted, false);
  parent.abort("stop");
  up();
  assert.deepEqual([cut.signal.aborted, cut.signal.reason, cut.late], [true, "stop", false]);
});

test("a parent that is aborted already", () => {
  const { clock, timers } = held();
  const cut = cutOff(AbortSignal.abort("gone"), { clock, ms: 1 });
  assert.deepEqual([cut.signal.aborted, cut.signal.reason, cut.late, timers.size], [true, "gone", false, 0]);
});

test("its time is up: it aborts, its parent doesn't", () => {
  const parent = new AbortController();
  const { clock, up } = held();
  const cut = cutOff(parent.signal, { clock, ms: 1 });
  up();
  assert.deepEqual([cut.signal.aborted, cut.late, parent.signal.aborted], [true, true, false]);
});

test("its time begins anew, as long as it isn't over", () => {
  const parent = new AbortController();
  const { clock, timers, up } = held();
  const cut = cutOff(parent.signal, { clock, ms: 1 });
  cut.restart(2);
  assert.equal(timers.size, 1, "the time before doesn't count any more");
  up();
  cut.restart(3);
  assert.deepEqual([cut.late, timers.size], [true, 1]);
  const ended = cutOff(parent.signal, { clock, ms: 1 });
  ended.end();
  ended.restart(2);
  const endless = cutOff(parent.signal);
  endless.restart(2);
  assert.equal(timers.size, 1, "neither one that is over nor one without a limit gets a time");
});

test("its end can be handed on by itself", async () => {
  const { clock, timers } = held();
  const cut = cutOff(new AbortController().signal, { clock, ms: 1 });
  await Promise.resolve().finally(cut.end);
  assert.equal(timers.size, 0);
});

test("aborted by hand", () => {
  const parent = new AbortController();
  const cut = cutOff(parent.signal);
  cut.abort();
  assert.deepEqual([cut.signal.aborted, cut.late, parent.signal.aborted, cut.why], [true, false, false, undefined]);
});

test("the first reason counts, and none that comes when it is over", () => {
  const cut = cutOff(new AbortController().signal);
  cut.abort("control-human");
  cut.abort("interrupted");
  assert.equal(cut.why, "control-human");
  const { clock, up } = held();
  const late = cutOff(new AbortController().signal, { clock, ms: 1 });
  up();
  late.abort("interrupted");
  assert.deepEqual([late.why, late.late], [undefined, true]);
});

test("once ended it leaves nothing behind, and hears of nothing", () => {
  const parent = new AbortController();
  const { clock, timers, up } = held();
  const cut = cutOff(parent.signal, { clock, ms: 1 });
  cut.end();
  assert.equal(getEventListeners(parent.signal, "abort").length, 0);
  assert.equal(timers.size, 0);
  up();
  parent.abort();
  assert.equal(cut.signal.aborted, false);
});

test("many follow one parent, which has one listener; who has left isn't told", () => {
  const parent = new AbortController();
  const cuts = Array.from({ length: 3 }, () => cutOff(parent.signal));
  assert.equal(getEventListeners(parent.signal, "abort").length, 1);
  cuts[1]?.end();
  parent.abort();
  assert.deepEqual(
    cuts.map(({ signal }) => signal.aborted),
    [true, false, true],
  );
  for (const cut of cuts) cut.end();
});

test("a follower that comes after the last one has left is told as well", () => {
  const parent = new AbortController();
  cutOff(parent.signal).end();
  const cut = cutOff(parent.signal);
  parent.abort("stop");
  assert.equal(cut.signal.reason, "stop");
});

test("who ends another's work while the parent tells keeps nobody from being told", () => {
  const parent = new AbortController();
  const [first, second] = [cutOff(parent.signal), cutOff(parent.signal)];
  first.signal.addEventListener("abort", () => first.end());
  parent.abort();
  assert.deepEqual([first.signal.aborted, second.signal.aborted], [true, true]);
});
