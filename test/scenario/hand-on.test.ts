import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { fault, ok } from "../../src/core/errors.ts";
import { type AccountId, type AgentId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import type { NanoUsd } from "../../src/core/money.ts";
import { defineTool } from "../../src/core/tool.ts";
import { storeFile } from "../../src/places.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { createHandClock, type HandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";
import { startBilledModels } from "../support/billed-models.ts";
import { type Asked, type ModelByHand, modelByHand } from "../support/model.ts";
import { paragraphs, passing } from "../support/paragraphs.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const main = "main" as AgentId;
const billing = "billing" as AgentId;
const legal = "legal" as AgentId;
const limits = { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 1e9 };

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly clock: HandClock;
  readonly model: ModelByHand;
  /** Somebody says it; what the model is asked then. */
  say(text: string): Promise<Asked>;
  tell(text: string): Promise<void>;
  heard(count: number): Promise<readonly string[]>;
  conversation(): Promise<ConversationId>;
  entries(): Promise<readonly { stage: string; detail?: { readonly [key: string]: unknown } }[]>;
}

type Options = Partial<TestGatewayOptions> & { readonly streaming?: "blocks"; readonly handFor?: "turn" | "conversation" };

/** main may hand to billing, billing to legal and back. */
function story(name: string, { streaming, handFor = "turn", ...options }: Options, run: (on: On) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const clock = createHandClock();
    const model = modelByHand();
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent)], provider: model.provider, clock },
      accounts: { bot: { channel: "chat", settings: {}, ...(streaming && { streaming }) } },
      agents: [
        { id: billing, limits, models: ["test/billing"], version: "b7", handFor, commands: ["status", "reset"], ...hands(main, legal) },
        { id: legal, limits, models: ["test/legal"], ...hands(main, billing) },
      ],
      ...options,
      agent: { limits, models: ["test/main"], handFor, commands: ["status", "reset"], ...hands(billing), ...options.agent },
    });
    const newest = async () => (await on.store.records.stories(defaultTenant, { limit: 1 }))[0];
    const tell = async (text: string) => void (await on.gateway.receive(bot, [says(text)]));
    try {
      await run({
        ...{ ...on, sent, clock, model, tell },
        async say(text) {
          await tell(text);
          return model.asked();
        },
        async heard(count) {
          await passing(clock, () => sent.length >= count);
          return sent;
        },
        conversation: async () => (await newest())?.conversation as ConversationId,
        entries: async () => (await on.store.records.trace(defaultTenant, (await newest())?.trace ?? ""))?.entries ?? [],
      });
    } finally {
      const hurry = setInterval(() => void clock.advance(10_000), 5);
      await on.gateway.drain(1_000);
      clearInterval(hurry);
    }
  });
}

function hands(...agents: readonly AgentId[]) {
  return { handTo: agents.map((agent) => ({ agent, about: `What ${agent} knows.` })) };
}

const toBilling = { to: "billing", reason: "It is about an invoice." };

story("the rest of the turn is the other agent's: it sees what was said and why it was handed over", {}, async (on) => {
  const first = await on.say("Where is my invoice?");
  first.call("hand_to", toBilling);
  const second = await on.model.asked();
  assert.deepEqual(second.told, [
    'user: Where is my invoice? | (The assistant main handed this over to you and said why: "It is about an invoice.")',
  ]);
  second.answer("In your mailbox.");
  assert.deepEqual(await on.heard(1), ["In your mailbox."]);
  const entries = await on.entries();
  assert.deepEqual(entries.find(({ stage }) => stage === "handed")?.detail, {
    ...{ from: "main", to: "billing", reason: "It is about an invoice.", stays: false, version: "b7" },
  });
  const usage = await on.store.records.usage(defaultTenant, { by: ["agent", "model"], from: "2000-01-01", to: "2100-01-01", limit: 9 });
  assert.deepEqual(usage.map(({ of }) => `${of.agent} ${of.model}`).toSorted(), ["billing billing", "main main"]);
  (await on.say("And the next?")).answer("main again");
  await on.heard(2);
  assert.equal((await on.entries()).find(({ stage }) => stage === "routed")?.detail?.agent, "main");
});

story("nobody gets a turn back that he has handed on, and nobody that isn't listed", {}, async (on) => {
  (await on.say("hm")).call("hand_to", { to: "legal", reason: "I was told to." });
  const refused = await on.model.asked();
  assert.match(refused.told.at(-1) ?? "", /^tool: request-invalid/);
  refused.call("hand_to", toBilling);
  (await on.model.asked()).call("hand_to", { to: "main", reason: "Back." });
  const again = await on.model.asked();
  assert.match(again.told.at(-1) ?? "", /^tool: request-invalid/);
  again.call("hand_to", { to: "legal", reason: "On." });
  (await on.model.asked()).call("hand_to", { to: "main", reason: "Back." });
  const last = await on.model.asked();
  assert.match(last.told.at(-1) ?? "", /^tool: There is no tool named "hand_to"/);
  last.answer("So be it.");
  assert.deepEqual(await on.heard(1), ["So be it."]);
});

story("a turn that is begun again goes on with the agent that it was handed to", {}, async (on) => {
  (await on.say("Invoice?")).call("hand_to", toBilling);
  (await on.model.asked()).fail(fault("provider-unavailable", "503"));
  await passing(on.clock, () => on.model.count === 3);
  const again = await on.model.asked();
  assert.match(again.told[0] ?? "", /handed this over to you/);
  again.answer("Here.");
  assert.deepEqual(await on.heard(1), ["Here."]);
  assert.equal((await on.entries()).filter(({ stage }) => stage === "handed").length, 1);
});

story("a conversation stays with whom it was handed to, until it is handed back", { handFor: "conversation" }, async (on) => {
  (await on.say("Invoice?")).call("hand_to", toBilling);
  (await on.model.asked()).answer("Here.");
  await on.heard(1);
  await on.tell("/status");
  assert.equal((await on.heard(2)).at(-1), "You are talking to billing, answered by test/billing.");
  (await on.say("Something else")).call("hand_to", { to: "main", reason: "Not mine." });
  (await on.model.asked()).answer("main it is");
  await on.heard(3);
  assert.equal((await on.store.records.conversation(defaultTenant, await on.conversation()))?.agent, undefined);
  await on.tell("/status");
  assert.equal((await on.heard(4)).at(-1), "You are talking to main, answered by test/main.");
});

story("/reset ends it, and so does a configuration without the agent", { handFor: "conversation" }, async (on) => {
  (await on.say("Invoice?")).call("hand_to", toBilling);
  (await on.model.asked()).answer("Here.");
  await on.heard(1);
  const agents = on.configuration.agents as Map<AgentId, unknown>;
  const kept = agents.get(billing);
  agents.delete(billing);
  await on.tell("/status");
  assert.match((await on.heard(2)).at(-1) ?? "", /talking to main/);
  agents.set(billing, kept);
  await on.tell("/reset");
  await on.heard(3);
  await on.tell("/status");
  assert.match((await on.heard(4)).at(-1) ?? "", /talking to main/);
});

story("what was shown before it was handed on is void, and what left for good stays", { streaming: "blocks" }, async (on) => {
  const asked = await on.say("All about invoices");
  asked.say(`${paragraphs[0]}\n\nAnd so `);
  await on.heard(1);
  asked.call("hand_to", toBilling);
  const second = await on.model.asked();
  assert.match(second.told.at(-1) ?? "", /^user: Your answer broke off here/);
  second.answer("It is in your mailbox.");
  await on.heard(2);
  assert.deepEqual(on.sent.slice(1), ["It is in your mailbox."]);
});

const hurried = (id: AgentId, turnMs: number, to: AgentId) => ({
  ...{ id, models: [`test/${id}`], limits: { ...limits, turnMs }, handFor: "turn" as const, ...hands(to) },
});

story(
  "the time of a turn is that of the agent who has it now",
  { agent: { limits: { ...limits, turnMs: 40_000 } }, agents: [hurried(billing, 55_000, legal), hurried(legal, 30_000, main)] },
  async (on) => {
    const first = await on.say("Invoice?");
    await on.clock.advance(30_000);
    first.call("hand_to", toBilling);
    const second = await on.model.asked();
    await on.clock.advance(50_000);
    assert.equal(second.signal.aborted, false, "80 s since main had it, who has 40");
    second.call("hand_to", { to: "legal", reason: "A matter of law." });
    const third = await on.model.asked();
    await on.clock.advance(29_000);
    assert.equal(third.signal.aborted, false);
    await passing(on.clock, () => third.signal.aborted);
    const again = async () => (await on.entries()).find(({ stage }) => stage === "turn-retry");
    await passing(on.clock, async () => (await again()) !== undefined);
    assert.match(JSON.stringify(await again()), /longer than 30000 ms/);
    // Begun again, it is that agent's from the start.
    await passing(on.clock, () => on.model.count === 4);
    const fourth = await on.model.asked();
    await on.clock.advance(29_000);
    assert.equal(fourth.signal.aborted, false);
    fourth.answer("It is the law.");
    assert.deepEqual(await on.heard(1), ["It is the law."]);
  },
);

const spent: NonNullable<TestGatewayOptions["budgets"]> = [
  {
    id: "its",
    per: "agent",
    every: "day",
    agent: billing,
    amount: 0 as NanoUsd,
    atLimit: "stop",
    models: [],
    say: "No money for invoices.",
  },
];

story("a budget of the other agent holds for its calls, and for no other's", { budgets: spent }, async (on) => {
  (await on.say("Invoice?")).call("hand_to", toBilling);
  assert.deepEqual(await on.heard(1), ["No money for invoices."]);
  (await on.say("Hello")).answer("Hi.");
  assert.deepEqual(await on.heard(2), ["No money for invoices.", "Hi."]);
});

const used: string[] = [];
const pay = defineTool({
  ...{ name: "pay", description: "Pays.", input: z.strictObject({}) },
  run() {
    used.push("pay");
    return ok("paid");
  },
});

story(
  "a tool that the other agent asks for runs in its name, also with the next message",
  {
    tools: [pay as never],
    agents: [{ id: billing, limits, models: ["test/billing"], tools: ["pay"], approve: ["pay"] }],
  },
  async (on) => {
    (await on.say("Pay it")).call("hand_to", toBilling);
    (await on.model.asked()).call("pay", {});
    await on.heard(1);
    assert.match(on.sent[0] ?? "", /May I\?/);
    assert.deepEqual(used, []);
    const after = await on.say("yes");
    assert.deepEqual(used, ["pay"]);
    after.answer("Done.");
    await on.heard(2);
    assert.equal((await on.entries()).find(({ stage }) => stage === "routed")?.detail?.agent, "billing");
  },
);

const kills = 12;

test("a gateway that is killed around the moment of a hand-on asks nobody again who has handed it on", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const models = await startBilledModels(join(home.path, "bill.jsonl"));
  t.after(() => models.process.kill("SIGKILL"));
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(() => telegram.close());
  const configuration = {
    accounts: {
      bot: {
        ...{ channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll", streaming: false },
        ...{ onUnknown: "resend", access: { direct: "open" } },
      },
    },
    providers: { sim: { kind: "openai-compatible", baseUrl: `${models.origin}/v1` } },
    agents: {
      main: { models: ["sim/tools"], handTo: { billing: "Invoices." } },
      // Slow, so that a kill meets it while it answers.
      billing: { models: ["sim/chunks-3+slow"] },
    },
  };
  const start = () => startGatewayProcess({ home: home.path, configuration, env: { TELEGRAM_TOKEN: telegram.token } });
  const nap = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const chats = Array.from({ length: kills }, (_, life) => 1_000 + life);
  const answered = (chat: number) => telegram.seen(chat).some(({ text }) => text.startsWith("word0"));
  const allOf = async (some: readonly number[]) => {
    for (let i = 0; i < 1_200 && !some.every(answered); i++) await nap(50);
    assert.deepEqual(
      some.filter((chat) => !answered(chat)),
      [],
    );
  };
  for (const [life, chat] of chats.entries()) {
    const gateway = await start();
    // The one before: so each meets one kill.
    await allOf(chats.slice(0, life));
    const before = (await models.bought()).length;
    telegram.say(chat, chat, JSON.stringify({ to: "billing", reason: `Invoice ${chat}.` }));
    // One half is killed from the first agent's call on, the other from the second's.
    const calls = before + 1 + (life % 2);
    for (let i = 0; i < 4_000 && (await models.bought()).length < calls; i++) await nap(5);
    await nap((life * 5) % 31);
    await gateway.kill();
  }
  const gateway = await start();
  t.after(() => gateway.kill());
  await allOf(chats);
  await gateway.stop();

  const opened = await openSqliteStore({ file: storeFile(home.path), role: "guest" });
  assert.ok(opened.ok);
  const { records } = opened.value;
  let resumed = 0;
  for (const { trace: id } of await records.stories(defaultTenant, { limit: 100 })) {
    const { entries = [] } = (await records.trace(defaultTenant, id)) ?? {};
    const handed = entries.findIndex(({ stage }) => stage === "handed");
    const asked = entries.flatMap(({ stage, detail }, at) => (stage === "model-start" ? [{ model: detail?.model, at }] : []));
    assert.equal(entries.filter(({ stage }) => stage === "handed").length, 1, id);
    assert.ok(
      asked.every(({ model, at }) => (model === "tools" ? at < handed : at > handed)),
      `${id}: ${JSON.stringify(asked)}`,
    );
    assert.ok(asked.length <= 3, "each call once, and one of them once more for the kill that met it");
    if (asked.filter(({ at }) => at > handed).length > 1) resumed += 1;
  }
  await opened.value.close();
  assert.ok(resumed > 0, "a kill met the second agent: else this proves nothing");
  t.diagnostic(
    `${chats.length} messages, ${kills} kills, ${resumed} gone on with by the second agent, ${(await models.bought()).length} paid calls`,
  );
});
