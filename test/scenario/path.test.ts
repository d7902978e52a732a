import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import telegram from "../../src/channels/telegram/index.ts";
import { fault } from "../../src/core/errors.ts";
import type { AccountId } from "../../src/core/ids.ts";
import { defaultTenant } from "../../src/core/ids.ts";
import { defineProvider, type ModelEvent, type ModelRequest } from "../../src/core/provider.ts";
import currentTime from "../../src/tools/current-time.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { readSpec, startTelegramSimulator, type TelegramSimulator, tooMany } from "../simulators/telegram.ts";

const usage = { input: 1, cachedInput: 0, output: 1, reported: true };

/** A model in this process: what `answer` yields. */
function model(answer: (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent> | Iterable<ModelEvent>) {
  return defineProvider<never>({
    kind: "test",
    name: "Test",
    settings: z.never(),
    async *stream(_, request, signal) {
      yield* answer(request, signal);
    },
    models: async () => ({ ok: true, value: ["model"] }),
  });
}

const says = (...deltas: string[]) => [
  ...deltas.map((delta) => ({ type: "text", delta }) as const),
  { type: "end", reason: "stop", usage } as const,
];

const lastWords = (request: ModelRequest) => {
  const last = request.messages.at(-1);
  return last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join("") : "";
};

interface Story {
  readonly on: TestGateway;
  readonly bot: TelegramSimulator;
}

type StoryOptions = Pick<TestGatewayOptions, "provider" | "agent" | "tools" | "limits"> & {
  readonly account?: { readonly onUnknown?: "hold" | "resend"; readonly streaming?: boolean };
};

function story(name: string, { account, ...options }: StoryOptions, run: (story: Story) => Promise<void>): void {
  test(name, { timeout: 30_000 }, async () => {
    const home = await temporaryHome();
    const bot = await startTelegramSimulator({ spec: readSpec() });
    const settings = { token: bot.token, apiRoot: bot.url };
    const on = await composeTestGateway({
      home: home.path,
      channels: [telegram as never],
      accounts: { bot: { channel: "telegram", settings, ...account } },
      ...options,
    });
    try {
      await run({ on, bot });
      assert.deepEqual(bot.violations, []);
    } finally {
      await on[Symbol.asyncDispose]();
      await bot.close();
      await home[Symbol.asyncDispose]();
    }
  });
}

const texts = (bot: TelegramSimulator, chat: number) => bot.seen(chat).map((message) => message.text);

story(
  "a message is answered, and its ledger tells every stage up to the platform's receipt",
  { provider: model((request) => says("You said ", lastWords(request))) },
  async ({ on, bot }) => {
    bot.say(7, 7, "hello");
    const sent = await on.until("delivery-sent");
    assert.deepEqual(texts(bot, 7), ["You said hello"]);
    const trace = await on.store.records.trace(defaultTenant, sent.trace);
    const stages = trace?.entries.map((entry) => entry.stage);
    for (const stage of ["received", "routed", "turn-start", "model-start", "model-end", "turn-done", "delivery-sent"])
      assert.ok(stages?.includes(stage as never), `no ${stage} in ${stages}`);
    assert.equal(trace?.deliveries[0]?.receipt, String(bot.seen(7)[0]?.id));
    assert.equal((await on.store.records.trace(defaultTenant, String(bot.seen(7)[0]?.id)))?.trace, sent.trace);
  },
);

story(
  "an answer grows in one message and ends as the whole",
  {
    provider: model(async function* () {
      for (const delta of ["One ", "two ", "**three"]) {
        yield { type: "text", delta };
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      yield* says("**");
    }),
  },
  async ({ on, bot }) => {
    bot.say(7, 7, "count");
    await on.until("delivery-sent");
    const [only, ...more] = bot.seen(7);
    assert.equal(more.length, 0);
    assert.equal(only?.text, "One two three");
    assert.ok((bot.calls.get("editMessageText") ?? 0) >= 1);
  },
);

story(
  "messages of one conversation are answered one after the other, others at the same time",
  {
    provider: model(async function* (request) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield* says(`re: ${lastWords(request)}`);
    }),
  },
  async ({ on, bot }) => {
    for (let i = 0; i < 3; i++) for (const chat of [1, 2, 3]) bot.say(chat, chat, `m${i}`);
    await on.until("delivery-sent", 9);
    for (const chat of [1, 2, 3]) assert.deepEqual(texts(bot, chat), ["re: m0", "re: m1", "re: m2"]);
  },
);

story(
  "a model that fails is tried again, and then the user is told",
  { provider: model(() => [{ type: "fail", fault: fault("provider-unavailable", "down"), afterMs: 1 }]), limits: { turnTries: 2 } },
  async ({ on, bot }) => {
    bot.say(7, 7, "hello");
    await on.until("delivery-sent");
    assert.equal(texts(bot, 7).length, 1);
    assert.match(texts(bot, 7)[0] ?? "", /can't answer right now/);
    const [told] = on.events.flatMap((event) => (event.type === "ledger" && event.entry.stage === "turn-fail" ? [event.entry] : []));
    assert.equal(told?.reason, "provider-unavailable");
  },
);

story(
  "the next model answers when the first one can't",
  {
    provider: model((request) =>
      request.model === "bad"
        ? [
            { type: "text", delta: "half an ans" },
            { type: "fail", fault: fault("provider-auth", "no key") },
          ]
        : says("I am the second"),
    ),
    agent: { models: ["test/bad", "test/good"] },
  },
  async ({ on, bot }) => {
    bot.say(7, 7, "hello");
    await on.until("delivery-sent");
    assert.deepEqual(texts(bot, 7), ["I am the second"]);
  },
);

story(
  "a tool is run with checked arguments and its result goes back to the model",
  {
    tools: [currentTime as never],
    agent: { tools: ["current_time"] },
    provider: model((request) => {
      const last = request.messages.at(-1);
      if (last?.role === "tool") return says(`The tool said ${last.failed ? "no" : "yes"}`);
      const input = lastWords(request) === "bad" ? '{"zone": 5}' : '{"zone":"UTC"}';
      return [
        { type: "text", delta: "Let me look." },
        { type: "tool-call", call: { id: "c1", name: "current_time", input } },
        { type: "end", reason: "tool-calls", usage },
      ];
    }),
  },
  async ({ on, bot }) => {
    bot.say(7, 7, "good");
    await on.until("delivery-sent");
    bot.say(7, 7, "bad");
    await on.until("delivery-sent", 2);
    assert.deepEqual(texts(bot, 7), ["Let me look.\n\nThe tool said yes", "Let me look.\n\nThe tool said no"]);
  },
);

story(
  "after a takeover not a word of the agent leaves",
  {
    provider: model(async function* (_, signal) {
      yield { type: "text", delta: "The agent " };
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      yield* says("goes on");
    }),
  },
  async ({ on, bot }) => {
    bot.say(7, 7, "hello");
    const { trace } = await on.until("turn-start");
    while (bot.seen(7).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const { conversation } = (await on.store.records.trace(defaultTenant, trace)) ?? assert.fail("no trace");
    const taken = await on.store.records.setControl(
      defaultTenant,
      conversation.id,
      "human",
      conversation.controlVersion,
      "op_1",
      Date.now(),
    );
    on.publish({ type: "control", conversation: conversation.id, control: "human", version: taken?.controlVersion ?? 0 });
    await on.until("turn-cancel");
    const before = texts(bot, 7);
    bot.say(7, 7, "is anybody there?");
    assert.equal((await on.until("ignored")).reason, "control-human");
    const said = await on.gateway.send({
      tenant: defaultTenant,
      to: { conversation: conversation.id },
      parts: [{ type: "text", text: "A human here.", markup: "plain" }],
      by: "op_1",
    });
    assert.ok(said.ok);
    // The first one is the draft, which stays as it was.
    await on.until("delivery-sent", 2);
    assert.deepEqual(texts(bot, 7), [...before, "A human here."]);
  },
);

let drafted = () => false;

const echo = model((request) => says(`re: ${lastWords(request)}`));

story(
  "a platform that asks to wait is asked again later, and its conversation keeps its order",
  { provider: echo, account: { streaming: false } },
  async ({ on, bot }) => {
    bot.arrange({ method: "sendMessage", what: tooMany(1) });
    bot.say(7, 7, "a");
    bot.say(7, 7, "b");
    await on.until("delivery-sent", 2);
    assert.deepEqual(texts(bot, 7), ["re: a", "re: b"]);
    assert.equal(bot.calls.get("sendMessage"), 3);
  },
);

story(
  "the answer waits when the platform asked its draft to wait",
  {
    provider: model(async function* () {
      yield { type: "text", delta: "word " };
      while (!drafted()) await new Promise((resolve) => setTimeout(resolve, 20));
      yield* says("by word");
    }),
  },
  async ({ on, bot }) => {
    drafted = () => bot.calls.has("sendMessage");
    bot.arrange({ method: "sendMessage", what: tooMany(1) });
    bot.say(7, 7, "a");
    const sent = await on.until("delivery-sent");
    assert.deepEqual(texts(bot, 7), ["word by word"]);
    const entries = (await on.store.records.trace(defaultTenant, sent.trace))?.entries ?? [];
    const asked = entries.find(({ reason }) => reason === "draft-refused") ?? assert.fail("the draft was not refused");
    assert.ok(sent.at - asked.at >= 900, `sent ${sent.at - asked.at} ms after Telegram asked for a second`);
  },
);

story(
  "a send whose answer is lost is never repeated by itself; later ones go on; the operator decides",
  { provider: echo, account: { streaming: false } },
  async ({ on, bot }) => {
    bot.arrange({ method: "sendMessage", what: { kind: "drop" } });
    bot.say(7, 7, "a");
    const unknown = await on.until("delivery-unknown");
    bot.say(7, 7, "b");
    await on.until("delivery-sent");
    assert.deepEqual(texts(bot, 7), ["re: a", "re: b"]);
    const [held] = await on.store.records.deliveries(defaultTenant, { states: ["unknown"], limit: 10 });
    assert.equal(held?.trace, unknown.trace);
    await on.store.settle(defaultTenant, [held?.id as never], "retry", "op_1", Date.now());
    on.gateway.wake();
    await on.until("delivery-sent", 2);
    assert.deepEqual(texts(bot, 7), ["re: a", "re: b", "re: a"]);
  },
);

story(
  "an operator who prefers a duplicate to a loss gets one",
  { provider: echo, account: { streaming: false, onUnknown: "resend" } },
  async ({ on, bot }) => {
    bot.arrange({ method: "sendMessage", what: { kind: "drop" } });
    bot.say(7, 7, "a");
    await on.until("delivery-sent");
    assert.deepEqual(texts(bot, 7), ["re: a", "re: a"]);
  },
);

story("what the platform refuses for good is not tried again", { provider: echo, account: { streaming: false } }, async ({ on, bot }) => {
  bot.arrange({ method: "sendMessage", what: { kind: "error", status: 403, description: "Forbidden: bot was blocked by the user" } });
  bot.say(7, 7, "a");
  assert.equal((await on.until("delivery-fail")).reason, "channel-gone");
  assert.equal(bot.calls.get("sendMessage"), 1);
});

story("a second poll of the same update is answered once", { provider: echo }, async ({ on, bot }) => {
  bot.say(7, 7, "once");
  await on.until("delivery-sent");
  const again = await on.gateway.receive("bot" as AccountId, [
    {
      kind: "message",
      key: "1000",
      chat: { id: "7", kind: "direct" },
      sender: { id: "7", bot: false, self: false },
      at: 0,
      platformId: "1",
      parts: [],
      addressed: true,
    },
  ]);
  assert.equal(again[0]?.duplicate, true);
  assert.equal(texts(bot, 7).length, 1);
});
