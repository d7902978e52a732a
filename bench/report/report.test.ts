import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Findings, type Measured, type Pair, type PartName, pair, type Results, spread } from "../figures.ts";
import { goals } from "./goals.ts";
import { report } from "./markdown.ts";
import { plot } from "./plot.ts";

const one = (value: number) => spread([value]);
const two = (gateway: number, yardstick: number): Pair => pair([gateway], [yardstick]);
const path = (perSecond: number, ratio: number) => ({
  perSecond: two(perSecond, perSecond / ratio),
  cpuMicros: two(200, 100),
  residentMb: { gateway: 200, yardstick: 100 },
  messages: { gateway: 1000, yardstick: 2000 },
});
const quantiles = (value: number) => ({ p50: two(value / 10, 1), p95: two(value / 2, 1), p99: two(value, 1) });
const rate = (offered: number, p99: number) => ({ rate: offered, acknowledge: quantiles(p99), answer: quantiles(p99), lateMs: 1 });

/** Everything is reached, and only just. */
const findings: Findings = {
  path: path(4000, 0.6),
  http: path(2000, 0.5),
  latency: [rate(100, 10), rate(500, 20), rate(2000, 60)],
  memory: { restMb: 110, loadMb: 250, streaming: 500, streamingMb: 300 },
  partial: { turns: 40, p50: 130, p95: 180, max: 200 },
  start: { firstMs: 2000, readyMs: one(700) },
  recovery: { pending: 100_000, readyMs: one(2000), drainSeconds: 25, perSecond: 4000 },
  growth: [
    { stored: 1000, conversations: 10, fileMb: 3, cpuMicros: one(200), ratio: one(1) },
    { stored: 1_000_000, conversations: 100_000, fileMb: 2000, cpuMicros: one(230), ratio: one(1.15) },
  ],
  install: { mb: 240, mbWithoutNode: 120, packages: 120, firstMs: 1500, readyMs: one(800) },
  profile: {
    messages: 1000,
    rooms: [{ name: "stores/", share: 0.4 }],
    functions: [{ name: "commit", place: "src/stores/x.ts:1", share: 0.25 }],
  },
};
const of = <Name extends PartName>(found: Findings[Name]): Measured<Name> => ({
  at: "2026-11-26T09:20:00.000Z",
  commit: "abc",
  command: "npm run bench",
  tookSeconds: 1,
  machine: { cpu: "CPU", cores: 2, memoryGb: 24, system: "linux", node: "v26" },
  found,
});
const results = (change: Partial<Findings> = {}): Results =>
  Object.fromEntries(Object.entries({ ...findings, ...change }).map(([name, found]) => [name, of(found)]));

describe("goals", () => {
  test("a figure that is just on the goal reaches it", () => {
    assert.deepEqual(
      goals(results()).filter(({ reached }) => !reached),
      [],
    );
  });

  test("what wasn't measured is neither reached nor missed", () => {
    assert.ok(goals({}).every(({ found, reached }) => found === undefined && reached === undefined));
  });

  const misses: readonly [missed: string, change: Partial<Findings>][] = [
    ["whole path, model in the process", { path: path(3999, 0.6) }],
    ["whole path, model in the process", { path: path(9000, 0.59) }],
    ["whole path, model streaming over HTTP", { http: path(1999, 0.9) }],
    ["webhook acknowledged, at 500/s", { latency: [{ ...rate(500, 20), acknowledge: quantiles(20.1) }, rate(2000, 60)] }],
    ["latency that the gateway adds, at 500/s", { latency: [{ ...rate(500, 20), answer: quantiles(20.1) }, rate(2000, 60)] }],
    ["webhook acknowledged, at 2,000/s", { latency: [rate(500, 20), rate(2000, 60.1)] }],
    ["first visible words after the model's first", { partial: { turns: 1, p50: 1, p95: 1, max: 201 } }],
    ["start to ready (installed), empty store", { install: { ...findings.install, readyMs: one(801) } }],
    ["start to ready, 100,000 pending", { recovery: { ...findings.recovery, readyMs: one(2001) } }],
    ["memory at rest", { memory: { ...findings.memory, restMb: 111 } }],
    ["memory under 500 streaming turns", { memory: { ...findings.memory, streamingMb: 301 } }],
    [
      "CPU per message, 10⁶ stored messages and 10⁵ conversations",
      { growth: [{ stored: 1_000_000, conversations: 100_000, fileMb: 1, cpuMicros: one(1), ratio: one(1.16) }] },
    ],
    ["production install", { install: { ...findings.install, packages: 121 } }],
  ];
  for (const [missed, change] of misses) {
    test(`${missed}: ${JSON.stringify(Object.keys(change))} just beyond it is missed`, () => {
      assert.deepEqual(
        goals(results(change))
          .filter(({ reached }) => !reached)
          .map(({ what }) => what),
        [missed],
      );
    });
  }
});

test("the table shows every part with its figures, machine, commit and command", () => {
  const text = report(results());
  for (const words of [
    "4,000",
    "0.60",
    "20.0 ms",
    "110 MB",
    "1,000,000",
    "1.15",
    "120 packages",
    "25.0 %",
    "2 × CPU",
    "`npm run bench` at abc, 2026-11-26",
  ])
    assert.ok(text.includes(words), words);
  assert.equal(text.match(/reached/g)?.length, 12);
  assert.equal(report({}).match(/not measured/g)?.length, 12);
});

test("the plot is whole XML, with whatever was measured", () => {
  for (const some of [results(), {}, { path: of<"path">(findings.path) }, { latency: of<"latency">(findings.latency) }]) {
    const svg = plot(some);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    const open: string[] = [];
    for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (close) assert.equal(open.pop(), name);
      else if (!self) open.push(name as string);
    }
    assert.deepEqual(open, []);
  }
});

test("the middle of several rounds, and the ratio round by round", () => {
  assert.deepEqual(spread([5, 1, 3]), { median: 3, least: 1, most: 5 });
  assert.deepEqual(spread([4, 1]), { median: 2.5, least: 1, most: 4 });
  // A machine that slows down in the second round changes both figures and no ratio.
  assert.deepEqual(pair([60, 30], [100, 50]).ratio, { median: 0.6, least: 0.6, most: 0.6 });
});
