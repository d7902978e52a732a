import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import type { AccountStatus } from "../core/account-status.ts";
import type { Alert, AlertFiring, AlertState } from "../core/alert.ts";
import { type FigureFilter, type FigureName, figureNames } from "../core/figures.ts";
import { defaultTenant as tenant } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { UsageFilter } from "../core/usage.ts";
import { measure, previewAlert } from "./alert-values.ts";
import { alertWords, createAlerts } from "./alerts.ts";

const minute = 60_000;
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const rule = (more: Partial<Alert> = {}): Alert => ({ id: "queue", measure: "queued", above: 10, hours: 1, forMinutes: 5, ...more });

/** Alerts over a store that the test holds in its hand. */
function desk(first: Alert = rule()) {
  const clock = createHandClock();
  const states = new Map<string, AlertState>();
  const firings: AlertFiring[] = [];
  const it = { clock, states, firings, queued: 0, writes: 0, rules: [first] };
  const records = {
    counts: async () => ({ deliveries: { queued: it.queued, unknown: 0, failed: 0, dead: 0, sending: 0 } }) as never,
    waitingHandovers: async () => [],
    figures: async () => ({ rows: [], behind: false }),
    usage: async () => [],
    notices: async () => [],
    alertStates: async () => [...states.values()],
    alertFirings: async () => firings,
    async changeAlerts({ put, remove, began }: { put: readonly AlertState[]; remove: readonly string[]; began: readonly AlertFiring[] }) {
      it.writes++;
      for (const state of put) states.set(state.alert, state);
      for (const alert of remove) states.delete(alert);
      firings.push(...began);
    },
  };
  const create = () => createAlerts({ tenant, clock, log, records, alerts: () => it.rules });
  let alerts = create();
  return Object.assign(it, {
    restart: () => {
      alerts = create();
    },
    async after(minutes: number, queued: number) {
      await clock.advance(minutes * minute);
      it.queued = queued;
      await alerts.look();
      return (await alerts.list())[0]?.standing;
    },
    findings: () => alerts.findings(),
    ownWay: async () => {
      const [finding] = await alerts.findings();
      return finding && alerts.ownWay(finding);
    },
    alerts: () => alerts,
  });
}

test("it fires after it was over for long enough, and is over the same way", async () => {
  const it = desk();
  assert.equal(await it.after(0, 10), "ok");
  assert.equal(await it.after(1, 11), "pending");
  assert.equal(await it.after(4, 11), "pending");
  assert.equal(await it.after(1, 11), "firing");
  const [finding] = await it.findings();
  assert.equal(finding?.message, "The alert queue fires: deliveries that wait to be sent: 11, more than 10.");
  assert.equal(await it.after(1, 0), "firing");
  assert.equal(await it.after(5, 0), "ok");
  assert.deepEqual(await it.findings(), []);
  assert.equal(it.firings.length, 1);
});

test("what comes and goes sooner neither fires nor ends it", async () => {
  const it = desk();
  await it.after(0, 20);
  await it.after(4, 0);
  assert.equal(await it.after(2, 20), "pending");
  assert.equal(await it.after(5, 20), "firing");
  await it.after(1, 0);
  await it.after(3, 20);
  assert.equal(await it.after(3, 0), "firing");
  assert.equal(it.firings.length, 1);
});

test("a restart repeats nothing and forgets nothing, and nothing is written while nothing changes", async () => {
  const it = desk();
  await it.after(0, 20);
  it.restart();
  assert.equal(await it.after(5, 20), "firing");
  it.restart();
  assert.equal((await it.findings()).length, 1);
  const { writes } = it;
  assert.equal(await it.after(1, 20), "firing");
  assert.deepEqual([it.firings.length, it.writes], [1, writes]);
});

test("a muted one goes on being watched, and nobody is told", async () => {
  const it = desk(rule({ forMinutes: 0 }));
  assert.equal(await it.after(1, 20), "firing");
  const [finding] = await it.findings();
  it.rules = [rule({ forMinutes: 0, mutedUntil: it.clock.now() + 60 * minute })];
  assert.equal(await it.after(1, 20), "muted");
  assert.deepEqual(await it.findings(), []);
  assert.deepEqual(finding && it.alerts().ownWay(finding), { to: [] }, "not told that it is over");
  assert.equal(await it.after(60, 20), "firing");
  assert.equal((await it.findings()).length, 1);
  it.rules = [];
  await it.after(1, 20);
  assert.equal(it.states.size, 0);
});

test("where there is nothing to take a share of, it doesn't fire", async () => {
  const it = desk(rule({ measure: "answered-share", above: undefined, below: 100, forMinutes: 0 }));
  assert.equal(await it.after(1, 0), "no-data");
  it.rules = [rule({ measure: "received", above: undefined, below: 1, forMinutes: 0 })];
  assert.equal(await it.after(1, 0), "firing", "that nobody writes is a figure like any other");
});

test("a rule's own places and its own repetition", async () => {
  const to = [{ account: "ops" as never, chat: "1" }];
  const it = desk(rule({ forMinutes: 0, to, repeatHours: 2 }));
  await it.after(1, 20);
  assert.deepEqual(await it.ownWay(), { to, repeatMs: 120 * minute });
  it.rules = [rule({ forMinutes: 0 })];
  assert.equal(await it.ownWay(), undefined);
});

test("what a rule would have said in the last seven days", async () => {
  const now = 500_000 * 60 * minute + 5 * minute;
  const hour = (of: number, counts: Partial<Record<FigureName, number>>) => ({
    of: String(of),
    counts: Object.fromEntries(figureNames.map((name) => [name, counts[name] ?? 0])) as Record<FigureName, number>,
    waits: new Map<number, number>(),
  });
  const rows = [hour(499_900, { failed: 6 }), hour(499_950, { failed: 3 }), hour(499_951, { failed: 3 })];
  const records = { figures: async () => ({ rows, behind: false }) } as never;
  const preview = await previewAlert({ records, tenant }, rule({ measure: "failed", above: 5 }), now);
  assert.equal(preview?.points.length, 168);
  assert.equal(preview?.times, 2);
  assert.deepEqual(
    preview?.points.filter(({ over }) => over).map(({ at, value }) => [at / (60 * minute), value]),
    [
      [499_901, 6],
      [499_902, 6],
      [499_952, 6],
    ],
  );
  assert.equal(await previewAlert({ records, tenant }, rule(), now), undefined);
  const timesFor = async (forMinutes: number, hours: number) =>
    (await previewAlert({ records, tenant }, rule({ measure: "failed", above: 2, forMinutes, hours }), now))?.times;
  const timesByMinutes = await Promise.all([0, 60, 120, 121, 180].map((forMinutes) => timesFor(forMinutes, 1)));
  assert.deepEqual(timesByMinutes, [2, 2, 2, 1, 1], "two and three hours on end");
  assert.equal(await timesFor(60, 60), 1, "between the two it was never calm");
  assert.equal(await timesFor(300, 48), 1, "it was calm for an hour, which isn't enough to be over");
});

test("accounts that are down, of one channel or account alone; paused by somebody isn't down", async () => {
  const status = (id: string, channel: string, more: Partial<AccountStatus>): AccountStatus =>
    ({ ...{ id, channel, state: "ready", since: 0 }, ...more }) as AccountStatus;
  const why = { code: "channel-auth", message: "no" } as const;
  const accounts = () => [
    status("support", "telegram", { state: "refused", fault: why }),
    status("news", "telegram", { state: "retrying", fault: why }),
    status("desk", "slack", { failing: why }),
    status("well", "slack", {}),
    status("off", "slack", { state: "paused", fault: why }),
    status("new", "slack", { state: "starting" }),
  ];
  const down = (more: Partial<Alert>) =>
    measure({ records: {} as never, tenant, accounts }, rule({ measure: "accounts-down", above: 0, ...more }), 0);
  assert.deepEqual(
    await Promise.all([down({}), down({ channel: "telegram" }), down({ account: "desk" as never }), down({ account: "off" as never })]),
    [3, 2, 1, 0],
  );
  assert.equal(await measure({ records: {} as never, tenant }, rule({ measure: "accounts-down" }), 0), undefined, "no gateway runs");
});

test("what models cost today, and on how many of seven days it was more", async () => {
  const now = Date.UTC(2026, 10, 27, 12);
  const spent = [
    { of: { day: "2026-11-27" }, amount: 1_250_000_000 },
    { of: { day: "2026-11-25" }, amount: 3_000_000_000 },
    { of: { day: "2026-11-21" }, amount: 2_000_000_001 },
  ];
  const asked: UsageFilter[] = [];
  const records = {
    async usage(_: unknown, filter: UsageFilter) {
      asked.push(filter);
      return spent.filter(({ of }) => of.day >= filter.from && of.day <= filter.to);
    },
  } as never;
  const cost = rule({ measure: "cost-today", above: 2, agent: "main" as never });
  assert.equal(await measure({ records, tenant }, cost, now), 1.25);
  assert.deepEqual([asked[0]?.from, asked[0]?.to, asked[0]?.only?.agent], ["2026-11-27", "2026-11-27", "main"]);
  const preview = await previewAlert({ records, tenant }, cost, now);
  assert.deepEqual(
    preview?.points.map(({ value }) => value),
    [2, 0, 0, 0, 3, 0, 1.25],
  );
  assert.equal(preview?.times, 1, "2.000000001 is 2 to the sixth digit");
  assert.equal(preview?.points.at(-1)?.at, now, "the day isn't over");
});

test("over minutes it is measured by minutes", async () => {
  const asked: FigureFilter[] = [];
  const records = {
    async figures(_: unknown, filter: FigureFilter) {
      asked.push(filter);
      return { rows: [], behind: false };
    },
  } as never;
  const quick = rule({ measure: "failed", minutes: 10 });
  assert.equal(await measure({ records, tenant }, quick, 100 * minute + 1), 0);
  assert.deepEqual([asked[0]?.unit, asked[0]?.from, asked[0]?.to], ["minute", 90, 100]);
  assert.equal(String(alertWords(quick, 12)), "turns and deliveries that failed: 12, more than 10, in this minute and 10 before it");
});

describe("what a rule over minutes would have said in the last 24 hours", () => {
  const last = 30_000_030;
  const now = last * minute + 7_000;
  const begin = last - 24 * 60 + 1;
  const row = (of: number, counts: Partial<Record<FigureName, number>>) => ({
    of: String(of),
    counts: Object.fromEntries(figureNames.map((name) => [name, counts[name] ?? 0])) as Record<FigureName, number>,
    waits: new Map<number, number>(),
  });
  /** Failures by minute; the hours have those of the minutes, and some more. */
  function records(failed: ReadonlyMap<number, number>, moreByHour: ReadonlyMap<number, number> = new Map()) {
    const hours = new Map(moreByHour);
    for (const [at, n] of failed) hours.set(Math.floor(at / 60), (hours.get(Math.floor(at / 60)) ?? 0) + n);
    return {
      figures: async (_: unknown, { unit, from, to, by }: FigureFilter) => {
        assert.equal(by, unit);
        const kept = [...(unit === "minute" ? failed : hours)].filter(([at]) => at >= from && at <= to);
        return { rows: kept.map(([at, n]) => row(at, { failed: n })), behind: false };
      },
    } as never;
  }
  const burst = (from: number, minutes: number, n: number) => Array.from({ length: minutes }, (_, index) => [from + index, n] as const);

  test("it fires as it would have, only after it was over for long enough, and again only after it was calm as long", async () => {
    const failed = new Map([...burst(begin + 100, 1, 9), ...burst(begin + 300, 20, 2), ...burst(begin + 340, 20, 2)]);
    const watched = rule({ measure: "failed", above: 5, minutes: 2, forMinutes: 0 });
    const preview = await previewAlert({ records: records(failed), tenant }, watched, now);
    assert.equal(preview?.times, 3);
    assert.equal(preview?.from, begin * minute);
    const slow = await previewAlert({ records: records(failed), tenant }, { ...watched, forMinutes: 5 }, now);
    assert.equal(slow?.times, 2, "nine at once were over it for three minutes");
    const slowest = await previewAlert({ records: records(failed), tenant }, { ...watched, forMinutes: 18 }, now);
    assert.equal(slowest?.times, 0);
    const joined = await previewAlert({ records: records(failed), tenant }, { ...watched, forMinutes: 17, minutes: 12, above: 9 }, now);
    assert.equal(joined?.times, 1, "between the two it was calm for less than that");
    assert.deepEqual(
      preview?.points.slice(0, 3).map(({ at, value, over }) => [at / minute - begin, value, over]),
      [
        [1, 0, false],
        [101, 9, true],
        [104, 0, false],
      ],
      "only where the value changes",
    );
  });

  test("what happened before the day counts in its first windows, and the minute that runs in the last", async () => {
    const failed = new Map([...burst(begin - 3, 1, 9), ...burst(last, 1, 9)]);
    const watched = rule({ measure: "failed", above: 5, minutes: 5, forMinutes: 0 });
    const preview = await previewAlert({ records: records(failed), tenant }, watched, now);
    assert.equal(preview?.times, 2);
    assert.deepEqual(preview?.points.at(-1), { at: now, value: 9, over: true });
  });

  test("only of the time of which the minutes are kept, which is said", async () => {
    const hour = Math.floor(last / 60) - 3;
    const failed = new Map(burst((hour + 1) * 60 + 30, 1, 9));
    const quiet = rule({ measure: "failed", above: undefined, below: 1, minutes: 10, forMinutes: 0 });
    const preview = await previewAlert({ records: records(failed, new Map([[hour, 4]])), tenant }, quiet, now);
    assert.equal(preview?.from, ((hour + 1) * 60 + 10) * minute);
    assert.equal(preview?.times, 2);
    const whole = await previewAlert({ records: records(failed), tenant }, quiet, now);
    assert.deepEqual([whole?.from, whole?.times], [begin * minute, 2]);
  });
});
