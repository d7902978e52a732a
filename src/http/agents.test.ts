import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestServer } from "../../test/http-server.ts";

test("an agent is previewed as a model reads it; versions are listed, strangers learn nothing", async () => {
  await using on = await startTestServer();
  const cookie = await on.setup();
  const set = { method: "PUT", cookie, body: { value: "You help {{user}} on {{channel}}." } };
  assert.equal((await on.ask("/api/settings/agents.main.instructions", set)).status, 200);
  const { json } = await on.ask("/api/agents/main/preview?channel=telegram&user=Ada", { cookie });
  const { version, ...shown } = json as { version: string };
  const steps = [{ role: "generate", models: ["demo/demo"], when: [], whenFails: "stop" }];
  assert.deepEqual(shown, { instructions: "You help Ada on telegram.", examples: [], tokens: 7, steps, handTo: [] });
  const [agent] = (await on.ask("/api/agents", { cookie })).json as unknown as { version: string }[];
  assert.equal(agent?.version, version);
  assert.deepEqual((await on.ask("/api/agents/main/versions", { cookie })).json, []);
  assert.equal((await on.ask("/api/agents/nobody/preview", { cookie })).status, 404);
  const drafted = (draft: object) => on.ask("/api/agents/main/preview", { method: "POST", cookie, body: { user: "Eve", draft } });
  const { json: tried } = await drafted({ instructions: "Shout at {{user}}.", "style.*": { length: "short" } });
  assert.match(String(tried.instructions), /^Shout at Eve\.\s+Answer in at most three/);
  assert.ok(Number(tried.tokens) > 0);
  assert.equal((await drafted({ colour: "red" })).json.error?.code, "config-invalid");
  assert.equal((await drafted({ instructions: "${HOME}" })).json.error?.code, "request-invalid");
  const { json: after } = await on.ask("/api/agents/main/preview?channel=telegram&user=Ada", { cookie });
  assert.deepEqual(after, json, "nothing of it stayed");
  assert.equal((await on.ask("/api/agents/main/preview")).status, 401);
});
