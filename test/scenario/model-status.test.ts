import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startModelSimulator } from "../simulators/model.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

interface Status {
  readonly model: string;
  readonly agents: readonly string[];
  readonly state?: string;
  readonly since?: number;
  readonly fault?: { readonly code: string; readonly message: string };
  readonly calls?: number;
  readonly failed?: number;
}

test("since when a model fails, and why, outlives the process that found out", async (t) => {
  await using home = await temporaryHome();
  const models = await startModelSimulator({ key: "sk-right-and-secret" });
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(async () => {
    await models.close();
    await telegram.close();
  });
  const sim = { kind: "openai-compatible", baseUrl: `${models.origin}/v1` };
  const configuration = {
    accounts: { bot: { channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll", streaming: false } },
    providers: { right: { ...sim, apiKey: "sk-right-and-secret" }, wrong: { ...sim, apiKey: "sk-wrong-and-secret" } },
    agents: { main: { models: ["wrong/echo", "right/echo"], summarise: ["right/chunks-3"] }, spare: { models: ["right/echo"] } },
    routes: [{ agent: "main" }],
  };
  const env = { TELEGRAM_TOKEN: telegram.token };
  const asked = () => {
    const run = spawnSync(process.execPath, [main, "--json", "models", "status"], {
      env: { PATH: process.env.PATH, HOME: home.path, POLYLOGUE_HOME: home.path, ...env },
      encoding: "utf8",
    });
    return { exit: run.status, models: JSON.parse(run.stdout) as Status[], out: run.stdout };
  };
  const from = Date.now();
  const gateway = await startGatewayProcess({ home: home.path, configuration, env });
  const post = (path: string, body: object) =>
    fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: gateway.url },
      body: JSON.stringify(body),
    });
  const owner = await post("/api/setup", { token: setupToken, name: "Ada", password: "correct horse battery staple" });
  const cookie = owner.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const api = async (url: string) => (await (await fetch(`${url}/api/models`, { headers: { cookie } })).json()) as Status[];
  assert.deepEqual(
    (await api(gateway.url)).map(({ model, agents, state, since }) => [model, agents.join(), state, since]),
    [
      ["wrong/echo", "main", "usable", undefined],
      ["right/echo", "main,spare", "usable", undefined],
      ["right/chunks-3", "main", "usable", undefined],
    ],
  );
  telegram.say(7, 7, "Hello");
  for (let i = 0; i < 600 && telegram.seen(7).length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(telegram.seen(7)[0]?.text, "You said: Hello");
  const [now] = await api(gateway.url);
  assert.deepEqual([now?.state, now?.fault?.code], ["failing", "provider-auth"]);
  await gateway.kill();

  const { exit, models: listed, out } = asked();
  assert.equal(exit, 1);
  const [wrong, right] = listed;
  assert.deepEqual([wrong?.model, wrong?.fault?.code, wrong?.calls, wrong?.failed], ["wrong/echo", "provider-auth", 1, 1]);
  assert.ok((wrong?.since ?? 0) >= from && (wrong?.since ?? 0) <= Date.now());
  assert.deepEqual([right?.model, right?.since, right?.calls, right?.failed], ["right/echo", undefined, 1, 0]);
  assert.ok(!out.includes("sk-wrong-and-secret"));

  const again = await startGatewayProcess({ home: home.path, configuration, env });
  t.after(() => again.kill());
  const [after] = await api(again.url);
  assert.deepEqual([after?.state, after?.since, after?.fault?.code], ["usable", wrong?.since, "provider-auth"]);
});
