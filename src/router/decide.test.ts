import assert from "node:assert/strict";
import { test } from "node:test";
import { agentOf } from "../../test/support/agent.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PlatformEvent } from "../core/event.ts";
import type { AccountId, AgentId, ConversationId, EventId, TenantId } from "../core/ids.ts";
import { textPart } from "../core/message.ts";
import type { Access, Route } from "../core/route.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Control } from "../core/terms.ts";
import { decide } from "./decide.ts";

const main = agentOf();

const closed: Access = { direct: "off", group: "off", allow: [], groups: [], mention: true };

interface Case {
  readonly name: string;
  readonly access?: Partial<Access>;
  readonly event?: Partial<Extract<PlatformEvent, { kind: "message" }>>;
  readonly other?: PlatformEvent;
  readonly control?: Control;
  readonly account?: string;
  readonly routes?: readonly Route[];
  readonly tries?: number;
  readonly crashes?: number;
  readonly expect: string;
}

const group = { id: "G1", kind: "group" } as const;
const self = { id: "u1", bot: false, self: false };

const cases: Case[] = [
  { name: "an open account answers", access: { direct: "open" }, expect: "main" },
  { name: "an account without a policy admits nobody", expect: "direct-off" },
  { name: "an unknown policy admits nobody", access: { direct: "anyone" as Access["direct"] }, expect: "direct-off" },
  { name: "an empty list admits nobody", access: { direct: "allowlist" }, expect: "sender-not-allowed" },
  { name: "a listed sender is answered", access: { direct: "allowlist", allow: ["u1"] }, expect: "main" },
  {
    name: "a listed name is no id",
    access: { direct: "allowlist", allow: ["boss"] },
    event: { sender: { ...self, name: "boss", handle: "boss" } },
    expect: "sender-not-allowed",
  },
  {
    name: "a sender of the direct list gains nothing in groups",
    access: { direct: "allowlist", allow: ["u1"] },
    event: { chat: group },
    expect: "group-off",
  },
  {
    name: "an empty list of groups admits none",
    access: { group: "allowlist", allow: ["u1"] },
    event: { chat: group },
    expect: "group-not-allowed",
  },
  {
    name: "a listed group is answered when it addresses us",
    access: { group: "allowlist", groups: ["G1"] },
    event: { chat: group, addressed: true },
    expect: "main",
  },
  {
    name: "a group that talks among itself is not answered",
    access: { group: "open" },
    event: { chat: group, addressed: false },
    expect: "group-not-addressed",
  },
  {
    name: "unless the operator wants every message answered",
    access: { group: "open", mention: false },
    event: { chat: group, addressed: false },
    expect: "main",
  },
  { name: "our own echo is not answered", access: { direct: "open" }, event: { sender: { ...self, self: true } }, expect: "own-echo" },
  { name: "bots don't answer bots", access: { direct: "open" }, event: { sender: { ...self, bot: true } }, expect: "sender-is-bot" },
  { name: "a conversation that a human took over", access: { direct: "open" }, control: "human", expect: "control-human" },
  { name: "a paused conversation", access: { direct: "open" }, control: "paused", expect: "control-paused" },
  { name: "a removed account", access: { direct: "open" }, account: "gone", expect: "account-removed" },
  { name: "a message that was begun too often is set aside", access: { direct: "open" }, tries: 5, expect: "poison" },
  {
    name: "a message that the gateway's own end cut off so often is not",
    access: { direct: "open" },
    tries: 5,
    crashes: 5,
    expect: "main",
  },
  { name: "unless it may be what ends the gateway", access: { direct: "open" }, tries: 50, crashes: 50, expect: "poison" },
  { name: "no route", access: { direct: "open" }, routes: [{ when: { channel: "irc" }, agent: main.id }], expect: "no-route" },
  { name: "a route to an agent that is gone", access: { direct: "open" }, routes: [{ agent: "gone" as AgentId }], expect: "agent-removed" },
  {
    name: "the first route that matches",
    access: { direct: "open" },
    routes: [
      { when: { sender: ["u2"] }, agent: "gone" as AgentId },
      { when: { chat: ["c1"], kind: "direct", sender: ["u1"], account: "bot" as AccountId, channel: "telegram" }, agent: main.id },
    ],
    expect: "main",
  },
  {
    name: "a reaction from a stranger meets the same gate as a message",
    access: { direct: "allowlist" },
    other: { kind: "reaction", key: "1", chat: { id: "c1", kind: "direct" }, sender: self, at: 0, platformId: "m", reactions: ["👍"] },
    expect: "sender-not-allowed",
  },
  {
    name: "a reaction from a friend is recorded, not answered",
    access: { direct: "open" },
    other: { kind: "reaction", key: "1", chat: { id: "c1", kind: "direct" }, sender: self, at: 0, platformId: "m", reactions: ["👍"] },
    expect: "nothing-to-answer",
  },
  {
    name: "a button pressed by a stranger does nothing",
    access: { direct: "allowlist" },
    other: { kind: "press", key: "1", chat: { id: "c1", kind: "direct" }, sender: self, at: 0, token: "t" },
    expect: "sender-not-allowed",
  },
];

for (const { name, expect, ...given } of cases) {
  test(name, () => {
    const decision = decide(queued(given), configuration(given));
    assert.equal(decision.kind === "ignore" ? decision.reason : decision.agent.id, expect);
  });
}

function queued({ event, other, control, account, tries, crashes }: Omit<Case, "name" | "expect">): QueuedEvent {
  const message = {
    ...{ kind: "message", key: "1", chat: { id: "c1", kind: "direct" }, sender: self, at: 0 },
    ...{ platformId: "m1", parts: [textPart("hi")], addressed: true },
    ...event,
  } as PlatformEvent;
  const scope = { tenant: "default" as TenantId, account: (account ?? "bot") as AccountId, channel: "telegram" };
  return {
    ...scope,
    id: "ev_1" as EventId,
    conversation: { ...scope, id: "cv_1" as ConversationId, chat: (other ?? message).chat, control: control ?? "agent", controlVersion: 1 },
    event: other ?? message,
    tries: tries ?? 0,
    crashes: crashes ?? 0,
    receivedAt: 0,
    past: { story: 1, behind: 0, from: 0, version: 0 },
    dueAt: 0,
  };
}

function configuration({ access, routes }: Omit<Case, "name" | "expect">): Configuration {
  const account = {
    id: "bot" as AccountId,
    channel: "telegram",
    settings: {},
    access: { ...closed, ...access },
    onUnknown: "hold",
    streaming: true,
  } as const;
  return {
    accounts: new Map([[account.id, account]]),
    agents: new Map([[main.id, main]]),
    routes: routes ?? [{ agent: main.id }],
    limits: { turnTries: 5 },
  } as unknown as Configuration;
}
