import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startModelSimulator } from "../simulators/model.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

test("a server says itself how much its models read, and what is too much is planned, not refused", { timeout: 120_000 }, async (t) => {
  await using home = await temporaryHome();
  const models = await startModelSimulator({ cards: { echo: { max_model_len: 2_000 }, "chunks-50": { max_model_len: 9_000 } } });
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(async () => {
    await models.close();
    await telegram.close();
  });
  const sim = { kind: "openai-compatible", baseUrl: `${models.origin}/v1` };
  const configuration = {
    accounts: {
      bot: {
        ...{ channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll", streaming: false },
        access: { direct: "open" },
      },
    },
    providers: { sim: { ...sim, models: { "chunks-50": { context: 5_000 } } }, gone: { ...sim, baseUrl: "http://127.0.0.1:9/v1" } },
    agents: { main: { models: ["sim/echo", "sim/chunks-50", "sim/unlisted", "gone/echo"], limits: { maxOutputTokens: 500 } } },
  };
  const env = { TELEGRAM_TOKEN: telegram.token };
  const gateway = await startGatewayProcess({ home: home.path, configuration, env });
  t.after(() => gateway.kill());
  const headers = { "content-type": "application/json", origin: gateway.url };
  const owner = await fetch(`${gateway.url}/api/setup`, {
    ...{ method: "POST", headers },
    body: JSON.stringify({ token: setupToken, name: "Ada", password: "correct horse battery staple" }),
  });
  const cookie = owner.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const limitOf = async () => {
    const [story] = (await (await fetch(`${gateway.url}/api/stories?limit=1`, { headers: { cookie } })).json()) as { trace: string }[];
    const trace = (await (await fetch(`${gateway.url}/api/traces/${story?.trace}`, { headers: { cookie } })).json()) as {
      entries: { stage: string; detail?: { context?: { limit?: number } } }[];
    };
    return trace.entries.find(({ stage }) => stage === "model-start")?.detail?.context?.limit;
  };
  // The server is asked beside the work: a first turn doesn't wait for it.
  let limit: number | undefined;
  for (let said = 1; said <= 50 && limit === undefined; said++) {
    telegram.say(7, 7, "Hello");
    for (let i = 0; i < 1_200 && telegram.seen(7).length < said; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    limit = await limitOf();
  }
  assert.equal(limit, 1_500);

  const run = await promisify(execFile)(process.execPath, [main, "--json", "models", "list"], {
    env: { PATH: process.env.PATH, HOME: home.path, POLYLOGUE_HOME: home.path, ...env },
  });
  assert.deepEqual((JSON.parse(run.stdout) as { contexts: object[] }).contexts, [
    { model: "sim/echo", tokens: 2_000, from: "server" },
    { model: "sim/chunks-50", tokens: 5_000, from: "configuration" },
    { model: "sim/unlisted" },
    { model: "gone/echo" },
  ]);
});
