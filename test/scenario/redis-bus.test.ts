import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Bus } from "../../src/core/bus.ts";
import type { Log } from "../../src/core/log.ts";
import { openRedisBus } from "../../src/engines/redis-bus.ts";
import { systemClock as clock } from "../../src/system-clock.ts";
import { type Line, startLine } from "../servers/line.ts";
import { type RedisServer, redisMissing, startRedis } from "../servers/redis.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

describe("the bus on a real Redis", { skip: redisMissing() }, () => {
  let server: RedisServer;
  let line: Line;
  let clusters = 0;
  const buses: Bus[] = [];
  before(async () => {
    server = await startRedis();
    line = await startLine(server);
  });
  after(async () => {
    for (const bus of buses) await bus.close();
    await line[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function openAll(count: number, options: { readonly url?: string; readonly cluster?: string; readonly back?: () => void } = {}) {
    const { url = server.url, cluster = `c${clusters++}`, back = () => {} } = options;
    const opened = await Promise.all(Array.from({ length: count }, (_, self) => openRedisBus({ url, self, cluster, clock, log, back })));
    buses.push(...opened);
    return opened as [Bus, Bus, ...Bus[]];
  }

  async function until(what: string, done: () => boolean): Promise<void> {
    for (const late = performance.now() + 20_000; !done(); await wait(20)) assert.ok(performance.now() < late, what);
  }

  test("what is told to others reaches all but the teller, in order; what is told to one reaches that one", async () => {
    const heard: string[][] = [[], [], []];
    const all = await openAll(3);
    for (const [n, bus] of all.entries()) bus.hear("word", (what, from) => void heard[n]?.push(`${from}:${what}`));
    for (let n = 0; n < 100; n++) all[0].tell("others", "word", n);
    all[1].tell(2, "word", "you");
    all[1].tell(2, "nobody listens to this", "you");
    await until("all is heard", () => heard[1]?.length === 100 && heard[2]?.length === 101);
    assert.deepEqual(
      heard[1],
      Array.from({ length: 100 }, (_, n) => `0:${n}`),
    );
    assert.deepEqual(heard[0], []);
  });

  test("gateways of another store hear nothing", async () => {
    const [one] = await openAll(1);
    const [, strange] = await openAll(2);
    let heard = 0;
    strange.hear("word", () => void heard++);
    one.tell("others", "word", 1);
    one.tell(1, "word", 1);
    const [near, far] = await openAll(2);
    const over = new Promise<void>((resolve) => far.hear("over", () => resolve()));
    near.tell("others", "over", 1);
    await over;
    assert.equal(heard, 0);
  });

  test("a question is answered; one that nobody answers ends with nothing", async () => {
    const [one, two] = await openAll(2);
    two.answer("twice", async (what) => Number(what) * 2);
    two.answer("fail", async () => Promise.reject(new Error("no")));
    assert.equal(await one.ask(1, "twice", 21, 2_000), 42);
    assert.equal(await one.ask(1, "fail", 1, 100), undefined);
    assert.equal(await one.ask(7, "twice", 1, 100), undefined);
  });

  test("a server that is emptied, restarted, or cut off silently: it says since when, and words go through again by themselves", async () => {
    let back = 0;
    const [one, two] = await openAll(2, { url: `redis://127.0.0.1:${line.port}`, back: () => void back++ });
    const heard: unknown[] = [];
    two.hear("word", (what) => void heard.push(what));
    const saying = async (what: string) => {
      await until(`${what} is heard`, () => {
        one.tell("others", "word", what);
        return heard.includes(what);
      });
    };
    await saying("at first");
    server.ask("FLUSHALL");
    await saying("emptied");
    await server.stop();
    await until("it is noticed", () => one.cutSince !== undefined && two.cutSince !== undefined);
    one.tell("others", "word", "lost");
    await server.start();
    await saying("restarted");
    await until("both are told that it is back", () => back >= 2);
    line.cut();
    await until("silence is noticed", () => one.cutSince !== undefined && two.cutSince !== undefined);
    line.mend();
    await saying("mended");
    assert.equal(heard.includes("lost"), false);
    assert.equal(one.cutSince, undefined);
  });

  test("a start doesn't wait for a server that isn't there", async () => {
    const began = performance.now();
    const bus = await openRedisBus({ url: "redis://127.0.0.1:1", self: 1, cluster: "none", clock, log, back() {} });
    buses.push(bus);
    assert.notEqual(bus.cutSince, undefined);
    bus.tell("others", "word", 1);
    assert.ok(performance.now() - began < 60_000);
  });
});
