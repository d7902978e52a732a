import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../../test/http-server.ts";
import { mostAlerts } from "../core/alert.ts";
import { defaultTenant } from "../core/ids.ts";

let server: TestServer;
let cookie = "";
before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
});
after(() => server[Symbol.asyncDispose]());

const put = (name: string, value: unknown) => server.ask(`/api/settings/alerts.${name}`, { method: "PUT", cookie, body: { value } });
const post = (path: string, body: unknown = {}) => server.ask(path, { method: "POST", cookie, body });

test("a rule is a setting: checked, audited, shown with what is measured, and taken away", async () => {
  assert.equal((await put("quiet", { measure: "received", below: 1, hours: 3 })).status, 200);
  const [entry] = await server.store.records.auditLog(defaultTenant, { limit: 1 });
  assert.deepEqual([entry?.action, entry?.subject], ["setting-set", "alerts.quiet"]);
  assert.deepEqual((await server.ask("/api/alerts", { cookie })).json, [
    { id: "quiet", measure: "received", below: 1, hours: 3, forMinutes: 5, state: "pending", value: 0 },
  ]);
  const removed = await server.ask("/api/settings/alerts.quiet", { method: "DELETE", cookie });
  assert.equal(removed.status, 200);
  assert.deepEqual((await server.ask("/api/alerts", { cookie })).json, []);
});

for (const [why, rule] of [
  ["no threshold", { measure: "failed" }],
  ["two", { measure: "failed", above: 1, below: 3 }],
  ["no such measure", { measure: "mood", above: 1 }],
  ["the queue of one agent", { measure: "queued", above: 1, agent: "main" }],
  ["messages that an agent received", { measure: "received", above: 1, agent: "main" }],
  ["a threshold that is no number", { measure: "failed", above: "many" }],
  ["waiting people over minutes", { measure: "waiting", above: 1, minutes: 5 }],
  ["both hours and minutes", { measure: "failed", above: 1, hours: 1, minutes: 5 }],
  ["an hour in minutes", { measure: "failed", above: 1, minutes: 60 }],
  ["conversations handed to people within minutes", { measure: "handed-share", above: 1, minutes: 5 }],
  ["an account that is down at an agent's", { measure: "accounts-down", above: 0, agent: "main" }],
  ["a time that is none", { measure: "failed", above: 1, mutedUntil: "tomorrow" }],
] as const) {
  test(`refused: ${why}`, async () => {
    const { status, json } = await put("bad", rule);
    assert.equal(status, 422, JSON.stringify(json));
    assert.deepEqual((await server.ask("/api/alerts", { cookie })).json, []);
  });
}

test("minutes in place of hours, and what is known of one account or agent alone", async () => {
  const rule = { measure: "failed", above: 3, minutes: 10, repeatHours: 2, channel: "telegram", agent: "main" };
  assert.equal((await put("quick", rule)).status, 200);
  assert.equal((await put("spent", { measure: "cost-today", above: 0.5, agent: "main" })).status, 200);
  assert.equal((await put("down", { measure: "accounts-down", above: 0, channel: "telegram", forMinutes: 0 })).status, 200);
  const shown = (await server.ask("/api/alerts", { cookie })).json as unknown as { readonly [key: string]: unknown }[];
  const of = (id: string) => shown.find((alert) => alert.id === id);
  assert.deepEqual(of("quick"), { id: "quick", hours: 1, forMinutes: 5, state: "ok", value: 0, ...rule });
  assert.deepEqual([of("spent")?.state, of("spent")?.value], ["ok", 0]);
  assert.deepEqual([of("down")?.state, of("down")?.value], ["ok", 0]);
  for (const name of ["quick", "spent", "down"]) await server.ask(`/api/settings/alerts.${name}`, { method: "DELETE", cookie });
});

test("one rule too many is refused with its reason, whatever its name", async () => {
  const rule = { measure: "queued", above: 1 };
  for (let n = 0; n < mostAlerts; n++) assert.equal((await put(`rule-${n}`, rule)).status, 200);
  for (const name of ["aaa", "zzz"]) {
    const { status, json } = await put(name, rule);
    assert.equal(status, 422);
    assert.match(JSON.stringify(json), /50/);
  }
  assert.equal((await put("rule-7", { ...rule, above: 2 })).status, 200, "what is there can be changed");
  assert.equal((await server.ask("/api/alerts", { cookie })).json.length, mostAlerts);
  for (let n = 0; n < mostAlerts; n++) await server.ask(`/api/settings/alerts.rule-${n}`, { method: "DELETE", cookie });
});

test("what a rule would have said, where there is a past of it", async () => {
  const quiet = await post("/api/alerts/preview", { measure: "received", below: 1 });
  assert.deepEqual([quiet.status, quiet.json.kept, quiet.json.times], [200, true, 1]);
  const queued = await post("/api/alerts/preview", { measure: "queued", above: 1 });
  assert.deepEqual(queued.json, { kept: false, times: 0, points: [], value: 0 });
  const quick = await post("/api/alerts/preview", { measure: "received", above: 1, minutes: 5 });
  assert.deepEqual([quick.json.kept, quick.json.times, quick.json.value], [true, 0, 0]);
  assert.equal((await post("/api/alerts/preview", { measure: "queued" })).status, 400);
});

test("a test goes to the rule's places, and says so when there is none", async () => {
  assert.equal((await post("/api/alerts/none/test")).status, 404);
  await put("failing", { measure: "failed", above: 1, to: [] });
  const { status, json } = await post("/api/alerts/failing/test");
  assert.equal(status, 409);
  assert.match(JSON.stringify(json), /notices-unset/);
});
