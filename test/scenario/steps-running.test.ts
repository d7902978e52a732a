import assert from "node:assert/strict";
import { test } from "node:test";
import { stepsOf, stepsSchema } from "../../src/config/step-schema.ts";
import { fault } from "../../src/core/errors.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { plainText } from "../../src/core/message.ts";
import { createHandClock, type HandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type ModelByHand, modelByHand } from "../support/model.ts";
import { paragraphs, passing } from "../support/paragraphs.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const limits = { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 60_000 };
const down = fault("provider-unavailable", "503");

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly clock: HandClock;
  readonly model: ModelByHand;
  readonly conversation: ConversationId;
  heard(count: number): Promise<readonly string[]>;
  /** What was shown while it was written. */
  shown(): string;
  stages(): Promise<readonly string[]>;
}

interface Story extends Omit<Partial<TestGatewayOptions>, "agent"> {
  readonly steps: readonly object[];
  readonly agent?: TestGatewayOptions["agent"];
  readonly streaming?: "blocks";
}

/** One message, and models that answer when the test says so. */
function story(name: string, { steps, streaming, ...options }: Story, run: (on: On) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const clock = createHandClock();
    const model = modelByHand();
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent)], provider: model.provider, clock, ...options },
      accounts: { bot: { channel: "chat", settings: {}, ...(streaming && { streaming }) } },
      agent: { limits, ...options.agent, steps: stepsOf(stepsSchema.parse(steps), 1_000) },
    });
    const [first] = await on.gateway.receive(bot, [says("Wann?")]);
    const conversation = first?.conversation as ConversationId;
    try {
      await run({
        ...{ ...on, sent, clock, model, conversation },
        async heard(count) {
          await passing(clock, () => sent.length >= count);
          return sent;
        },
        shown: () =>
          on.events.flatMap((event) => (event.type === "turn" && event.event.type === "turn-text" ? [event.event.delta] : [])).join(""),
        stages: async () => {
          const entries = (await on.store.records.trace(defaultTenant, first?.event ?? ""))?.entries ?? [];
          return entries.map(({ stage, detail, reason }) => [stage, detail?.role, detail?.outcome, reason].filter(Boolean).join(" "));
        },
      });
    } finally {
      const hurry = setInterval(() => void clock.advance(10_000), 5);
      await on.gateway.drain(1_000);
      clearInterval(hurry);
    }
  });
}

const generate = { role: "generate" };
const translate = { role: "translate", to: "de", models: ["test/translator"] };
const review = { role: "review", models: ["test/reviewer"], whenFails: "stop" };

story("only the last step that writes is shown while it writes", { steps: [generate, review, translate] }, async (on) => {
  (await on.model.asked()).answer("At nine.");
  (await on.model.asked()).answer('{"pass": true}');
  const asked = await on.model.asked();
  assert.equal(on.shown(), "");
  asked.say("Um ");
  await passing(on.clock, () => on.shown() !== "");
  assert.equal(on.shown(), "Um ");
  asked.answer("neun.");
  assert.deepEqual(await on.heard(1), ["Um neun."]);
  assert.equal(on.shown(), "Um neun.");
});

story(
  "an answer that no step behind it applies to is shown while it is written",
  {
    steps: [{ role: "classify", models: ["test/sorter"], choices: { risky: {}, harmless: {} } }, generate, { ...review, when: "risky" }],
  },
  async (on) => {
    (await on.model.asked()).answer('{"choice": "harmless"}');
    const asked = await on.model.asked();
    asked.say("At ");
    await passing(on.clock, () => on.shown() !== "");
    asked.answer("nine.");
    assert.deepEqual(await on.heard(1), ["At nine."]);
    assert.equal(on.model.count, 2);
  },
);

story("after a takeover in a step no word of the answer leaves", { steps: [generate, review] }, async (on) => {
  (await on.model.asked()).answer("At nine.");
  const asked = await on.model.asked();
  const before = await on.store.records.conversation(defaultTenant, on.conversation);
  const taken = await on.store.records.setControl(defaultTenant, on.conversation, "human", before?.controlVersion ?? 0, "op_1", 1);
  assert.ok(taken);
  on.publish({ type: "control", conversation: on.conversation, control: "human", version: taken.controlVersion });
  await passing(on.clock, () => asked.signal.aborted);
  await on.until("turn-cancel");
  assert.deepEqual(on.sent, []);
  assert.equal((await on.stages()).at(-1), "turn-cancel control-human");
});

story(
  "a turn that is tried again pays for no finished step again",
  { steps: [generate, { ...translate, whenFails: "stop" }] },
  async (on) => {
    (await on.model.asked()).answer("At nine.");
    (await on.model.asked()).fail(down);
    const again = on.model.asked();
    await passing(on.clock, () => on.model.count === 3);
    (await again).answer("Um neun.");
    assert.deepEqual(await on.heard(1), ["Um neun."]);
    assert.equal(on.model.count, 3);
    assert.ok((await on.stages()).includes("turn-retry provider-unavailable"));
  },
);

story(
  "what the last step said for good stays, and says that it broke off",
  { steps: [generate, { ...translate, whenFails: "stop" }], streaming: "blocks" },
  async (on) => {
    (await on.model.asked()).answer("Much.");
    const asked = await on.model.asked();
    asked.say(`${paragraphs[0]}\n\nAnd so `);
    await on.heard(1);
    asked.fail(down);
    await on.heard(2);
    const past = await on.store.history(on.conversation, undefined, 9);
    const said = plainText(past.at(-1)?.parts ?? []);
    assert.ok(said.startsWith(`${paragraphs[0]}\n\nAnd so`), said);
    assert.match(said, /\(My answer broke off here\. Ask me to go on\.\)$/);
  },
);

story(
  "a step without a word for too long, or that isn't what was asked for, is left out",
  { steps: [generate, { ...review, whenFails: "skip" }] },
  async (on) => {
    (await on.model.asked()).answer("At nine.");
    (await on.model.asked()).answer("I like it.");
    assert.deepEqual(await on.heard(1), ["At nine."]);
    assert.ok((await on.stages()).includes("step review failed provider-malformed"));
  },
);

const spent: NonNullable<TestGatewayOptions["budgets"]> = [
  { id: "all", per: "tenant", every: "day", tokens: 2, atLimit: "downgrade", models: ["test/cheap"] },
];

story(
  "a step that a budget doesn't allow asks whom the budget falls back to",
  { steps: [generate, translate], budgets: spent },
  async (on) => {
    (await on.model.asked()).answer("At nine.");
    const asked = await on.model.asked();
    asked.answer("Um neun.");
    assert.deepEqual(await on.heard(1), ["Um neun."]);
    const usage = await on.store.records.usage(defaultTenant, { by: ["model", "purpose"], from: "2000-01-01", to: "2100-01-01", limit: 9 });
    assert.deepEqual(usage.map(({ of }) => [of.model, of.purpose]).toSorted(), [
      ["cheap", "translate"],
      ["model", "answer"],
    ]);
  },
);

const stop: typeof spent = [{ id: "all", per: "tenant", every: "day", tokens: 2, atLimit: "stop", models: [], say: "No money." }];

story(
  "where it stops, a step that may be is left out, and one that may not ends the turn with what is said then",
  { steps: [generate, translate, review], budgets: stop },
  async (on) => {
    (await on.model.asked()).answer("At nine.");
    assert.deepEqual(await on.heard(1), ["No money."]);
    assert.equal(on.model.count, 1);
    assert.ok((await on.stages()).includes("step translate failed budget-spent"));
  },
);
