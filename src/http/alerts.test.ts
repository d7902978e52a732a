import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../../test/http-server.ts";
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
  ["a time that is none", { measure: "failed", above: 1, mutedUntil: "tomorrow" }],
] as const) {
  test(`refused: ${why}`, async () => {
    const { status, json } = await put("bad", rule);
    assert.equal(status, 422, JSON.stringify(json));
    assert.deepEqual((await server.ask("/api/alerts", { cookie })).json, []);
  });
}

test("what a rule would have said, where there is a past of it", async () => {
  const quiet = await post("/api/alerts/preview", { measure: "received", below: 1 });
  assert.deepEqual([quiet.status, quiet.json.kept, quiet.json.times], [200, true, 1]);
  assert.deepEqual((await post("/api/alerts/preview", { measure: "queued", above: 1 })).json, { kept: false, times: 0, points: [] });
  assert.equal((await post("/api/alerts/preview", { measure: "queued" })).status, 400);
});

test("a test goes to the rule's places, and says so when there is none", async () => {
  assert.equal((await post("/api/alerts/none/test")).status, 404);
  await put("failing", { measure: "failed", above: 1, to: [] });
  const { status, json } = await post("/api/alerts/failing/test");
  assert.equal(status, 409);
  assert.match(JSON.stringify(json), /notices-unset/);
});
