import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answerOf, arrive, begin, newCall, value } from "../../test/contract/store/fixture.ts";
import { startTestServer, type TestServer } from "../../test/http-server.ts";
import { type AgentId, defaultTenant } from "../core/ids.ts";
import { nanoUsd } from "../core/money.ts";

const noon = Date.UTC(2026, 10, 22, 12);
let server: TestServer;
let cookie = "";
before(async () => {
  const clock = { now: () => noon, elapsed: () => 0, after: () => () => {} };
  const price = { source: "test", perMillion: { input: 1 } };
  const cost = ({ provider }: { provider: string }) => (provider === "known" ? { amount: nanoUsd(0.5), price } : undefined);
  server = await startTestServer({ clock, cost });
  cookie = await server.setup();
  const { conversation } = await arrive(server.store);
  const running = await begin(server.store, conversation);
  const usage = { input: 60, cachedInput: 10, output: 20, reported: true };
  const call = { ...newCall(running.call), agent: "main" as AgentId, endedAt: noon + 5, usage, cost: { amount: nanoUsd(0.25), price } };
  value(await server.store.finishTurn(running.lease, answerOf(running, "yes", { calls: [call] })));
});
after(() => server[Symbol.asyncDispose]());

test("cost by what is asked for", async () => {
  const { json } = await server.ask("/api/cost?by=agent,model", { cookie });
  assert.deepEqual(json, [
    { of: { agent: "main", model: "demo-1" }, calls: 1, failed: 0, unpriced: 0, input: 60, cachedInput: 10, output: 20, usd: 0.25 },
  ]);
  assert.deepEqual((await server.ask("/api/cost?from=2026-10-01&to=2026-10-31", { cookie })).json, []);
  assert.deepEqual((await server.ask("/api/cost?channel=elsewhere", { cookie })).json, []);
});

test("what makes no sense is refused by name", async () => {
  for (const query of ["by=colour", "from=yesterday", "limit=0", "nonsense=1"]) {
    const { status, json } = await server.ask(`/api/cost?${query}`, { cookie });
    assert.equal(status, 400, query);
    assert.match(JSON.stringify(json), new RegExp(query.split("=")[0] as string));
  }
});

test("forecast and what-if say when they know nothing", async () => {
  assert.deepEqual((await server.ask("/api/cost/forecast", { cookie })).json, {});
  assert.deepEqual((await server.ask("/api/cost/what-if?model=known/big", { cookie })).json, { calls: 1, usd: 0.25, instead: 0.5 });
  assert.deepEqual((await server.ask("/api/cost/what-if?model=unknown/big", { cookie })).json, { calls: 1, usd: 0.25 });
});

test("budgets are shown as they stand, and raised by admins", async () => {
  await writeFile(join(server.home, "polylogue.json5"), `{ budgets: { month: { usd: 5, atLimit: "wait" } } }`);
  const put = await server.ask("/api/settings/budgets.day", {
    method: "PUT",
    cookie,
    body: { value: { per: "sender", every: "day", tokens: 100 } },
  });
  assert.equal(put.status, 200, JSON.stringify(put.json));
  const raise = (id: string, body: unknown) => server.ask(`/api/budgets/${id}/raise`, { method: "POST", cookie, body });
  assert.equal((await raise("day", { key: "web/ada", tokens: 50 })).status, 200);
  assert.equal((await raise("day", {})).status, 400);
  assert.equal((await raise("none", { usd: 1 })).status, 404);
  const { json } = await server.ask("/api/budgets", { cookie });
  const day = (json as unknown as { id: string }[]).find(({ id }) => id === "day");
  assert.deepEqual(day, {
    ...{ id: "day", per: "sender", every: "day", tokens: 100, atLimit: "stop", models: [] },
    windows: [
      {
        ...{ key: "web/ada", window: "2026-11-22", used: 0, tokens: 0, usd: 0 },
        ...{ reservedTokens: 0, reservedUsd: 0, extraTokens: 50, extraUsd: 0 },
      },
    ],
  });
  const [entry] = await server.store.records.auditLog(defaultTenant, { limit: 1 });
  assert.deepEqual([entry?.action, entry?.subject], ["budget-raise", "day"]);
});
