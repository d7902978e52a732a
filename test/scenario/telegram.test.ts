import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { readSpec, startTelegramSimulator } from "../simulators/telegram.ts";

const run = promisify(execFile);
const chats = [101, 102, 103, 104];
const rounds = 4;
const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

/** Until it holds, however slow the machine is; the test's own limit ends it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(20);
}

function configurationFor(telegram: { token: string; url: string }) {
  return {
    accounts: { bot: { channel: "telegram", token: telegram.token, apiRoot: telegram.url, onUnknown: "resend", streaming: "off" } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
}

/**
 * Telegram has no key against doubles, so the account says `resend`: each kill explains one double in a chat, and nothing is answered in
 * parts or not at all.
 */
test("Telegram: albums are answered once each, through kill -9", { timeout: 240_000 }, async (t) => {
  await using home = await temporaryHome();
  const telegram = await startTelegramSimulator({ spec: readSpec() });
  t.after(() => telegram.close());
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const live = async () => {
    gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor(telegram) });
  };
  const answersIn = (chat: number) => telegram.seen(chat).map(({ text }) => /word-(\d+)/.exec(text)?.[1] ?? text);
  const answered = () => chats.reduce((sum, chat) => sum + answersIn(chat).length, 0);

  await live();
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    // The words are under the second picture.
    for (const chat of chats)
      telegram.people.sendAlbum(chat, chat, [{ bytes: jpeg }, { bytes: jpeg, caption: `say word-${round}` }, { bytes: jpeg }]);
    if (round === rounds - 1) break;
    const before = answered();
    await until(() => answered() > before);
    await gateway?.kill();
    kills++;
    await live();
  }
  await until(() => chats.every((chat) => new Set(answersIn(chat)).size === rounds));
  const wanted = Array.from({ length: rounds }, (_, round) => String(round));
  for (const chat of chats) {
    const answers = answersIn(chat);
    assert.deepEqual([...new Set(answers)], wanted, `${chat}: ${answers}`);
    assert.ok(answers.length - rounds <= kills, `${chat}: ${answers}`);
  }
  assert.equal(await gateway?.stop(), 0);
  assert.deepEqual(telegram.violations, []);
});

test("Telegram: a group moves, operators react and take back", { timeout: 120_000 }, async (t) => {
  await using home = await temporaryHome();
  const telegram = await startTelegramSimulator({ spec: readSpec() });
  t.after(() => telegram.close());
  const gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor(telegram) });
  t.after(() => gateway.kill());
  const [group, supergroup] = [-55, -1_000_000_000_055];
  telegram.say(group, 7, "/ask say word-1");
  await until(() => telegram.seen(group).length === 1);
  telegram.people.migrate(group, supergroup, 7);
  const said = telegram.say(supergroup, 7, "/ask say word-2");
  await until(() => telegram.seen(supergroup).length === 1);

  const owner = { token: setupToken, name: "Ada", password: "correct horse battery staple" };
  const json = { "content-type": "application/json" };
  const setup = await fetch(`${gateway.url}/api/setup`, { method: "POST", headers: json, body: JSON.stringify(owner) });
  const headers = { ...json, origin: gateway.url.replace(/\/$/, ""), cookie: setup.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  const ask = async (path: string, body?: object) => {
    const answer = await fetch(new URL(path, gateway.url), body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
    return { status: answer.status, json: (await answer.json()) as never };
  };
  const conversations = (await ask("/api/conversations")).json as { id: string; chat: { id: string } }[];
  assert.deepEqual(
    conversations.map(({ chat }) => chat.id),
    [String(supergroup)],
    "it is one conversation",
  );
  const stored = async () =>
    (await ask(`/api/conversations/${conversations[0]?.id}/messages`)).json as {
      id: string;
      direction: string;
      parts: { text: string }[];
    }[];
  const [answer, question, before] = await stored();
  assert.deepEqual([answer?.direction, question?.direction, before?.direction], ["out", "in", "out"]);

  assert.equal((await ask(`/api/messages/${question?.id}/react`, { reaction: "👍" })).status, 200);
  assert.equal(telegram.world.chats.get(supergroup)?.messages.get(said)?.reaction, "👍");
  const behind = await ask(`/api/messages/${before?.id}/take-back`, {});
  assert.equal(behind.status, 502, "what was said in the group isn't in the supergroup");
  assert.equal(telegram.seen(supergroup).length, 1);

  // From the command line, beside the gateway that runs.
  const polylogue = async (...words: string[]) => {
    const { stdout } = await run(process.execPath, ["src/main.ts", ...words, "--json"], {
      env: { ...process.env, POLYLOGUE_HOME: home.path },
    });
    return JSON.parse(stdout) as object;
  };
  await polylogue("messages", "react", String(question?.id));
  assert.equal(telegram.world.chats.get(supergroup)?.messages.get(said)?.reaction, undefined);
  assert.deepEqual(await polylogue("messages", "take-back", String(answer?.id)), { message: answer?.id, lost: 0 });
  assert.deepEqual(telegram.seen(supergroup), []);
  assert.equal((await stored())[0]?.parts[0]?.text, "[deleted]");
  assert.equal(await gateway.stop(), 0);
  assert.deepEqual(telegram.violations, []);
});

test("Telegram: the menu follows the agents, and an account whose menu can't be written answers all the same", {
  timeout: 90_000,
}, async (t) => {
  await using home = await temporaryHome();
  const telegram = await startTelegramSimulator({ spec: readSpec() });
  t.after(() => telegram.close());
  telegram.world.chat(101);
  telegram.arrange({ method: "getMyCommands", times: 1, what: { kind: "error", status: 500, description: "Internal Server Error" } });
  const configuration = configurationFor(telegram);
  let gateway = await startGatewayProcess({ home: home.path, configuration });
  t.after(() => gateway.kill());
  telegram.say(101, 101, "say word-1");
  await until(() => telegram.seen(101).some(({ text }) => text.includes("word-1")));
  assert.deepEqual(telegram.menus.shown, []);

  await gateway.kill();
  gateway = await startGatewayProcess({ home: home.path });
  await until(() => telegram.menus.shown.length > 0);
  assert.deepEqual(telegram.menus.shown, ["help", "status", "reset", "stop", "human"]);
  const headers = { "content-type": "application/json", origin: gateway.url };
  const ask = (path: string, body: object, method = "POST", cookie = "") =>
    fetch(gateway.url + path, { method, headers: { ...headers, cookie }, body: JSON.stringify(body) });
  const owner = await ask("/api/setup", { token: setupToken, name: "ada", password: "correct horse battery staple" });
  const cookie = String(owner.headers.get("set-cookie")).split(";")[0] as string;
  const changed = await ask("/api/settings/agents.main.commands", { value: ["human", "help"] }, "PUT", cookie);
  assert.equal(changed.status, 200, await changed.text());
  await until(() => telegram.menus.shown.length === 2);
  assert.deepEqual(telegram.menus.shown, ["help", "human"]);

  await gateway.kill();
  const writes = telegram.calls.get("setMyCommands");
  const reads = telegram.calls.get("getMyCommands") ?? 0;
  gateway = await startGatewayProcess({ home: home.path });
  await until(() => (telegram.calls.get("getMyCommands") ?? 0) > reads);
  telegram.say(101, 101, "say word-2");
  await until(() => telegram.seen(101).some(({ text }) => text.includes("word-2")));
  assert.equal(telegram.calls.get("setMyCommands"), writes, "it stood there already");
  assert.deepEqual(telegram.violations, []);
});
