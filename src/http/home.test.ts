import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { answerOf, arrive, begin, said, send, value } from "../../test/contract/store/fixture.ts";
import { startTestServer } from "../../test/http-server.ts";
import { defaultTenant } from "../core/ids.ts";
import { tellLedger } from "../core/live.ts";

interface Home {
  readonly perMinute: number;
  readonly minutes: readonly { received: number; errors: number }[];
  readonly errors: number;
  readonly latency: { count: number };
  readonly today: { tokens: number; usd: number; calls: number; unpriced: number };
  readonly queue: { waiting: number; sending: number; stuck: number };
  readonly accounts: { ready: number; refused: number };
  readonly people: { waiting: number; since?: number };
}

test("the front room's figures are those of the store, the ledger and the accounts", async () => {
  const clock = createHandClock();
  await using server = await startTestServer({ clock });
  const cookie = await server.setup();
  const look = async () => (await server.ask("/api/home", { cookie })).json as unknown as Home;
  assert.equal((await server.ask("/api/home")).status, 401);
  const empty = await look();
  assert.deepEqual(empty.queue, { waiting: 0, sending: 0, stuck: 0 });
  assert.deepEqual(empty.today, { tokens: 0, usd: 0, calls: 0, unpriced: 0 });
  assert.equal(empty.minutes.length, 60);
  assert.deepEqual(empty.people, { waiting: 0 });

  const { store, live } = server;
  const tell = tellLedger(live);
  const { event, conversation } = await arrive(store, said("first"));
  tell([{ tenant: defaultTenant, trace: event, stage: "received", at: clock.now() }], conversation);
  assert.deepEqual((await look()).queue, { waiting: 1, sending: 0, stuck: 0 });
  assert.equal((await look()).perMinute, 1);

  const running = await begin(store, conversation);
  const usage = { input: 40, cachedInput: 0, output: 2, reported: true } as const;
  const price = { source: "test", perMillion: { input: 1 } };
  const call = { ...running.call, startedAt: clock.now(), endedAt: clock.now(), usage, cost: { amount: 2_000_000, price } };
  value(await store.finishTurn(running.lease, answerOf(running, "an answer", { calls: [call] })));
  assert.deepEqual((await look()).queue, { waiting: 0, sending: 1, stuck: 0 });
  await send(store, conversation, { kind: "refused", code: "channel-permanent", message: "blocked" });
  tell([{ tenant: defaultTenant, trace: event, stage: "delivery-fail", at: clock.now() }], conversation);
  await clock.advance(1_000);
  const end = await look();
  assert.deepEqual(end.today, { tokens: 42, usd: 0.002, calls: 1, unpriced: 0 });
  assert.deepEqual(end.queue, { waiting: 0, sending: 0, stuck: 1 });
  assert.equal(end.errors, 1);
  assert.equal(end.latency.count, 0);
});
