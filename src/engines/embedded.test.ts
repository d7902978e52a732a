import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock, settled } from "../../test/clock.ts";
import type { Lane } from "../core/engine.ts";
import type { Log } from "../core/log.ts";
import { createEmbeddedEngine } from "./embedded.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

/** An engine over a counted backlog: what a store holds. */
function engineOver(backlog: Map<Lane, number>, { turn, send } = { turn: 2, send: 2 }) {
  const clock = createHandClock();
  const engine = createEmbeddedEngine({ clock, log, concurrency: { turn: () => turn, send: () => send } });
  const running = new Set<Lane>();
  const order: Lane[] = [];
  let most = 0;
  const door = {
    async work(lane: Lane) {
      assert.ok(!running.has(lane), `${lane} runs twice at the same time`);
      running.add(lane);
      most = Math.max(most, running.size);
      await settled();
      running.delete(lane);
      const left = backlog.get(lane) ?? 0;
      if (left === 0) return {};
      order.push(lane);
      backlog.set(lane, left - 1);
      return { againInMs: 0 };
    },
    due: async (limit: number) =>
      [...backlog]
        .filter(([, left]) => left > 0)
        .map(([lane]) => lane)
        .slice(0, limit),
  };
  return { clock, engine, door, order, most: () => most };
}

test("each lane runs once at a time and to its end; lanes share the workers in turns", async () => {
  const backlog = new Map<Lane, number>([
    ["turn:a", 50],
    ["turn:b", 2],
    ["turn:c", 2],
  ]);
  const { clock, engine, door, order, most } = engineOver(backlog);
  await engine.start(door);
  for (let i = 0; i < 100; i++) await clock.advance(1);
  assert.deepEqual([...backlog.values()], [0, 0, 0]);
  assert.equal(most(), 2);
  assert.ok(order.indexOf("turn:c") < 6, `a long conversation held up a short one: ${order.slice(0, 8)}`);
});

test("a wake-up while a lane runs makes it run once more", async () => {
  const backlog = new Map<Lane, number>();
  const { clock, engine, door, order } = engineOver(backlog);
  await engine.start(door);
  engine.wake("send:a");
  backlog.set("send:a", 1);
  engine.wake("send:a");
  await clock.advance(1);
  assert.deepEqual(order, ["send:a"]);
});

test("a lane runs as often as it was woken, and doesn't look once more in vain", async () => {
  const clock = createHandClock();
  const engine = createEmbeddedEngine({ clock, log, concurrency: { turn: () => 1, send: () => 1 } });
  let runs = 0;
  await engine.start({
    async work() {
      runs++;
      await settled();
      return { againInMs: 0 };
    },
    due: async () => [],
  });
  for (let i = 0; i < 3; i++) engine.wake("turn:a");
  await clock.advance(1);
  engine.wake("turn:a");
  await clock.advance(5_000);
  assert.equal(runs, 4);
});

test("what stands behind something that waits is done with it, however often the lane was woken", async () => {
  const clock = createHandClock();
  const engine = createEmbeddedEngine({ clock, log, concurrency: { turn: () => 1, send: () => 1 } });
  const dueAt = [0, 300, 0, 0];
  const done: number[] = [];
  await engine.start({
    async work() {
      await settled();
      if (done.length === dueAt.length) return {};
      const waitMs = (dueAt[done.length] as number) - clock.elapsed();
      if (waitMs > 0) return { againInMs: waitMs };
      done.push(clock.elapsed());
      return { againInMs: 0 };
    },
    due: async () => [],
  });
  for (let i = 0; i < 2; i++) engine.wake("send:a");
  for (let i = 0; i < 400; i++) await clock.advance(1);
  assert.deepEqual(done, [0, 300, 300, 300]);
});

test("a lost wake-up costs one sweep, and more lanes than one sweep holds are all found", async () => {
  const backlog = new Map<Lane, number>(Array.from({ length: 2_500 }, (_, i) => [`turn:${i}`, 1]));
  const { clock, engine, door } = engineOver(backlog, { turn: 500, send: 1 });
  await engine.start(door);
  for (let i = 0; i < 200 && [...backlog.values()].some(Boolean); i++) await clock.advance(1);
  assert.ok([...backlog.values()].every((left) => left === 0));
  backlog.set("send:late", 1);
  await clock.advance(1_000);
  assert.equal(backlog.get("send:late"), 0);
});

test("stopping waits for what runs and takes nothing new; what ignores the grace is aborted", async () => {
  const clock = createHandClock();
  const engine = createEmbeddedEngine({ clock, log, concurrency: { turn: () => 1, send: () => 1 } });
  const started: Lane[] = [];
  let aborted = false;
  await engine.start({
    work: (lane, signal) =>
      new Promise((resolve) => {
        started.push(lane);
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve({});
        });
      }),
    due: async () => [],
  });
  engine.wake("turn:a");
  engine.wake("turn:b");
  const stopped = engine.stop(5_000);
  await clock.advance(4_999);
  assert.equal(aborted, false);
  await clock.advance(1);
  await stopped;
  assert.equal(aborted, true);
  assert.deepEqual(started, ["turn:a"]);
});

test("work that throws is tried again by the sweep and holds up nobody", async () => {
  const clock = createHandClock();
  const engine = createEmbeddedEngine({ clock, log, concurrency: { turn: () => 1, send: () => 1 } });
  let tries = 0;
  let done = false;
  await engine.start({
    async work(lane) {
      if (lane === "turn:bad" && ++tries < 3) throw new Error("no disk");
      if (lane === "turn:good") done = true;
      return {};
    },
    due: async () => (tries < 3 ? ["turn:bad"] : []),
  });
  engine.wake("turn:good");
  await clock.advance(3_000);
  assert.equal(tries, 3);
  assert.equal(done, true);
});
