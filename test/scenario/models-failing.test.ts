import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { type ErrorCode, fault, ok } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import { defineProvider, type ModelEvent, type ModelRequest } from "../../src/core/provider.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { noting } from "../support/talk.ts";

const bot = "bot" as AccountId;
const usage = { input: 1, cachedInput: 0, output: 1, reported: true };
const end: ModelEvent = { type: "end", reason: "stop", usage };
const says = (delta: string): ModelEvent => ({ type: "text", delta });
const fails = (code: ErrorCode, afterMs?: number): ModelEvent => {
  return { type: "fail", fault: fault(code, `it failed: ${code}`), ...(afterMs !== undefined && { afterMs }) };
};
const long = "This is the beginning of a long answer that says quite a lot before it breaks off. ".repeat(4);

/** What a model does next, by its name; the last one is repeated. `silence` never ends by itself. */
type Script = Readonly<Record<string, readonly (readonly (ModelEvent | "silence")[])[]>>;

function scripted(script: Script) {
  const asked: (ModelRequest & { readonly at: number })[] = [];
  const provider = (clock: { elapsed(): number }) =>
    defineProvider<never>({
      ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok(["model"]) },
      async *stream(_, request, signal) {
        const times = asked.filter(({ model }) => model === request.model).length;
        asked.push({ ...request, at: clock.elapsed() });
        const turns = script[request.model] ?? [];
        for (const event of turns[Math.min(times, turns.length - 1)] ?? []) {
          if (event === "silence") await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          else yield event;
        }
      },
    });
  return { asked, provider };
}

let made = 0;
function said(text = "hi"): PlatformEvent {
  made += 1;
  return {
    ...{ kind: "message", key: `k${made}`, platformId: `p${made}`, at: 0, addressed: true, parts: [textPart(text)] },
    ...{ chat: { id: "ada", kind: "direct" }, sender: { id: "ada", bot: false, self: false } },
  };
}

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly clock: ReturnType<typeof createHandClock>;
  readonly asked: ReturnType<typeof scripted>["asked"];
  /** Says it and lets time pass until there is an answer. */
  hear(text?: string): Promise<string>;
}

function story(
  name: string,
  script: Script,
  models: string[],
  run: (on: On) => Promise<void>,
  options: Partial<TestGatewayOptions> = {},
): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const clock = createHandClock();
    const { asked, provider } = scripted(script);
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {} } } },
      ...{ provider: provider(clock) as never, agent: { models }, clock, ...options },
    });
    const hear = async (text?: string) => {
      const before = sent.length;
      await on.gateway.receive(bot, [said(text)]);
      for (let i = 0; i < 3_000 && sent.length === before; i++) await clock.advance(100);
      return sent.slice(before).join("\n");
    };
    await run({ ...on, sent, clock, asked, hear });
  });
}

const names = (on: On) => on.asked.map(({ model }) => model);

story(
  "a model at its limit costs no other its turn, and is left alone for as long as it asked",
  { one: [[fails("provider-quota", 20_000)], [says("one again"), end]], two: [[says("from two"), end]] },
  ["test/one", "test/two"],
  async (on) => {
    for (let n = 0; n < 3; n++) assert.equal(await on.hear(), "from two");
    assert.deepEqual(names(on), ["one", "two", "two", "two"]);
    await on.clock.advance(20_000);
    assert.equal(await on.hear(), "one again");
  },
);

story(
  "where all of a chain is at its limit, the message waits for the first that opens, and isn't tried in vain",
  { one: [[fails("provider-quota", 5_000)], [says("here I am"), end]] },
  ["test/one"],
  async (on) => {
    assert.equal(await on.hear(), "here I am");
    const [first, second] = on.asked;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 5_000, "not before it asked for");
    assert.equal(on.asked.length, 2);
  },
);

story(
  "a turn that is taken away while it finds out shuts its model for nobody",
  { one: [[fails("provider-quota", 5_000)], ["silence"], [says("one again"), end]], two: [[says("from two"), end]] },
  ["test/one", "test/two"],
  async (on) => {
    assert.equal(await on.hear(), "from two");
    await on.clock.advance(6_000);
    const [received] = await on.gateway.receive(bot, [said()]);
    await on.until("model-start", 3);
    const conversation = received?.conversation as ConversationId;
    const taken = await on.store.records.setControl(defaultTenant, conversation, "human", 1, "op", on.clock.now());
    on.publish({ type: "control", conversation, control: "human", version: taken?.controlVersion as number });
    await on.until("turn-cancel");
    await on.store.records.setControl(defaultTenant, conversation, "agent", 2, "op", on.clock.now());
    assert.equal(await on.hear(), "one again");
    assert.deepEqual(names(on), ["one", "two", "one", "one"]);
  },
);

story(
  "an answer that a filter kept back shuts its model for nobody",
  { one: [[{ type: "end", reason: "filter", usage }]], two: [[says("from two"), end]] },
  ["test/one", "test/two"],
  async (on) => {
    for (let n = 0; n < 5; n++) assert.equal(await on.hear(), "from two");
    assert.equal(on.asked.filter(({ model }) => model === "one").length, 5);
  },
);

story("an outage that lasts is told, not kept silent", { one: [[fails("provider-unavailable")]] }, ["test/one"], async (on) => {
  assert.match(await on.hear(), /^Sorry, I can't answer right now/);
  assert.ok(on.asked.length <= 5, `${on.asked.length} calls`);
  await on.clock.advance(61_000);
  await on.hear();
  assert.ok(on.gateway.findings().some(({ code }) => code === "model-failing"));
});

story(
  "a model that falls silent is given up, before its first word and after it",
  { one: [["silence"], [says("I was going to"), "silence"]], two: [[says("from two"), end]] },
  ["test/one", "test/two"],
  async (on) => {
    for (const times of [1, 2]) {
      assert.equal(await on.hear(), "from two");
      assert.equal(on.asked.length, times * 2);
    }
    const trace = await on.store.records.stories(defaultTenant, { limit: 1 });
    const entries = (await on.store.records.trace(defaultTenant, trace[0]?.trace ?? ""))?.entries ?? [];
    const why = entries.find(({ stage }) => stage === "model-fail");
    assert.deepEqual([why?.reason, why?.detail?.message], ["provider-unavailable", "test/one said nothing for 2 s"]);
  },
  { stallMs: 2_000 },
);

story(
  "an answer that broke off is gone on with by the next model, word by word",
  { one: [[says(long), fails("provider-unavailable")]], two: [[says("And this is how it ends."), end]] },
  ["test/one", "test/two"],
  async (on) => {
    assert.equal(await on.hear(), `${long}And this is how it ends.`);
    const [, second] = on.asked;
    assert.deepEqual(
      second?.messages.map(({ role }) => role),
      ["user", "assistant", "user"],
    );
    assert.deepEqual(second?.messages[1], { role: "assistant", text: long });
  },
);

story(
  "one that breaks off twice is gone on with twice, and an empty failure leaves no empty message",
  {
    one: [[says(long), fails("provider-unavailable")]],
    two: [[fails("provider-unavailable")]],
    three: [[says("more, "), fails("provider-malformed")]],
    four: [[says("the end."), end]],
  },
  ["test/one", "test/two", "test/three", "test/four"],
  async (on) => {
    assert.equal(await on.hear(), `${long}more, the end.`);
    const last = on.asked.at(-1);
    assert.deepEqual(
      last?.messages.map((message) => (message.role === "assistant" ? message.text : message.role)),
      ["user", long, "user", "more, ", "user"],
    );
  },
);

story(
  "an answer that nobody can go on with says that it broke off, and isn't paid for again",
  { one: [[says(long), fails("provider-unavailable")]] },
  ["test/one"],
  async (on) => {
    assert.equal(await on.hear(), `${long.trimEnd()} …\n\n(My answer broke off here. Ask me to go on.)`);
    assert.equal(on.asked.length, 1);
  },
);

story(
  "a block of code that broke off is closed before that is said",
  { one: [[says(`${long}\n\n\`\`\`ts\nconst a = 1;`), fails("provider-unavailable")]] },
  ["test/one"],
  async (on) => {
    await on.hear();
    const [message] = await on.store.records.messages(
      defaultTenant,
      (await on.store.records.stories(defaultTenant, { limit: 1 }))[0]?.conversation as never,
      { limit: 1 },
    );
    const [part] = message?.parts ?? [];
    assert.ok(part?.type === "text" && part.text.endsWith("const a = 1;\n```\n\n(My answer broke off here. Ask me to go on.)"));
  },
);

story(
  "a few words that broke off are begun anew",
  { one: [[says("Well,"), fails("provider-unavailable")]], two: [[says("from two"), end]] },
  ["test/one", "test/two"],
  async (on) => {
    assert.equal(await on.hear(), "from two");
    assert.equal(on.asked[1]?.messages.length, 1);
  },
);

story(
  "what is too long for a model is made shorter, oldest first, and the model is told",
  {
    one: [
      [says("1"), end],
      [says("2"), end],
      [says("3"), end],
      [says("4"), end],
      [fails("context-too-long")],
      [fails("context-too-long")],
      [says("5"), end],
    ],
  },
  ["test/one"],
  async (on) => {
    for (const text of ["a", "b", "c", "d"]) await on.hear(text);
    assert.equal(await on.hear("e"), "5");
    const words = on.asked
      .slice(-3)
      .map(({ messages }) =>
        messages.map((message) =>
          message.role === "user"
            ? message.content.map((part) => (part.type === "text" ? part.text : "")).join()
            : message.role === "assistant"
              ? message.text
              : "",
        ),
      );
    assert.deepEqual(words, [["a", "1", "b", "2", "c", "3", "d", "4", "e"], ["c", "3", "d", "4", "e"], ["e"]]);
    assert.doesNotMatch(on.asked.at(-3)?.instructions ?? "", /left out/);
    assert.match(on.asked.at(-1)?.instructions ?? "", /beginning of this conversation was left out/);
  },
);
