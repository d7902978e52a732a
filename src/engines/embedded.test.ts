import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock, settled } from "../../test/clock.ts";
import type { DuePage, EngineDoor, Lane, LaneOwner, Worked } from "../core/engine.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { createEmbeddedEngine } from "./embedded.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

const ann: LaneOwner = ownerOf("t/desk/ann");
const nothing = async (): Promise<DuePage> => ({ lanes: [] });

/** `tenant/account/sender`. */
function ownerOf(path: string): LaneOwner {
  const [tenant, account, sender = ""] = path.split("/") as [TenantId, AccountId, string];
  return { tenant, account, sender };
}

/** What a store says is due of these lanes, longest waiting first: those with something left. */
function pageOf(
  backlog: ReadonlyMap<Lane, number>,
  [kind, limit, after = "-1"]: Parameters<EngineDoor["due"]>,
  owner: (lane: Lane) => LaneOwner = () => ann,
): DuePage {
  const due = [...backlog.entries()]
    .map(([lane, left], place) => ({ lane, left, place, owner: owner(lane) }))
    .filter(({ lane, left, place }) => left > 0 && lane.startsWith(kind) && place > Number(after));
  const lanes = due.slice(0, limit);
  return due.length > limit ? { lanes, next: String(lanes.at(-1)?.place) } : { lanes };
}

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
    due: async (...page: Parameters<EngineDoor["due"]>) => pageOf(backlog, page),
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
  engine.wake("send:a", ann);
  backlog.set("send:a", 1);
  engine.wake("send:a", ann);
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
    due: nothing,
  });
  for (let i = 0; i < 3; i++) engine.wake("turn:a", ann);
  await clock.advance(1);
  engine.wake("turn:a", ann);
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
    due: nothing,
  });
  for (let i = 0; i < 2; i++) engine.wake("send:a", ann);
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
    work: (lane, _, signal) =>
      new Promise((resolve) => {
        started.push(lane);
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve({});
        });
      }),
    due: nothing,
  });
  engine.wake("turn:a", ann);
  engine.wake("turn:b", ann);
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
    due: async (...page) => pageOf(new Map([["turn:bad", tries < 3 ? 1 : 0]]), page),
  });
  engine.wake("turn:good", ann);
  await clock.advance(3_000);
  assert.equal(tries, 3);
  assert.equal(done, true);
});

/** Turns that end when told, over a counted backlog. */
function slowEngine({ turn = 4, room, accountTurns, owner }: SlowOptions = {}) {
  const clock = createHandClock();
  const backlog = new Map<Lane, number>();
  const options = {
    clock,
    log,
    concurrency: { turn: () => turn, send: () => 1 },
    ...(room && { room }),
    ...(accountTurns && { accountTurns }),
  };
  const engine = createEmbeddedEngine(options);
  const underWay = new Map<Lane, (worked: Worked) => void>();
  let runs = 0;
  const door: EngineDoor = {
    work: (lane) => {
      runs++;
      return new Promise((resolve) => underWay.set(lane, resolve));
    },
    due: async (...page) => pageOf(backlog, page, owner),
  };
  return {
    ...{ clock, engine, backlog, underWay },
    start: () => engine.start(door),
    runs: () => runs,
    /** The event is stored, and its lane is woken. */
    post(lane: Lane, of: LaneOwner) {
      backlog.set(lane, (backlog.get(lane) ?? 0) + 1);
      engine.wake(lane, of);
    },
    async end(lane: Lane, worked: Worked = { againInMs: 0 }) {
      const resolve = underWay.get(lane);
      assert.ok(resolve, `${lane} doesn't run`);
      underWay.delete(lane);
      if (!worked.waitsFor) backlog.set(lane, (backlog.get(lane) ?? 1) - 1);
      resolve(worked);
      await settled();
    },
  };
}

interface SlowOptions {
  readonly turn?: number;
  readonly room?: number;
  readonly accountTurns?: (account: AccountId) => number | undefined;
  readonly owner?: (lane: Lane) => LaneOwner;
}

test("a storm while everything is slow holds no more lanes than there is room for, and none is forgotten", async () => {
  const lanes = 10_000;
  const owner = (lane: Lane) => (lane === "turn:bob" ? ownerOf("t/desk/bob") : ownerOf("t/desk/loud"));
  const { engine, clock, backlog, underWay, start, post, end } = slowEngine({ room: 800, turn: 16, owner });
  await start();
  for (let i = 0; i < lanes; i++) {
    post(`turn:${i}`, owner(`turn:${i}`));
    if (i % 1_000 === 0) await clock.advance(1_000);
    assert.ok(engine.load().waiting <= 200, `${engine.load().waiting} lanes wait in memory`);
  }
  post("turn:bob", owner("turn:bob"));
  for (const lane of [...underWay.keys()].slice(0, 2)) await end(lane);
  assert.ok(underWay.has("turn:bob"), "who comes new isn't shut out by the storm");
  for (let looks = 0; underWay.size > 0 || looks < 3; looks++) {
    for (const [lane, resolve] of [...underWay]) {
      underWay.delete(lane);
      backlog.delete(lane);
      resolve({});
    }
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(engine.load().waiting <= 800);
    if (underWay.size === 0) await clock.advance(1_000);
    else looks = 0;
  }
  assert.ok(
    [...backlog.values()].every((left) => left === 0),
    "what found no room was left to the store and brought by a look at it",
  );
});

test("after a restart, who waits behind a storm in the store is found while the storm is stuck", async () => {
  const owner = (lane: Lane) => ownerOf(lane === "turn:bob" ? "t/desk/bob" : "t/desk/loud");
  const { clock, engine, backlog, underWay, start, runs, end } = slowEngine({ room: 800, turn: 2, owner });
  for (let i = 0; i < 6_500; i++) backlog.set(`turn:${i}`, 1);
  backlog.set("turn:bob", 1);
  await start();
  for (let look = 0; look < 4; look++) await clock.advance(1_000);
  assert.deepEqual([runs(), engine.load().waiting <= 202], [2, true]);
  for (const lane of [...underWay.keys()]) await end(lane, {});
  assert.ok(underWay.has("turn:bob"), "he isn't behind the six thousand");
});

test("a look that was asked for finds what stood in pages before", async () => {
  const owner = (lane: Lane) => ownerOf(lane === "turn:bob" ? "t/desk/bob" : "t/desk/loud");
  const { engine, backlog, underWay, start, end } = slowEngine({ turn: 2, owner });
  backlog.set("turn:bob", 1);
  for (let i = 0; i < 1_500; i++) backlog.set(`turn:${i}`, 1);
  await start();
  await end("turn:bob", {});
  // It couldn't go, and can now.
  backlog.set("turn:bob", 1);
  engine.look();
  await settled();
  for (const lane of [...underWay.keys()]) await end(lane);
  assert.ok(underWay.has("turn:bob"));
});

test("an account at its limit takes no worker's place, isn't tried in vain, and holds up no other", async () => {
  const accountTurns = (account: string) => (account === "desk" ? 2 : undefined);
  const { clock, engine, underWay, start, runs, post, end } = slowEngine({ turn: 8, accountTurns });
  await start();
  for (let i = 0; i < 20; i++) post(`turn:desk${i}`, ownerOf(`t/desk/s${i}`));
  for (let i = 0; i < 3; i++) post(`turn:shop${i}`, ownerOf(`t/shop/s${i}`));
  await clock.advance(3_000);
  assert.deepEqual([...underWay.keys()], ["turn:desk0", "turn:desk1", "turn:shop0", "turn:shop1", "turn:shop2"]);
  assert.deepEqual([runs(), engine.load()], [5, { running: 5, waiting: 18 }]);
  await end("turn:desk1");
  assert.deepEqual(
    [...underWay.keys()].filter((lane) => lane.includes("desk")),
    ["turn:desk0", "turn:desk2"],
  );
});

test("what waits at a gate takes no worker's place, and is called in turns by owner", async () => {
  const { clock, engine, underWay, start, runs, post, end } = slowEngine({ turn: 1 });
  const gate = { name: "g", open: false };
  await start();
  for (const lane of ["loud1", "loud2", "loud3", "ann"]) post(`turn:${lane}`, ownerOf(`t/desk/${lane.replace(/\d/, "")}`));
  for (const lane of ["turn:loud1", "turn:loud2", "turn:ann", "turn:loud3"] as const) await end(lane, { waitsFor: gate });
  post("turn:other", ownerOf("t/shop/eve"));
  await clock.advance(5_000);
  assert.deepEqual([[...underWay.keys()], runs(), engine.load()], [["turn:other"], 5, { running: 1, waiting: 4 }]);
  await end("turn:other");
  for (const lane of ["turn:loud1", "turn:ann", "turn:loud2", "turn:loud3"] as const) {
    assert.equal(engine.call("g"), lane);
    await end(lane);
  }
  assert.equal(engine.call("g"), undefined);
  post("turn:ann", ann);
  await end("turn:ann", { waitsFor: { name: "g", open: true } });
  assert.ok(underWay.has("turn:ann"), "a gate that opened meanwhile keeps nobody");
});
