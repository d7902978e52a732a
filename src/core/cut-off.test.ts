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

test("aborted by hand", () => {
  const parent = new AbortController();
  const cut = cutOff(parent.signal);
  cut.abort();
  assert.deepEqual([cut.signal.aborted, cut.late, parent.signal.aborted], [true, false, false]);
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
