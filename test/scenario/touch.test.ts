import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel } from "../../src/core/channel.ts";
import { type Fault, fault } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant, type MessageId } from "../../src/core/ids.ts";
import { plainText } from "../../src/core/message.ts";
import react from "../../src/tools/react.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { modelByHand } from "../support/model.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const tenant = defaultTenant;

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly clock: ReturnType<typeof createHandClock>;
  readonly model: ReturnType<typeof modelByHand>;
  /** What the platform was asked for besides messages; it refuses with `refusal`. */
  readonly asked: string[];
  readonly platform: { refusal?: Fault };
  sentAre(count: number): Promise<void>;
}

function story(name: string, run: (on: On) => Promise<void>, without: Partial<Channel<never>> = {}): void {
  test(name, { timeout: 30_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const asked: string[] = [];
    const model = modelByHand();
    const clock = createHandClock();
    const platform: { refusal?: Fault } = {};
    const channel: Channel<never> = {
      ...noting(sent),
      react: async (_, { platformId, reaction }) => {
        asked.push(`${platformId} ${reaction ?? "none"}`);
        return platform.refusal;
      },
      delete: async (_, { receipt }) => {
        asked.push(`delete ${receipt}`);
        return platform.refusal;
      },
      ...without,
    };
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [channel], accounts: { bot: { channel: "chat", settings: {} } }, provider: model.provider, clock },
      ...{ tools: [react as never], agent: { tools: ["react"] } },
    });
    const sentAre = async (count: number) => {
      for (let i = 0; i < 600 && sent.length < count; i++) await clock.advance(50);
      assert.equal(sent.length, count);
    };
    await run({ ...on, sent, asked, model, clock, platform, sentAre });
  });
}

async function answered(
  { gateway, model, sentAre }: On,
  ask: string,
  words: string,
): Promise<{ message: MessageId; conversation: string }> {
  const [received] = await gateway.receive(bot, [says(ask)]);
  (await model.asked()).answer(words);
  await sentAre(1);
  return received as { message: MessageId; conversation: string } & typeof received;
}

story("an operator takes back what the assistant said: there, and from what it knows", async (on) => {
  const { conversation } = await answered(on, "What is the code?", "It is 1234.");
  const [answer] = await on.store.records.messages(tenant, conversation as never, { limit: 1 });
  const [delivery] = await on.store.records.deliveries(tenant, { limit: 1 });
  assert.ok(answer && delivery?.receipt);
  const request = { tenant, message: answer.id, touch: { kind: "take-back" }, by: "op_1" } as const;
  on.platform.refusal = fault("channel-retry", "slow down");
  const refused = await on.gateway.touch(request);
  assert.equal(refused.ok ? "" : refused.fault.code, "channel-retry");
  delete on.platform.refusal;
  assert.deepEqual(await on.gateway.touch(request), { ok: true, value: { lost: 0 } });
  assert.deepEqual(on.asked, Array(2).fill(`delete ${delivery.receipt}`));
  await on.gateway.receive(bot, [says("And now?")]);
  const asked = await on.model.asked();
  assert.ok(!asked.told.join().includes("1234"), "the model isn't told what was taken back");
  assert.ok(asked.told.join().includes("[deleted]"));
  asked.answer("Nothing.");
  await on.sentAre(2);
});

story("an operator reacts to what a person wrote, and takes that away again", async (on) => {
  const { message } = await answered(on, "Thank you!", "You're welcome.");
  for (const reaction of ["👍", undefined]) {
    const touch = { kind: "react", ...(reaction && { reaction }) } as const;
    assert.ok((await on.gateway.touch({ tenant, message, touch, by: "op_1" })).ok);
  }
  assert.deepEqual(
    on.asked.map((one) => one.replace(/^p\d+ /, "")),
    ["👍", "none"],
  );
  assert.equal(plainText((await on.store.message(tenant, message))?.parts ?? []), "Thank you!");
});

story("an agent reacts to the message that it answers, and is told why it can't", async (on) => {
  await on.gateway.receive(bot, [says("Well done!")]);
  (await on.model.asked()).call("react", { emoji: "🎉" });
  const second = await on.model.asked();
  on.platform.refusal = fault("channel-permanent", "no such reaction");
  assert.match(second.told.at(-1) ?? "", /has the reaction 🎉/);
  second.call("react", { emoji: "🦩" });
  const third = await on.model.asked();
  assert.match(third.told.at(-1) ?? "", /channel-permanent: no such reaction/);
  third.answer("Thanks!");
  await on.sentAre(1);
  assert.deepEqual(
    on.asked.map((one) => one.replace(/^p\d+ /, "")),
    ["🎉", "🦩"],
  );
});

story("after a takeover an agent reacts no more", async (on) => {
  const [received] = await on.gateway.receive(bot, [says("Well done!")]);
  const asked = await on.model.asked();
  const conversation = await on.store.records.conversation(tenant, received?.conversation as string);
  assert.ok(conversation);
  await on.store.records.setControl(tenant, conversation.id, "human", conversation.controlVersion, "op_1", on.clock.now());
  asked.call("react", { emoji: "🎉" });
  const told = await on.model.asked();
  assert.match(told.told.at(-1) ?? "", /version-conflict/);
  told.answer("Thanks!");
  await on.clock.advance(1_000);
  assert.deepEqual([on.asked, on.sent], [[], []]);
});

story(
  "what a channel can't do is said, and nothing is begun",
  async (on) => {
    const { message } = await answered(on, "Hello", "Hi.");
    const refused = await on.gateway.touch({ tenant, message, touch: { kind: "react", reaction: "👍" }, by: "op_1" });
    assert.deepEqual(refused.ok ? "" : [refused.fault.code, refused.fault.message], ["request-invalid", "Chat can't react to messages"]);
    assert.ok(!(await on.store.records.auditLog(tenant, { limit: 9 })).some(({ action }) => action === "message-react"));
  },
  { react: undefined as never },
);

story(
  "a channel that throws is a fault, and told as one",
  async (on) => {
    const { message } = await answered(on, "Hello", "Hi.");
    const thrown = await on.gateway.touch({ tenant, message, touch: { kind: "react", reaction: "👍" }, by: "op_1" });
    assert.equal(thrown.ok ? "" : thrown.fault.code, "internal");
  },
  { react: () => Promise.reject(new Error("boom")) },
);
