import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { sayDueReminders } from "../../src/ops/reminders.ts";
import { renderMessage } from "../../src/outbox/enqueue.ts";
import handOver from "../../src/tools/hand-over.ts";
import remindMe from "../../src/tools/remind-me.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { modelByHand } from "../support/model.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const quiet = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet } as never;

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly model: ReturnType<typeof modelByHand>;
  readonly clock: ReturnType<typeof createHandClock>;
  say(text: string, who?: string): Promise<ConversationId>;
  next(): Promise<string>;
  /** What the gateway does each second. */
  remind(): Promise<void>;
}

function story(name: string, run: (on: On) => Promise<void>): void {
  test(name, { timeout: 30_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const model = modelByHand();
    const clock = createHandClock();
    const channel = noting(sent, (text, chat) => `${chat}: ${text}`);
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [channel], accounts: { bot: { channel: "chat", settings: {} } }, provider: model.provider, clock },
      ...{ tools: [remindMe as never, handOver as never], agent: { tools: ["remind_me", "hand_over"] } },
    });
    let seen = 0;
    const { store } = on;
    await run({
      ...{ ...on, sent, model, clock },
      async say(text, who = "ada") {
        const [received] = await on.gateway.receive(bot, [says(text, { sender: who })] as PlatformEvent[]);
        return received?.conversation as ConversationId;
      },
      async next() {
        for (let i = 0; i < 600 && sent.length === seen; i++) await clock.advance(50);
        seen += 1;
        return sent[seen - 1] ?? "nothing";
      },
      remind: () =>
        sayDueReminders({
          ...{ store, clock, log: quiet },
          render: (message) => renderMessage({ store, clock, account: () => ({ channel: channel as never, onUnknown: "hold" }) }, message),
          queued: () => on.gateway.wake(),
        }),
    });
  });
}

async function use(on: On, name: string, input: object): Promise<string> {
  (await on.model.asked()).call(name, input);
  const asked = await on.model.asked();
  const told = asked.told.at(-1) ?? "";
  asked.answer("All right.");
  await on.next();
  return told;
}

story("a reminder is said in its conversation at its time, once", async (on) => {
  await on.say("Remind me of tea.");
  assert.match(await use(on, "remind_me", { text: "Tea!", minutes: 10 }), /^tool: Set for 2026-11-22T12:10:0\d/);
  await on.clock.advance(9 * 60_000);
  await on.remind();
  await on.clock.advance(1_000);
  assert.equal(on.sent.length, 1);
  await on.clock.advance(60_000);
  await on.remind();
  await on.remind();
  assert.equal(await on.next(), "ada: ⏰ Tea!");
  await on.clock.advance(5_000);
  assert.equal(on.sent.length, 2);
});

story("they are listed and cancelled by the person they are for, and nobody else's are seen", async (on) => {
  await on.say("Remind me.");
  const [, id = ""] = /\((\w+)\)/.exec(await use(on, "remind_me", { text: "Tea!", at: "2026-11-23T15:00:00+01:00" })) ?? [];
  await on.say("What have I?");
  assert.equal(await use(on, "remind_me", { action: "list" }), `tool: ${id}: 2026-11-23T14:00:00.000Z Tea!`);
  await on.say("What has she?", "eve");
  assert.equal(await use(on, "remind_me", { action: "list" }), "tool: There are none.");
  await on.say("Cancel hers.", "eve");
  assert.match(await use(on, "remind_me", { action: "cancel", id }), /not-found/);
  await on.say("Cancel it.");
  assert.match(await use(on, "remind_me", { action: "cancel", id }), /cancelled/);
  await on.say("What have I?");
  assert.equal(await use(on, "remind_me", { action: "list" }), "tool: There are none.");
});

story("what makes no sense is told to the model", async (on) => {
  for (const [input, why] of [
    [{ text: "x" }, /either at or minutes/],
    [{ text: "x", minutes: 5, at: "2026-11-23T15:00:00Z" }, /either at or minutes/],
    [{ text: "x", at: "2026-11-21T15:00:00Z" }, /is past/],
    [{ text: "x", at: "tomorrow" }, /request-invalid/],
    [{ minutes: 5 }, /text is missing/],
    [{ action: "cancel" }, /id is missing/],
  ] as const) {
    await on.say("Remind me.");
    assert.match(await use(on, "remind_me", input), why);
  }
});

story("a person has fifty of them at most; the same one asked for again in a turn is the same", async (on) => {
  await on.say("Remind me a lot.");
  for (let n = 0; n < 3; n++) (await on.model.asked()).call("remind_me", { text: "same", minutes: 5 + n });
  (await on.model.asked()).answer("Done.");
  await on.next();
  const conversation = await on.say("more");
  const of = { tenant: defaultTenant, conversation, sender: "ada" };
  assert.equal((await on.store.reminders(defaultTenant, conversation, "ada")).length, 1);
  const chat = { id: "ada", kind: "direct" } as const;
  for (let n = 1; n < 50; n++) {
    const reminder = {
      ...of,
      account: bot,
      channel: "chat",
      chat,
      text: `n${n}`,
      dueAt: on.clock.now() + 9e9,
      event: "ev_x" as never,
      at: 0,
    };
    assert.ok(await on.store.addReminder(reminder, 50));
  }
  assert.match(await use(on, "remind_me", { text: "one more", minutes: 5 }), /sender-quota/);
});

story("an agent hands over to a person: its last words still arrive, then it is silent", async (on) => {
  const conversation = await on.say("I want a person!");
  (await on.model.asked()).call("hand_over", { reason: "Ada asks for a person" });
  const asked = await on.model.asked();
  assert.match(asked.told.at(-1) ?? "", /A person takes over/);
  asked.answer("A colleague will answer you here.");
  assert.equal(await on.next(), "ada: A colleague will answer you here.");
  const now = await on.store.records.conversation(defaultTenant, conversation);
  assert.deepEqual([now?.control, now?.controlVersion], ["human", 2]);
  assert.ok(on.events.some((event) => event.type === "control" && event.control === "human"));
  await on.say("Hello?");
  await on.clock.advance(2_000);
  assert.equal(on.model.count, 2, "the agent is silent");
  const [entry] = await on.store.records.auditLog(defaultTenant, { limit: 1 });
  assert.deepEqual(
    [entry?.actor, entry?.action, entry?.detail],
    ["agent:main", "control-set", { control: "human", reason: "Ada asks for a person" }],
  );
});
