import assert from "node:assert/strict";
import { test } from "node:test";
import { openAccount } from "../../../test/contract/account.ts";
import { readSpec, startTelegramSimulator, tooMany } from "../../../test/simulators/telegram.ts";
import { type MenuCommand, menuOf } from "../../core/command-menu.ts";
import type { AccountConfiguration, Configuration } from "../../core/configuration.ts";
import type { AgentId } from "../../core/ids.ts";
import type { Agent } from "../../core/route.ts";
import telegram from "./index.ts";

const token = "123456:TEST_abcdefghijklmnopqrstuvwxyz-0123456";
const never = new AbortController().signal;
const help: MenuCommand = { name: "help", description: "what I understand" };
const human: MenuCommand = { name: "human", description: "talk to a person" };

async function opened(settings: object = {}) {
  const simulator = await startTelegramSimulator({ spec: readSpec() });
  const account = openAccount(telegram, { token, apiRoot: simulator.url, ...settings });
  const post = async (method: string, body: object) => {
    const answer = await fetch(`${simulator.url}/bot${token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { ok: boolean; description?: string; result: { command: string; description: string }[] };
  };
  return {
    simulator,
    post,
    show: (...commands: MenuCommand[]) => telegram.showCommands?.(account, commands, never),
    menu: async () => (await post("getMyCommands", {})).result.map(({ command, description }) => `${command}: ${description}`),
    writes: () => (simulator.calls.get("setMyCommands") ?? 0) + (simulator.calls.get("deleteMyCommands") ?? 0),
    async [Symbol.asyncDispose]() {
      assert.deepEqual(simulator.violations, []);
      await account.close();
      await simulator.close();
    },
  };
}

test("the menu is written where it is another, and not again", async () => {
  await using bot = await opened();
  assert.equal(await bot.show(help, human), undefined);
  assert.deepEqual(await bot.menu(), ["help: what I understand", "human: talk to a person"]);
  await bot.show(help, human);
  assert.equal(bot.writes(), 1);
  await bot.show(human);
  assert.deepEqual(await bot.menu(), ["human: talk to a person"]);
  await bot.show();
  assert.deepEqual(await bot.menu(), []);
  await bot.show();
  assert.equal(bot.writes(), 3, "there is nothing to take away twice");
});

test("a menu with commands of the operator's own stays", async () => {
  await using bot = await opened();
  await bot.post("setMyCommands", {
    commands: [
      { command: "ask", description: "ask" },
      { command: "help", description: "mine" },
    ],
  });
  assert.equal(await bot.show(help), undefined);
  assert.deepEqual(await bot.menu(), ["ask: ask", "help: mine"]);
});

test("no call is made where it isn't wanted, and a refusal is a fault", async () => {
  await using off = await opened({ commandMenu: false });
  await off.show(help);
  assert.equal(off.simulator.calls.size, 0);
  await using bot = await opened();
  bot.simulator.arrange({ method: "setMyCommands", what: tooMany(3) });
  assert.equal((await bot.show(help))?.code, "channel-retry");
});

test("everything that a gateway has fits into a menu, and the stand-in refuses what doesn't", async () => {
  await using bot = await opened();
  const main = "main" as AgentId;
  const agent = { id: main, commands: ["help", "status", "reset", "model", "stop", "human"] } as unknown as Agent;
  const all = menuOf(
    { routes: [{ agent: main }], agents: new Map([[main, agent]]) } as Pick<Configuration, "routes" | "agents">,
    {
      id: "bot",
      channel: "telegram",
    } as unknown as AccountConfiguration,
  );
  assert.equal(await bot.show(...all), undefined);
  assert.equal((await bot.menu()).length, 6);
  const one = { command: "a", description: "b" };
  const refused: [object, RegExp][] = [
    [{ commands: Array.from({ length: 101 }, () => one) }, /TOO_MUCH/],
    [{ commands: [{ ...one, command: "With-Dash" }] }, /COMMAND_INVALID/],
    [{ commands: [{ ...one, command: "x".repeat(33) }] }, /COMMAND_INVALID/],
    [{ commands: [{ ...one, description: "" }] }, /DESCRIPTION_INVALID/],
    [{ commands: [{ ...one, description: "x".repeat(257) }] }, /DESCRIPTION_INVALID/],
    [{ commands: [one], language_code: "german" }, /language code/],
  ];
  for (const [body, why] of refused) assert.match((await bot.post("setMyCommands", body)).description ?? "", why);
  assert.equal((await bot.menu()).length, 6);
});
