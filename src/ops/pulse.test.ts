import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { type TraceId, defaultTenant as tenant } from "../core/ids.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import { createEmbeddedLive } from "../engines/embedded-live.ts";
import { watchPulse } from "./pulse.ts";
import { Spread } from "./spread.ts";
import { watchToday } from "./today.ts";

const entry = (trace: string, stage: Stage, at: number, detail?: { ms: number }): LedgerEntry => ({
  ...{ tenant, trace: trace as TraceId, stage, at },
  ...(detail && { detail }),
});

function watch() {
  const clock = createHandClock();
  const live = createEmbeddedLive();
  const pulse = watchPulse({ tenant, live, clock });
  const tell = (...of: Parameters<typeof entry>) => live.publish(tenant, { type: "ledger", entry: entry(...of) });
  return { clock, live, pulse, tell };
}

/** Within a twentieth: figures are kept in steps. */
function near(value: number | undefined, wanted: number): void {
  assert.ok(value !== undefined && Math.abs(value - wanted) <= wanted / 20, `${value} isn't near ${wanted}`);
}

test("nothing happened yet", () => {
  const { pulse } = watch();
  const { perMinute, errors, latency, models, minutes } = pulse.look();
  assert.deepEqual({ perMinute, errors, latency, models }, { perMinute: 0, errors: 0, latency: { count: 0 }, models: {} });
  assert.equal(minutes.length, 60);
});

test("an answer is timed from its message to its first delivery, and models' time apart", () => {
  const { clock, pulse, tell } = watch();
  const now = clock.now();
  for (let n = 1; n <= 100; n++) {
    const trace = `ev_${n}`;
    tell(trace, "received", now);
    tell(trace, "model-fail", now + 1, { ms: 100 });
    tell(trace, "model-end", now + 2, { ms: n * 10 });
    tell(trace, "delivery-sent", now + 200 + n * 10);
    tell(trace, "delivery-sent", now + 900_000);
  }
  const { latency, models, errors } = pulse.look();
  assert.equal(latency.count, 100);
  near(latency.p50, 700);
  near(latency.p95, 1150);
  near(models.p50, 600);
  near(models.p95, 1050);
  assert.equal(errors, 0, "a model that failed and was tried again is no error");
});

test("what had no answer isn't timed, and what failed is an error of its minute", () => {
  const { clock, pulse, tell } = watch();
  const now = clock.now();
  for (const stage of ["ignored", "joined", "turn-cancel", "turn-fail", "delivery-dead"] as const) {
    tell(stage, "received", now);
    tell(stage, stage, now);
    tell(stage, "delivery-sent", now + 5);
  }
  tell("lost", "delivery-unknown", now);
  const { latency, errors, minutes } = pulse.look();
  assert.equal(latency.count, 0);
  assert.equal(errors, 3);
  assert.deepEqual(minutes.at(-1), { received: 5, errors: 3 });
});

test("a minute passes, and an hour", async () => {
  const { clock, pulse, tell } = watch();
  const first = Math.floor(clock.now() / 60_000);
  const back = () => 59 - (Math.floor(clock.now() / 60_000) - first);
  tell("ev_1", "received", clock.now());
  await clock.advance(30_000);
  tell("ev_2", "received", clock.now());
  assert.equal(pulse.look().perMinute, 2);
  await clock.advance(30_500);
  assert.equal(pulse.look().perMinute, 1);
  await clock.advance(57 * 60_000);
  assert.equal(pulse.look().perMinute, 0);
  const { minutes } = pulse.look();
  assert.equal((minutes[back()]?.received ?? 0) + (minutes[back() + 1]?.received ?? 0), 2);
  await clock.advance(3 * 60_000);
  assert.equal(
    pulse.look().minutes.reduce((sum, { received }) => sum + received, 0),
    0,
  );
});

test("after a start the last hour comes out of the store, and nothing is counted twice", async () => {
  const { clock, live } = watch();
  const start = clock.now();
  const stored: LedgerEntry[] = [entry("old", "received", start - 3_700_000), entry("old", "delivery-fail", start - 3_700_000)];
  for (let n = 0; n < 5_000; n++) {
    stored.push(entry(`ev_${n}`, "received", start - 60_000), entry(`ev_${n}`, "delivery-sent", start - 59_500));
  }
  const fresh = watchPulse({ tenant, live, clock });
  await clock.advance(1_000);
  live.publish(tenant, { type: "ledger", entry: entry("new", "received", clock.now()) });
  stored.push(entry("new", "received", clock.now()));
  await fresh.fill({
    recentEntries: async (_, { before = Number.POSITIVE_INFINITY, limit }) =>
      stored
        .map((of, seq) => ({ ...of, seq }))
        .filter(({ seq }) => seq < before)
        .toReversed()
        .slice(0, limit),
  });
  const { minutes, latency, errors } = fresh.look();
  assert.equal(
    minutes.reduce((sum, { received }) => sum + received, 0),
    5_001,
  );
  assert.equal(latency.count, 5_000);
  near(latency.p50, 500);
  assert.equal(errors, 0, "what is older than an hour is left out");
});

test("a spread is off by a twentieth at most, from a millisecond to a day", () => {
  for (const ms of [1, 3, 17, 250, 4_000, 90_000, 86_400_000]) {
    const spread = new Spread();
    spread.add(ms);
    const told = spread.quantile(0.5) ?? 0;
    assert.ok(Math.abs(told - ms) <= Math.max(0.5, ms / 20), `${told} for ${ms}`);
  }
});

test("today's sums are asked for once, however many look, and again a little later", async () => {
  const clock = createHandClock();
  let asked = 0;
  const today = watchToday({
    ...{ tenant, clock },
    records: {
      usage: async (_, { from, to }) => {
        assert.equal(from, to);
        asked += 1;
        return asked === 2
          ? Promise.reject(new Error("locked"))
          : [{ of: {}, calls: asked, failed: 0, unpriced: 0, input: 1, cachedInput: 0, output: 2, amount: 3 }];
      },
    },
  });
  assert.deepEqual([(await today()).calls, (await today()).calls], [1, 1]);
  await clock.advance(600);
  await assert.rejects(today(), /locked/);
  assert.equal((await today()).calls, 3);
});
