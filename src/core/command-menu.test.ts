import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandName } from "./command.ts";
import { menuOf } from "./command-menu.ts";
import type { AccountConfiguration } from "./configuration.ts";
import type { AccountId, AgentId } from "./ids.ts";
import type { Agent, Route } from "./route.ts";

const account = { id: "bot" as AccountId, channel: "telegram" } as AccountConfiguration;
const allowed: { readonly [agent: string]: readonly CommandName[] } = {
  wide: ["help", "status", "reset", "stop", "human", "model"],
  narrow: ["human", "help"],
  mute: [],
};
const agents = new Map(Object.entries(allowed).map(([id, commands]) => [id as AgentId, { id, commands } as unknown as Agent]));
const to = (agent: string, more: Partial<Route> = {}): Route => ({ agent: agent as AgentId, ...more });
const names = (...routes: Route[]) => menuOf({ routes, agents }, account).map(({ name }) => name);

const cases: readonly [string, readonly Route[], readonly CommandName[]][] = [
  ["all that its one agent allows", [to("wide")], ["help", "status", "reset", "model", "stop", "human"]],
  ["what each of its agents allows", [to("narrow", { when: { kind: "group" } }), to("wide")], ["help", "human"]],
  ["nothing where one of them allows nothing", [to("mute", { when: { sender: ["7"] } }), to("wide")], []],
  [
    "nothing of other accounts and channels",
    [to("mute", { when: { channel: "irc" } }), to("mute", { when: { account: "x" as AccountId } }), to("narrow")],
    ["help", "human"],
  ],
  ["nothing of a route that is never reached", [to("narrow", { when: { account: account.id } }), to("mute")], ["help", "human"]],
  ["nothing without a route", [], []],
];
for (const [name, routes, expected] of cases) {
  test(`a menu has ${name}`, () => assert.deepEqual(names(...routes), expected));
}

test("a menu counts the agents that a classifier may choose", () => {
  const choices = [{ name: "a", description: "", examples: [], agent: "narrow" as AgentId, models: [] }];
  assert.deepEqual(names(to("wide", { classify: { by: "model", models: [], choices, floor: 0.5 } })), ["help", "human"]);
});
