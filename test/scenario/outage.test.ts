import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Conversation } from "../../src/core/conversation.ts";
import { fault, ok } from "../../src/core/errors.ts";
import { type AccountId, type AgentId, defaultTenant, type MessageId } from "../../src/core/ids.ts";
import { defineProvider, type ProviderAccount } from "../../src/core/provider.ts";
import type { Agent } from "../../src/core/route.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const usage = { input: 1, cachedInput: 0, output: 1, reported: true };

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly asked: readonly string[];
  readonly clock: ReturnType<typeof createHandClock>;
  /** Whether models answer, fail, refuse the key, withhold, end cut off, or break off. */
  state: "up" | "down" | "shut" | "withheld" | "short" | "broken";
  /** Somebody says it in a chat of his own; time passes until something was sent, a while at most. */
  hear(text: string, who?: string): Promise<string>;
  pass(ms: number): Promise<void>;
  story(): Promise<readonly string[]>;
}

function story(name: string, options: Partial<TestGatewayOptions>, run: (on: On) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const asked: string[] = [];
    const clock = createHandClock();
    const at = { state: "up" as On["state"] };
    const provider = defineProvider<never>({
      ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok([]) },
      async *stream(_, { model }) {
        asked.push(model);
        if (model === "wrong") yield { type: "fail", fault: fault("provider-refused", "there is no such model") };
        else if (at.state === "down") yield { type: "fail", fault: fault("provider-unavailable", "503") };
        else if (at.state === "shut") yield { type: "fail", fault: fault("provider-auth", "401") };
        else if (at.state === "withheld" && model === "model") yield { type: "end", reason: "filter", usage };
        else if (at.state === "short") {
          yield { type: "text", delta: `${model} begins` };
          yield { type: "end", reason: "length", usage };
        } else if (at.state === "broken") {
          yield { type: "text", delta: "Much to say. ".repeat(20) };
          yield { type: "fail", fault: fault("provider-unavailable", "cut") };
        } else {
          yield { type: "text", delta: `${model} answers ${asked.length}` };
          yield { type: "end", reason: "stop", usage };
        }
      },
      async embed(_: ProviderAccount<never>, { texts }) {
        // Alike is what begins with the same letters.
        const vectors = texts.map((text) => [...text.toLowerCase().slice(0, 12)].map((letter) => letter.charCodeAt(0) - 96));
        return ok({ vectors, usage });
      },
    });
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {} } }, provider, clock, ...options },
    });
    /** What runs comes to its end before any more time passes: the disk has its own. */
    const step = async () => {
      await clock.advance(500);
      for (let i = 0; on.gateway.load().running > 0 && i < 500; i++) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) await step();
    };
    let people = 0;
    await run(
      Object.assign(at, {
        ...{ ...on, sent, asked, clock, pass },
        async hear(text: string, who = `p${++people}`) {
          const before = sent.length;
          await on.gateway.receive(bot, [says(text, { sender: who })]);
          for (let i = 0; i < 240 && sent.length === before; i++) await step();
          return sent.slice(before).join("\n");
        },
        async story() {
          const newest = (await on.store.records.stories(defaultTenant, { limit: 9 })).find(({ trace }) => trace.startsWith("ev_"));
          const trace = await on.store.records.trace(defaultTenant, newest?.trace ?? "");
          return (trace?.entries ?? []).map(({ stage, reason }) => (reason ? `${stage} (${reason})` : stage));
        },
      }) as On,
    );
  });
}

const whenDown = { cacheHours: 24, similarity: 1, keepHours: 0 };
const note = "(This is an answer from 2026-11-22: the model can't be reached right now.)";

story("in an outage the same question gets the earlier answer, marked as such", { agent: { whenDown } }, async (on) => {
  assert.equal(await on.hear("When do you open?"), "model answers 1");
  await on.pass(1_000);
  on.state = "down";
  assert.equal(await on.hear("  when do YOU open "), `model answers 1\n\n${note}`);
  assert.match(await on.hear("Where are you exactly?"), /^Sorry, I can't answer right now/);
  on.state = "up";
  await on.pass(61_000);
  assert.match(await on.hear("When do you open?"), /^model answers \d+$/, "a model that can be reached is asked");
});

story(
  "an answer that no model was asked for is told at once while every breaker is open, and its story says why",
  { agent: { whenDown } },
  async (on) => {
    await on.hear("When do you open?");
    await on.pass(1_000);
    on.state = "shut";
    await on.hear("Something else, please?");
    const before = on.asked.length;
    on.clock.jump(0);
    assert.equal(await on.hear("When do you open?"), `model answers 1\n\n${note}`);
    assert.ok(on.asked.length - before <= 1);
  },
);

story("an answer stands in for so long only, for other instructions not at all", { agent: { whenDown } }, async (on) => {
  await on.hear("When do you open?");
  await on.pass(1_000);
  on.state = "down";
  on.clock.jump(25 * 3_600_000);
  assert.match(await on.hear("When do you open?"), /^Sorry/);
});

const handbook = [{ name: "handbook", description: "" }];
story(
  "what rests on documents isn't said any more once the agent has them no longer",
  { agent: { whenDown, knowledge: handbook } },
  async (on) => {
    const agents = on.configuration.agents as unknown as Map<AgentId, Agent>;
    await on.hear("When do you open?");
    await on.pass(1_000);
    on.state = "down";
    assert.match(await on.hear("When do you open?"), /^model answers 1/);
    for (const [id, agent] of agents) agents.set(id, { ...agent, knowledge: [] });
    assert.match(await on.hear("When do you open?"), /^Sorry/);
  },
);

story("what may be one person's is neither kept nor given", { agent: { whenDown } }, async (on) => {
  for (const text of ["Where is my parcel 4711 0815 99?", "Is ada@example.com yours?", "Why so?"]) {
    on.state = "up";
    await on.hear(text);
    await on.pass(61_000);
    on.state = "down";
    assert.match(await on.hear(text), /^Sorry/, text);
    await on.pass(61_000);
  }
});

story("a later question of a conversation is kept for nobody", { agent: { whenDown } }, async (on) => {
  await on.hear("When do you open?", "ada");
  await on.hear("And on Sundays too?", "ada");
  await on.pass(1_000);
  on.state = "down";
  assert.match(await on.hear("And on Sundays too?"), /^Sorry/);
});

story(
  "where there are vectors, a question that is alike gets it too, and reads nothing of what another wrote",
  { agent: { whenDown: { ...whenDown, similarity: 0.98 }, embed: ["test/vectors"] } },
  async (on) => {
    await on.hear("When do you open on Monday?");
    await on.pass(1_000);
    on.state = "down";
    assert.equal(
      await on.hear("When do you open then?"),
      "model answers 1\n\n(This is an answer from 2026-11-22 to a similar question, which may not have been quite yours: the model can't be reached right now.)",
    );
    assert.match(await on.hear("Zebras, what are those?"), /^Sorry/);
  },
);

for (const state of ["short", "broken"] as const) {
  story(
    `an answer that ends ${state === "short" ? "at its limit" : "in its middle"} is kept for nobody`,
    { agent: { whenDown } },
    async (on) => {
      on.state = state;
      assert.match(await on.hear("When do you open?"), /model begins|broke off/);
      on.state = "down";
      await on.pass(61_000);
      assert.match(await on.hear("When do you open?"), /^Sorry/);
    },
  );
}

const personal = { ...{ whenDown, version: "1" }, instructions: "You talk with {{user-id}} on {{account}}. It is {{time}}." };
story("what an agent answers whom it knows is for nobody else, at any hour", { agent: personal }, async (on) => {
  await on.hear("When do you open?", "ada");
  await on.pass(61_000);
  on.state = "down";
  assert.match(await on.hear("When do you open?", "bob"), /^Sorry/);
  assert.equal(await on.hear("When do you open?", "ada"), `model answers 1\n\n${note}`);
});

story(
  "nor what it answers who has a summary of what was said before",
  { agent: { whenDown, limits: { history: 0, maxOutputTokens: 1_000, steps: 4, turnMs: 30_000 } } },
  async (on) => {
    await on.hear("Good morning to you.", "ada");
    const [conversation] = (await on.store.records.conversations(defaultTenant, { limit: 1 })).map(({ id }) => id);
    await on.store.saveSummary({ tenant: defaultTenant, id: conversation } as Conversation, {
      text: "Ada is ill.",
      until: "" as MessageId,
    });
    await on.hear("When do you open?", "ada");
    await on.pass(1_000);
    on.state = "down";
    assert.match(await on.hear("When do you open?"), /^Sorry/);
  },
);

story("nothing is kept where nobody asked for it", {}, async (on) => {
  await on.hear("When do you open?");
  await on.pass(1_000);
  on.state = "down";
  assert.match(await on.hear("When do you open?"), /^Sorry/);
});

story("its own sentence, where the agent has one", { agent: { whenDown: { ...whenDown, say: "We are out. Ring 112." } } }, async (on) => {
  on.state = "down";
  assert.equal(await on.hear("Anybody there today?"), "We are out. Ring 112.");
});

story(
  "a message that is kept is answered once a model can be reached, its sender told meanwhile, once",
  { agent: { whenDown: { ...whenDown, cacheHours: 0, keepHours: 24 } } },
  async (on) => {
    on.state = "down";
    assert.match(await on.hear("Are you there?", "ada"), /your message is kept/);
    await on.pass(30 * 60_000);
    assert.equal(on.sent.length, 1, "told once");
    assert.ok(on.asked.length < 60, `${on.asked.length} calls in half an hour`);
    assert.ok((await on.story()).includes("held (models-down)"), `${await on.story()}`);
    on.state = "up";
    for (let i = 0; i < 300 && on.sent.length === 1; i++) await on.pass(500);
    assert.match(on.sent[1] ?? "", /^model answers/);
  },
);

story(
  "so is one whose key was refused, until somebody mends it; not for ever",
  { agent: { whenDown: { ...whenDown, cacheHours: 0, keepHours: 1 } } },
  async (on) => {
    on.state = "shut";
    await on.hear("Are you there?", "ada");
    await on.pass(59 * 60_000);
    assert.equal(on.sent.length, 1);
    await on.pass(5 * 60_000);
    assert.match(on.sent[1] ?? "", /^Sorry/);
    assert.ok((await on.story()).at(-1)?.startsWith("delivery"));
  },
);

story(
  "a model that is down is tried again, whatever the one behind it says of itself",
  { agent: { models: ["test/model", "test/wrong"] } },
  async (on) => {
    on.state = "down";
    const answers = on.hear("Are you there?", "ada");
    for (let i = 0; i < 100 && on.asked.length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    on.state = "up";
    assert.match(await answers, /^model answers/);
    on.state = "down";
    for (const who of ["bob", "eve"]) await on.hear("And you?", who);
    assert.equal(on.gateway.models()[0]?.state, "failing");
    const before = on.asked.length;
    const later = on.hear("Still there?", "kim");
    for (let i = 0; i < 100 && on.asked.length === before; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(on.asked.slice(before, before + 1), ["wrong"], "its breaker is open");
    on.state = "up";
    assert.match(await later, /^model answers/);
  },
);

story("a filter that withholds an answer: the next model is asked", { agent: { models: ["test/model", "test/other"] } }, async (on) => {
  on.state = "withheld";
  assert.equal(await on.hear("Tell me something bad."), "other answers 2");
});

story(
  "or the person is told, and nobody else is asked",
  { agent: { models: ["test/model", "test/other"], whenWithheld: "say" } },
  async (on) => {
    on.state = "withheld";
    assert.equal(await on.hear("Tell me something bad."), "I'm sorry, I can't answer that.");
    assert.deepEqual(on.asked, ["model"]);
  },
);
