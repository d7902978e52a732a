import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import telegram from "../../src/channels/telegram/index.ts";
import type { Streaming } from "../../src/core/configuration.ts";
import { fault, ok } from "../../src/core/errors.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { plainText } from "../../src/core/message.ts";
import { nanoUsd } from "../../src/core/money.ts";
import { defineProvider } from "../../src/core/provider.ts";
import { defineTool } from "../../src/core/tool.ts";
import { createHandClock, type HandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { readSpec, startTelegramSimulator, type TelegramSimulator } from "../simulators/telegram.ts";
import { createChat } from "../support/chat.ts";
import { type ModelByHand, modelByHand } from "../support/model.ts";
import { paragraphs, passing } from "../support/paragraphs.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const limits = { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 1e9 };
const shown = paragraphs.map((text) => text.replaceAll("**", ""));

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly clock: HandClock;
  readonly model: ModelByHand;
  readonly conversation: ConversationId;
  /** Lets time pass until so many messages were sent. */
  heard(count: number): Promise<readonly string[]>;
  /** What the conversation's past says, by author. */
  past(): Promise<readonly (readonly [string, string])[]>;
}

/** Whatever still runs comes to its end. */
async function end({ gateway }: TestGateway, clock: HandClock): Promise<void> {
  const hurry = setInterval(() => void clock.advance(10_000), 5);
  await gateway.drain(1_000);
  clearInterval(hurry);
}

function blocks(name: string, run: (on: On) => Promise<void>, options: Partial<TestGatewayOptions> = {}): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const clock = createHandClock();
    const model = modelByHand();
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {}, streaming: "blocks" } } },
      ...{ provider: model.provider, clock, ...options, agent: { limits, ...options.agent } },
    });
    const [first] = await on.gateway.receive(bot, [says("Tell me all.")]);
    const conversation = first?.conversation as ConversationId;
    const heard = async (count: number) => {
      await passing(clock, () => sent.length >= count);
      return sent;
    };
    const past = async () => {
      const messages = await on.store.history(conversation, undefined, 9);
      return messages.map(({ author, direction, parts }) => [author ?? direction, plainText(parts)] as const);
    };
    try {
      await run({ ...on, sent, clock, model, conversation, heard, past });
    } finally {
      await end(on, clock);
    }
  });
}

describe("blocks", () => {
  blocks("each finished paragraph leaves while the next is written, and the past has the whole", async (on) => {
    const asked = await on.model.asked();
    for (const [index, text] of paragraphs.slice(0, 3).entries()) {
      asked.say(`${text}\n\nAnd so `);
      assert.equal((await on.heard(index + 1)).length, index + 1);
    }
    asked.answer("it ended.");
    await on.heard(4);
    assert.deepEqual(on.sent, [shown[0], `And so ${shown[1]}`, `And so ${shown[2]}`, "And so it ended."]);
    const whole = `${paragraphs[0]}\n\nAnd so ${paragraphs[1]}\n\nAnd so ${paragraphs[2]}\n\nAnd so it ended.`;
    assert.deepEqual(await on.past(), [
      ["in", "Tell me all."],
      ["agent", whole],
    ]);
  });

  blocks("a short answer is one message", async (on) => {
    (await on.model.asked()).answer("Yes.\n\nNo.\n\nPerhaps.");
    assert.deepEqual(await on.heard(1), ["Yes.\n\nNo.\n\nPerhaps."]);
  });

  blocks("a list, a table and a block of code are never cut", async (on) => {
    const list = `${paragraphs[0]}\n\n1. one\n\n   of it\n\n2. two\n\n\`\`\`js\na();\n\n\nb();\n\`\`\`\n\n`;
    const asked = await on.model.asked();
    for (const letter of list) {
      asked.say(letter);
      await on.clock.advance(20);
    }
    asked.answer("End.");
    await on.heard(2);
    assert.deepEqual(on.sent, [shown[0], "1. one\nof it\n\n2. two\n\na();\n\n\nb();\n\nEnd."]);
  });

  blocks("after a takeover no further word leaves, and what was said is in the past", async (on) => {
    const asked = await on.model.asked();
    asked.say(`${paragraphs[0]}\n\n${paragraphs[1]}`);
    await on.heard(1);
    const before = await on.store.records.conversation(defaultTenant, on.conversation);
    await on.store.records.setControl(defaultTenant, on.conversation, "human", before?.controlVersion ?? 0, "op_1", on.clock.now());
    asked.say(`\n\n${paragraphs[2]}`);
    await on.clock.advance(5_000);
    asked.answer("");
    await on.until("turn-cancel");
    await on.clock.advance(5_000);
    assert.deepEqual(on.sent, [shown[0]]);
    assert.deepEqual(await on.past(), [
      ["in", "Tell me all."],
      ["agent", paragraphs[0]],
    ]);
  });

  blocks(
    "a paragraph that is stored and not sent yet is dropped by a takeover",
    async (on) => {
      const asked = await on.model.asked();
      asked.say(`${paragraphs[0]}\n\n${paragraphs[1]}\n\nmore`);
      await on.until("delivery-queued");
      const before = await on.store.records.conversation(defaultTenant, on.conversation);
      const version = before?.controlVersion ?? 0;
      await on.store.records.setControl(defaultTenant, on.conversation, "human", version, "op_1", on.clock.now());
      asked.answer(".");
      await on.clock.advance(5_000);
      await on.until("turn-cancel");
      assert.deepEqual(await on.past(), [["in", "Tell me all."]]);
      const [story] = await on.store.records.stories(defaultTenant, { limit: 1 });
      const trace = await on.store.records.trace(defaultTenant, story?.trace ?? "");
      assert.deepEqual(
        trace?.deliveries.map(({ state }) => state),
        ["dropped"],
      );
    },
    { wrap: (store) => ({ ...store, beginAttempt: async () => ({ kind: "empty" }) as const }) },
  );

  blocks(
    "a model that fails behind what was sent is followed by the next, who goes on",
    async (on) => {
      const first = await on.model.asked();
      first.say(`${paragraphs[0]}\n\nAnd so`);
      await on.heard(1);
      first.fail(fault("provider-unavailable", "gone"));
      const second = await on.model.asked();
      assert.match(second.told.at(-1) ?? "", /broke off/);
      second.answer(" on.");
      await on.heard(2);
      assert.deepEqual(on.sent, [shown[0], "And so on."]);
      assert.equal((await on.past()).at(-1)?.[1], `${paragraphs[0]}\n\nAnd so on.`);
    },
    { agent: { models: ["test/one", "test/two"] } },
  );

  blocks(
    "a budget that is used up while a model is followed by the next takes back nothing of what was said",
    async (on) => {
      const asked = await on.model.asked();
      asked.say(`${paragraphs[0]}\n\nAnd so`);
      await on.heard(1);
      asked.fail(fault("provider-unavailable", "gone"));
      await on.heard(2);
      assert.deepEqual(on.sent, [shown[0], "And so\n\nThe money is gone."]);
      assert.equal((await on.past()).at(-1)?.[1], `${paragraphs[0]}\n\nAnd so\n\nThe money is gone.`);
    },
    {
      agent: { models: ["test/one", "test/two"] },
      prices: { cost: () => ({ amount: nanoUsd(1), price: { source: "test", perMillion: {} } }) },
      budgets: [
        { id: "month", per: "tenant", every: "month", atLimit: "stop", models: [], amount: nanoUsd(0.5), say: "The money is gone." },
      ],
    },
  );

  const look = defineTool<object>({ name: "look", description: "Looks.", input: z.object({}), run: () => ok("seen") });
  blocks(
    "what is said before a tool is used leaves before it, and no later failure takes it back",
    async (on) => {
      const first = await on.model.asked();
      first.say("Let me look.");
      first.call("look", {});
      await on.heard(1);
      const second = await on.model.asked();
      second.say("It ");
      second.fail(fault("provider-unavailable", "gone"));
      const third = await on.model.asked();
      third.answer("It is fine.");
      await on.heard(2);
      assert.deepEqual(on.sent, ["Let me look.", "It is fine."]);
      assert.equal((await on.past()).at(-1)?.[1], "Let me look.\n\nIt is fine.");
    },
    { agent: { models: ["test/one", "test/two"], tools: ["look"] }, tools: [look as never] },
  );

  blocks("all models fail: the answer ends honestly behind what was sent", async (on) => {
    const asked = await on.model.asked();
    asked.say(`${paragraphs[0]}\n\nAnd so`);
    await on.heard(1);
    asked.fail(fault("provider-refused", "gone"));
    await on.heard(2);
    assert.deepEqual(on.sent, [shown[0], "And so …\n\n(My answer broke off here. Ask me to go on.)"]);
  });
});

describe("edit", () => {
  test("what is full stays as it was until the end", { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const chat = createChat();
    const clock = createHandClock();
    const model = modelByHand();
    const accounts = { bot: { channel: "chat", settings: {}, streaming: "edit" } } as const;
    await using on = await composeTestGateway({ home: home.path, channels: [chat.channel], accounts, provider: model.provider, clock });
    await on.gateway.receive(bot, [chat.says("Go on.")]);
    const asked = await model.asked();
    try {
      const words = `${"word ".repeat(16)}\n\n${"more ".repeat(20)}`;
      asked.say(words);
      await passing(clock, () => chat.shown().length === 1);
      const [full] = chat.shown();
      assert.ok((full ?? "").length > 150);
      let looks = 0;
      asked.say("again ".repeat(50));
      await passing(clock, () => ++looks > 100);
      assert.deepEqual(chat.shown(), [full], "the best place for a cut would be before it");
      asked.answer("The end.");
      await passing(clock, () => chat.shown().join("").endsWith("The end."));
      assert.equal(chat.shown().join(" ").replace(/\s+/g, " "), `${words}${"again ".repeat(50)}The end.`.replace(/\s+/g, " "));
    } finally {
      await end(on, clock);
    }
  });

  test("a look that found nothing to show costs the first words no interval", { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const chat = createChat();
    const clock = createHandClock();
    const model = modelByHand();
    const channel = { ...chat.channel, limits: { ...chat.channel.limits, editEvery: { direct: 60_000, group: 60_000 } } };
    const accounts = { bot: { channel: "chat", settings: {}, streaming: "edit" } } as const;
    await using on = await composeTestGateway({ home: home.path, channels: [channel], accounts, provider: model.provider, clock });
    try {
      await on.gateway.receive(bot, [chat.says("Go on.")]);
      const asked = await model.asked();
      let looks = 0;
      asked.say("**");
      await passing(clock, () => ++looks > 50);
      assert.deepEqual(chat.shown(), []);
      const at = clock.elapsed();
      asked.say("One");
      await passing(clock, () => chat.shown().length === 1);
      assert.ok(clock.elapsed() - at < 60_000);
      assert.deepEqual(chat.shown(), ["One"]);
      asked.answer("**");
    } finally {
      await end(on, clock);
    }
  });

  test("no edit that is under way comes after the answer, and none leaves after a takeover", { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const chat = createChat();
    const clock = createHandClock();
    const model = modelByHand();
    const applied: string[] = [];
    let begun = 0;
    let looks = 0;
    const passes = (done: () => boolean) => passing(clock, done);
    const slow = {
      ...chat.channel,
      edit: async (...[account, edit, signal]: Parameters<NonNullable<typeof chat.channel.edit>>) => {
        begun += 1;
        // The first is on its way for longer than the answer's own would be.
        await new Promise<void>((resolve) => void clock.after(begun === 1 ? 1_500 : 100, resolve));
        applied.push(edit.content.visible);
        return chat.channel.edit?.(account, edit, signal) as never;
      },
    };
    const accounts = { bot: { channel: "chat", settings: {}, streaming: "edit" } } as const;
    await using on = await composeTestGateway({ home: home.path, channels: [slow], accounts, provider: model.provider, clock });
    try {
      const [received] = await on.gateway.receive(bot, [chat.says("Go on.")]);
      const first = await model.asked();
      first.say("One");
      await passes(() => chat.shown().length === 1);
      first.say(" two");
      await passes(() => begun === 1);
      first.answer(" three");
      await passes(() => applied.length === 2);
      assert.deepEqual(applied, ["One two", "One two three"]);
      assert.deepEqual(chat.shown(), ["One two three"]);

      await on.gateway.receive(bot, [chat.says("And?")]);
      const second = await model.asked();
      second.say("Four");
      await passes(() => chat.shown().length === 2);
      const id = received?.conversation as ConversationId;
      const before = await on.store.records.conversation(defaultTenant, id);
      // Nobody tells this process of it.
      await on.store.records.setControl(defaultTenant, id, "human", before?.controlVersion ?? 0, "op_1", clock.now());
      second.say(" five");
      await passes(() => ++looks > 200);
      assert.deepEqual(chat.shown(), ["One two three", "Four"]);
      second.answer("");
      await clock.advance(100);
    } finally {
      await end(on, clock);
    }
  });
});

describe("the platform's own preview", () => {
  const word = 60;
  const slowly = defineProvider<never>({
    ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ({ ok: true, value: ["model"] }) },
    async *stream() {
      for (let n = 0; n < 40; n++) {
        yield { type: "text", delta: `word${n} ` };
        await new Promise((resolve) => setTimeout(resolve, word));
      }
      yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
    },
  });

  function story(
    name: string,
    run: (on: TestGateway, simulator: TelegramSimulator) => Promise<void>,
    streaming: Streaming = "native",
  ): void {
    test(name, { timeout: 60_000 }, async () => {
      await using home = await temporaryHome();
      const simulator = await startTelegramSimulator({ spec: readSpec() });
      const settings = { token: simulator.token, apiRoot: simulator.url };
      const accounts = { bot: { channel: "telegram", settings, streaming } };
      const on = await composeTestGateway({ home: home.path, channels: [telegram as never], accounts, provider: slowly });
      try {
        await run(on, simulator);
        assert.deepEqual(simulator.violations, []);
      } finally {
        await on[Symbol.asyncDispose]();
        await simulator.close();
      }
    });
  }

  const previews = ({ entries }: TelegramSimulator) =>
    entries.flatMap((entry) => (entry.kind === "effect" && entry.method === "sendMessageDraft" ? [entry.text ?? ""] : []));

  story("grows in a private chat, and the answer is one message that nobody edits", async (on, simulator) => {
    simulator.say(7, 7, "count");
    await on.until("delivery-sent");
    const texts = previews(simulator);
    assert.ok(texts.length >= 2, `${texts.length} previews`);
    for (const [index, text] of texts.entries()) assert.ok(text.startsWith(texts[index - 1] ?? ""), text);
    assert.equal(simulator.seen(7).length, 1);
    assert.match(simulator.seen(7)[0]?.text ?? "", /^word0 .*word39$/);
    assert.equal(simulator.calls.get("editMessageText"), undefined);
    assert.equal(simulator.world.chats.get(7)?.preview, undefined);
  });

  story("is an edit in a group, which has none", async (on, simulator) => {
    simulator.say(-7, 7, `@${simulator.world.bot.username} count`);
    await on.until("turn-done");
    assert.equal(simulator.calls.get("sendMessageDraft"), undefined);
    await on.until("delivery-sent");
    assert.equal(simulator.seen(-7).length, 1);
  });

  story("gives way to edits where the server knows no such method", async (on, simulator) => {
    simulator.arrange({ method: "sendMessageDraft", what: { kind: "error", status: 404, description: "Not Found: method not found" } });
    simulator.say(7, 7, "count");
    await on.until("turn-done");
    assert.equal(simulator.calls.get("sendMessageDraft"), 1);
    assert.ok((simulator.calls.get("editMessageText") ?? 0) >= 1);
    await on.until("delivery-sent");
    assert.match(simulator.seen(7)[0]?.text ?? "", /word39$/);
  });

  story(
    "and blocks go out on Telegram too: nothing is edited",
    async (on, simulator) => {
      simulator.say(7, 7, "count");
      await on.until("delivery-sent");
      assert.equal(simulator.calls.get("editMessageText"), undefined);
      assert.equal(simulator.seen(7).length, 1);
    },
    "blocks",
  );
});
