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

/** Two bots: the one that answers people, and the one that tells operators. */
async function world(t: TestContext) {
  const [support, ops] = await Promise.all([bot(t, "111111"), bot(t, "222222")]);
  const home = await temporaryHome();
  t.after(() => home[Symbol.asyncDispose]());
  const env = { SUPPORT_TOKEN: support.token, OPS_TOKEN: ops.token };
  const configuration = (supportBot = { token: "${SUPPORT_TOKEN}", apiRoot: support.url }) => ({
    accounts: {
      support: { channel: "telegram", ...supportBot, access: { direct: "open" } },
      ops: { channel: "telegram", token: "${OPS_TOKEN}", apiRoot: ops.url, access: { direct: "off", group: "off" } },
    },
    http: { publicUrl: "https://gateway.example" },
    notices: {
      to: [
        { account: "ops", chat: operator },
        { account: "support", chat: operator },
      ],
      least: "error",
    },
  });
  return {
    ...{ support, ops, home: home.path, env, configuration },
    async start(more: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
      const gateway = await startGatewayProcess({ home: home.path, entry, env: { ...env, ...more } });
      t.after(() => gateway.kill());
      return gateway;
    },
    configure: (value: object) => writeFile(join(home.path, "polylogue.json5"), JSON.stringify(value)),
  };
}

async function bot(t: TestContext, id: string): Promise<TelegramSimulator> {
  const simulator = await startTelegramSimulator({ spec: readSpec(), token: `${id}:TEST_abcdefghijklmnopqrstuvwxyz-0123456` });
  t.after(() => simulator.close());
  // The operator pressed Start one day, long before there was this gateway.
  simulator.world.chat(operator);
  return simulator;
}

const told = (simulator: TelegramSimulator) => simulator.seen(operator).map((message) => message.text);

/** Asks until it is so; `what` is what a failure names. */
async function until(what: string, look: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!look()) {
    if (performance.now() > end) throw new Error(`it never came to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function cli(home: string, env: Readonly<Record<string, string>>, ...args: string[]) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [main, ...args, "--json"], {
    env: { PATH, HOME: home, POLYLOGUE_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { code: code as number, json: JSON.parse(out) as unknown };
}

test("a revoked token is told once by another account, also after a restart; then that it is over", async (t) => {
  const { support, ops, home, env, configuration, start, configure } = await world(t);
  await configure(configuration());
  const first = await start();
  await until("the bot is asked", () => support.updates.polled);
  support.revoke();
  // Its poll ends with this, and the next one is refused.
  support.say(7, 7, "hello");
  await until("the notice", () => told(ops).length > 0);
  const [notice = ""] = told(ops);
  assert.match(notice, /^Polylogue: 1 thing needs somebody\.\n\n✗ accounts\.support: .*401.*\n→ Make a new credential/);
  assert.ok(notice.endsWith("\n\nhttps://gateway.example/findings"), notice);
  assert.ok(!notice.includes(support.token));

  const shown = await findings(first.url);
  const refused = shown.find(({ code }) => code === "account-refused");
  assert.deepEqual(
    refused?.told.map(({ account, chat }) => [account, chat]),
    [["ops", String(operator)]],
  );
  assert.equal(await first.stop(), 0);

  const second = await start();
  await until("the refusal", () => second.log().includes("account-state") && /"account":"support".*refused/.test(second.log()));
  const listed = (await cli(home, env, "notices", "list")).json as { notices: { code: string; told: object[] }[] };
  assert.deepEqual(
    listed.notices.filter(({ code }) => code === "account-refused").map((one) => one.told.length),
    [1],
  );
  // The refused account can't take its test, so that one has to be taken back by hand.
  const tried = await cli(home, env, "notices", "test", "--wait", "3");
  assert.equal(tried.code, 1);
  const { places } = tried.json as { places: { place: string; state: string }[] };
  assert.deepEqual(places, [
    { place: `ops/${operator}`, state: "sent" },
    { place: `support/${operator}`, state: "queued" },
  ]);

  const fresh = await bot(t, "333333");
  await configure(configuration({ token: fresh.token, apiRoot: fresh.url }));
  await until("the end", () => told(ops).some((said) => said.includes("✓ Over")));
  const all = told(ops);
  assert.equal(all.length, 3, all.join("\n\n"));
  assert.match(all[1] ?? "", /this is a test/);
  assert.match(all[2] ?? "", /^Polylogue: 1 thing is over\.\n\n✓ Over after .*: accounts\.support: .*401/);
  assert.ok(![...told(support), ...told(fresh)].some((said) => said.includes("401")), "never at its own place");
  for (const simulator of [support, ops, fresh]) assert.deepEqual(simulator.violations, []);
});

for (const when of ["before", "after"] as const) {
  test(`killed ${when} the write that stores a notice: it arrives once`, async (t) => {
    const { support, ops, configuration, start, configure } = await world(t);
    support.revoke();
    await configure(configuration());
    const first = await start({ KILL: when });
    assert.equal(await first.ended, "SIGKILL");
    assert.deepEqual(told(ops), []);
    const second = await start();
    await until("the notice", () => told(ops).length > 0);
    // A repeat would stand before what is said of the end.
    const fresh = await bot(t, "333333");
    await configure(configuration({ token: fresh.token, apiRoot: fresh.url }));
    await until("the end", () => told(ops).some((said) => said.includes("✓ Over")));
    assert.deepEqual(
      told(ops).map((said) => said.slice(0, said.indexOf("."))),
      ["Polylogue: 1 thing needs somebody", "Polylogue: 1 thing is over"],
    );
    assert.equal(await second.stop(), 0);
  });
}

async function findings(url: string): Promise<{ code: string; since?: number; told: { account: string; chat: string; at: number }[] }[]> {
  const setup = await fetch(`${url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: setupToken, name: "ada", password: "correct horse battery staple" }),
  });
  const cookie = setup.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  return (await (await fetch(`${url}/api/findings`, { headers: { cookie } })).json()) as never;
}
