import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { type RedisServer, redisMissing, startRedis } from "../servers/redis.ts";
import { type SetClock, setClockMissing, startSetClock } from "../servers/set-clock.ts";
import { runCluster } from "./cluster/run.ts";

/** Three gateways on one PostgreSQL and one Redis, before six platforms, while everything between them fails. */
describe("three replicas", { skip: postgresMissing() || redisMissing() || setClockMissing() }, () => {
  let clock: SetClock;
  let database: PostgresServer;
  let engine: RedisServer;
  before(async () => {
    clock = await startSetClock();
    [database, engine] = await Promise.all([startPostgres({ env: clock.env }), startRedis()]);
  });
  after(() => Promise.all([database, engine, clock].map((part) => part[Symbol.asyncDispose]())));

  test("killed, restarted, frozen, cut off, with clocks that are set and a Redis that is emptied and restarted: nothing lost, nothing out of order", {
    timeout: 10 * 60_000,
  }, async (t) => {
    const outcome = await runCluster({
      ...{ database, clock, engine, replicas: 3, seed: 5 },
      crowd: {
        webhook: { chats: 20, words: 60 },
        telegram: { chats: 20, words: 25 },
        slack: { chats: 12, words: 25 },
        whatsapp: { chats: 20, words: 25 },
        matrix: { chats: 12, words: 25 },
        discord: { chats: 12, words: 25 },
      },
      troubles: [
        ...(["kill", "engine-flush", "clock", "restart", "store-hang-up", "engine-restart", "store-clock", "kill"] as const),
        ...(["freeze", "engine-cut", "clock", "store-cut", "kill"] as const),
      ],
      tell: (line) => t.diagnostic(line),
    });
    const { falls, ...figures } = outcome;
    t.diagnostic(JSON.stringify({ ...figures, falls: falls.length }));
    for (const fall of falls) t.diagnostic(fall.slice(-300));
    assert.deepEqual(outcome.lost, []);
    assert.deepEqual(outcome.inversions, []);
    assert.deepEqual(outcome.unexplained, []);
    assert.deepEqual(outcome.violations, []);
  });
});
