import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { createHandClock, settled } from "../test/clock.ts";
import { quiet } from "../test/compose.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type Channel, defineChannel, type Inbox } from "./core/channel.ts";
import type { AccountConfiguration, Configuration } from "./core/configuration.ts";
import { type Fault, fault, ok } from "./core/errors.ts";
import type { HttpClient } from "./core/http.ts";
import { type AccountId, type AgentId, defaultTenant } from "./core/ids.ts";
import type { Agent } from "./core/route.ts";
import type { FileStore } from "./core/store.ts";
import { plain } from "./dialects/plain.ts";
import { createEmbeddedLive } from "./engines/embedded-live.ts";

const desk = "desk" as AccountId;

function accountsOf(channel: Partial<Channel>, clock = createHandClock()): Accounts {
  const whole = defineChannel<unknown>({
    ...{ kind: "test", name: "Test", summary: "", settings: z.object({}), dialect: plain, idempotent: false, guide: "" },
    limits: { text: { max: 100, unit: "utf16", counts: "sent" }, rate: { account: 1, conversation: 1 } },
    probe: async () => ok({ id: "1", name: "Test" }),
    send: async () => ({ kind: "sent", receipt: "1" }),
    ...channel,
  });
  return createAccounts({
    ...{ tenant: defaultTenant, http: {} as HttpClient, files: {} as FileStore, clock, log: quiet, live: createEmbeddedLive() },
    loadChannel: async () => whole,
    resolveSettings: async (_, settings) => ok(settings),
    receive: async () => {},
    cursor: async () => undefined,
    random: () => 0.5,
  });
}

function configured(settings: object): Configuration {
  const access = { direct: "open", group: "open", allow: [], groups: [], mention: true } as const;
  const account = {
    id: desk,
    channel: "test",
    settings,
    access,
    onUnknown: "hold",
    streaming: "edit",
  } satisfies Partial<AccountConfiguration>;
  return {
    accounts: new Map([[desk, account as AccountConfiguration]]),
    http: {},
    routes: [],
    agents: new Map(),
  } as unknown as Configuration;
}

test("an account that starts again with other settings is there all the time", async () => {
  const ended = Promise.withResolvers<undefined>();
  const accounts = accountsOf({ listen: () => ended.promise });
  await accounts.apply(configured({ v: 1 }), new Set());
  await settled();
  const applied = accounts.apply(configured({ v: 2 }), new Set());
  await settled();
  assert.ok(accounts.active(desk), "while the old connection ends");
  assert.ok(accounts.reachable(desk).ok);
  ended.resolve(undefined);
  await applied;
  assert.deepEqual(accounts.active(desk)?.account.settings, { v: 2 });
  const gone = accounts.apply({ ...configured({}), accounts: new Map() }, new Set());
  assert.equal(accounts.active(desk), undefined);
  await gone;
});

test("a probe that doesn't answer is given up when its time is over", async () => {
  const clock = createHandClock();
  const unanswered = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("given up")), { once: true }));
  const accounts = accountsOf({ probe: (_, signal) => unanswered(signal) }, clock);
  await accounts.apply(configured({}), new Set());
  await clock.advance(19_000);
  assert.equal(accounts.get(desk)?.state, "starting");
  await clock.advance(2_000);
  assert.equal(accounts.get(desk)?.state, "retrying");
  await accounts.stop();
});

test("a part that doesn't work is a finding until it does, or until the account begins anew", async () => {
  const clock = createHandClock();
  let inbox: Inbox | undefined;
  const ended: PromiseWithResolvers<Fault | undefined>[] = [];
  const listen: Channel["listen"] = async (_, given) => {
    inbox = given;
    const end = Promise.withResolvers<Fault | undefined>();
    ended.push(end);
    return end.promise;
  };
  const accounts = accountsOf({ listen }, clock);
  await accounts.apply(configured({}), new Set());
  await settled();
  const found = () => accounts.findings().map(({ code, subject, message }) => [code, subject, message]);
  inbox?.trouble?.("#door", fault("channel-gone", "thrown out"));
  assert.deepEqual(found(), [["account-part-failing", "accounts.desk.#door", "thrown out"]]);
  inbox?.trouble?.("#door", undefined);
  assert.deepEqual(found(), []);
  inbox?.trouble?.("#door", fault("channel-gone", "thrown out"));
  ended[0]?.resolve(fault("channel-unreachable", "cut"));
  await settled();
  assert.deepEqual(
    found().map(([code]) => code),
    ["account-unreachable"],
    "the account's own trouble says it all",
  );
  await clock.advance(60_000);
  assert.equal(accounts.get(desk)?.state, "ready");
  assert.deepEqual(found(), []);
  for (const end of ended) end.resolve(undefined);
  const stopped = accounts.stop();
  for (const end of ended) end.resolve(undefined);
  await stopped;
});

test("the platform's menu has what the agents allow, again when they allow something else, and never stops the account", async () => {
  const clock = createHandClock();
  const shown: string[][] = [];
  let answer: () => Promise<Fault | undefined> = async () => undefined;
  const showCommands: Channel["showCommands"] = async (_, commands) => {
    shown.push(commands.map(({ name }) => name));
    return answer();
  };
  const main = "main" as AgentId;
  const allowing = (...commands: string[]) =>
    ({
      ...configured({}),
      routes: [{ agent: main }],
      agents: new Map([[main, { id: main, commands } as unknown as Agent]]),
    }) as Configuration;
  const ended = Promise.withResolvers<undefined>();
  const accounts = accountsOf({ showCommands, listen: () => ended.promise }, clock);
  await accounts.apply(allowing("help"), new Set());
  await settled();
  assert.deepEqual(shown, [["help"]]);
  await accounts.apply(allowing("help"), new Set());
  await settled();
  assert.equal(shown.length, 1, "it stands there");
  answer = () => Promise.reject(new Error("a bug"));
  await accounts.apply(allowing("help", "human"), new Set());
  await settled();
  answer = async () => fault("channel-retry", "later");
  await accounts.apply(allowing("help", "human"), new Set());
  await settled();
  assert.deepEqual(shown.slice(1), [
    ["help", "human"],
    ["help", "human"],
  ]);
  assert.equal(accounts.get(desk)?.state, "ready");
  ended.resolve(undefined);
  await accounts.stop();
});
