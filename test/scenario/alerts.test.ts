import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { readSpec, startTelegramSimulator, type TelegramSimulator } from "../simulators/telegram.ts";

const entry = fileURLToPath(new URL("./notices/gateway.ts", import.meta.url));
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const operator = 4711;

async function cli(home: string, env: Readonly<Record<string, string>>, ...args: string[]): Promise<{ code: number; out: string }> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    ...{ env: { PATH, HOME: home, POLYLOGUE_HOME: home, ...env }, stdio: ["ignore", "pipe", "inherit"] },
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { code: code as number, out };
}

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

test("an account that is down, and messages within minutes; what would be said is looked at and sent from the command line", async (t) => {
  const [support, ops] = await Promise.all([bot(t, "111111"), bot(t, "222222")]);
  const home = await temporaryHome();
  t.after(() => home[Symbol.asyncDispose]());
  const to = [{ account: "ops", chat: operator }];
  const configuration = {
    accounts: {
      support: { channel: "telegram", token: "${SUPPORT_TOKEN}", apiRoot: support.url, access: { direct: "open" } },
      ops: { channel: "telegram", token: "${OPS_TOKEN}", apiRoot: ops.url, access: { direct: "off", group: "off" } },
    },
    agents: { main: { models: ["demo/demo"] } },
    alerts: {
      down: { measure: "accounts-down", above: 0, account: "support", forMinutes: 0, to },
      crowd: { measure: "received", above: 1, minutes: 5, channel: "telegram", forMinutes: 0, to },
    },
  };
  await writeFile(join(home.path, "polylogue.json5"), JSON.stringify(configuration));
  const env = { SUPPORT_TOKEN: support.token, OPS_TOKEN: ops.token };
  const gateway = await startGatewayProcess({ home: home.path, entry, env });
  t.after(() => gateway.kill());
  const told = () => ops.seen(operator).map(({ text }) => text);

  const calm = await cli(home.path, env, "alerts", "test", "crowd");
  assert.match(
    calm.out,
    /^crowd: messages received \(telegram\): 0, more than 1, in this minute and 5 before it\.\nIt wouldn't fire now\./,
  );
  assert.equal(told().length, 0, "a look sends nothing");
  const sent = await cli(home.path, env, "alerts", "test", "crowd", "--send");
  assert.deepEqual([sent.code, sent.out], [0, `✓ ops/${operator}: it arrived\n`]);
  assert.match(
    told()[0] ?? "",
    /^Polylogue: this is a test.*\n\n.*\n\n! alerts\.crowd: The alert crowd fires: messages received \(telegram\): 0,/,
  );

  for (const chat of [1, 2]) support.say(chat, chat, "hello");
  await until("the crowd", () => told().some((text) => /The alert crowd fires: messages received \(telegram\): 2/.test(text)));
  assert.match((await cli(home.path, env, "alerts", "test", "crowd")).out, /It fires since /);
  support.revoke();
  support.say(3, 3, "hello?");
  await until("the account that is down", () => told().some((text) => text.includes("accounts that are down (support): 1, more than 0")));
  assert.ok(!told().some((text) => text.includes(support.token)));
});
