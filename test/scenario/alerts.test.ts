import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { readSpec, startTelegramSimulator, type TelegramSimulator } from "../simulators/telegram.ts";

const entry = fileURLToPath(new URL("./notices/gateway.ts", import.meta.url));
const operator = 4711;

async function bot(t: TestContext, id: string): Promise<TelegramSimulator> {
  const simulator = await startTelegramSimulator({ spec: readSpec(), token: `${id}:TEST_abcdefghijklmnopqrstuvwxyz-0123456` });
  t.after(() => simulator.close());
  simulator.world.chat(operator);
  return simulator;
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`it never came to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("an alert is told once where its rule says, also after kill -9, and that it is over", async (t) => {
  const [support, ops] = await Promise.all([bot(t, "111111"), bot(t, "222222")]);
  const home = await temporaryHome();
  t.after(() => home[Symbol.asyncDispose]());
  const configuration = {
    accounts: {
      support: { channel: "telegram", token: "${SUPPORT_TOKEN}", apiRoot: support.url, access: { direct: "open" } },
      ops: { channel: "telegram", token: "${OPS_TOKEN}", apiRoot: ops.url, access: { direct: "off", group: "off" } },
    },
    agents: { main: { models: ["demo/demo"], handover: { patterns: ["refund"] } } },
    // All other findings are told nowhere.
    alerts: { waiting: { measure: "waiting", above: 1, forMinutes: 0, to: [{ account: "ops", chat: operator }] } },
  };
  await writeFile(join(home.path, "polylogue.json5"), JSON.stringify(configuration));
  const start = async (): Promise<GatewayProcess> => {
    const gateway = await startGatewayProcess({
      ...{ home: home.path, entry, env: { SUPPORT_TOKEN: support.token, OPS_TOKEN: ops.token } },
    });
    t.after(() => gateway.kill());
    return gateway;
  };
  const told = () => ops.seen(operator).map(({ text }) => text);

  const first = await start();
  const body = JSON.stringify({ token: setupToken, name: "ada", password: "correct horse battery staple" });
  const json = { "content-type": "application/json" };
  const setup = await fetch(`${first.url}/api/setup`, { method: "POST", headers: json, body });
  const cookie = setup.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  const ask = async (url: string, path: string) => (await (await fetch(url + path, { headers: { cookie } })).json()) as never;
  const standing = async (url: string) => ((await ask(url, "/api/alerts")) as { state: string; value: number; toldAt?: number }[])[0];

  support.say(1, 1, "a refund please");
  await until("one waits", async () => (await standing(first.url))?.value === 1);
  assert.equal((await standing(first.url))?.state, "ok", "one isn't more than one");
  support.say(2, 2, "a refund, too");
  await until("the message", () => told().length > 0);
  assert.match(told()[0] ?? "", /alerts\.waiting: The alert waiting fires: conversations that wait for a person: 2, more than 1\./);
  const fired = await standing(first.url);
  assert.equal(fired?.state, "firing");
  assert.ok(fired?.toldAt);
  await first.kill();

  const second = await start();
  await until("it was looked at", async () => (await standing(second.url))?.state === "firing");
  // Longer than it takes to look at alerts and findings several times.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert.equal(told().length, 1, told().join("\n\n"));
  const findings = (await ask(second.url, "/api/findings")) as { code: string; subject: string }[];
  assert.ok(findings.some(({ code, subject }) => code === "alert-firing" && subject === "alerts.waiting"));

  const waiting = (await ask(second.url, "/api/conversations?state=waiting")) as { id: string; controlVersion: number }[];
  const [one] = waiting;
  assert.ok(one, JSON.stringify(waiting));
  const origin = new URL(second.url).origin;
  const back = await fetch(`${second.url}/api/conversations/${one.id}/control`, {
    ...{ method: "PUT", headers: { cookie, origin, ...json } },
    body: JSON.stringify({ control: "agent", version: one.controlVersion }),
  });
  assert.equal(back.status, 200, await back.text());
  await until("the end", () => told().some((text) => text.includes("✓ Over")));
  assert.equal(told().length, 2, told().join("\n\n"));
  const firings = (await ask(second.url, "/api/alerts/firings")) as { alert: string; endedAt?: number; value: number }[];
  assert.deepEqual([firings.length, firings[0]?.value, firings[0]?.endedAt !== undefined], [1, 2, true]);
});
