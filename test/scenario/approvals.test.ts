import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { fault, ok } from "../../src/core/errors.ts";
import { buttonToken, type PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant, type MessageId } from "../../src/core/ids.ts";
import { defineTool } from "../../src/core/tool.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { modelByHand } from "../support/model.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly model: ReturnType<typeof modelByHand>;
  /** What the tool was used for, in order. */
  readonly used: readonly string[];
  readonly clock: ReturnType<typeof createHandClock>;
  /** Lets Ada ask for it, and the model want it; gives the message that asks her. */
  ask(input?: object): Promise<MessageId>;
  press(message: MessageId, index: number, more?: { sender?: string; chat?: string }): Promise<string>;
  /** The next message that is sent, from now on. */
  next(): Promise<string>;
  reason(): Promise<string | undefined>;
}

function story(name: string, run: (on: On) => Promise<void>, options: Partial<TestGatewayOptions> = {}): void {
  test(name, { timeout: 30_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const used: string[] = [];
    const model = modelByHand();
    const clock = createHandClock();
    const wipe = defineTool({
      ...{ name: "wipe", description: "Wipes a disk.", input: z.strictObject({ disk: z.string() }) },
      run({ disk }) {
        used.push(disk);
        return disk === "broken" ? { ok: false, fault: fault("tool-failed" as never, "it is broken") } : ok(`${disk} is empty`);
      },
    });
    await using on = await composeTestGateway({
      ...{
        home: home.path,
        channels: [noting(sent)],
        accounts: { bot: { channel: "chat", settings: {} } },
        provider: model.provider,
        clock,
      },
      ...{ tools: [wipe as never], agent: { tools: ["wipe"], approve: ["wipe"] }, ...options },
    });
    let seen = 0;
    const next = async () => {
      for (let i = 0; i < 600 && sent.length === seen; i++) await clock.advance(50);
      assert.ok(sent.length > seen, "something was sent");
      seen = sent.length;
      return sent.at(-1) as string;
    };
    const stories = async () =>
      (await on.store.records.stories(defaultTenant, { limit: 9 })).filter(({ trace }) => trace.startsWith("ev_"));
    let presses = 0;
    await run({
      ...{ ...on, sent, used, model, clock, next },
      async ask(input = { disk: "sda" }) {
        const [received] = await on.gateway.receive(bot, [says("Wipe it!")]);
        const asked = await model.asked();
        asked.call("wipe", input);
        await next();
        const messages = await on.store.records.messages(defaultTenant, received?.conversation as ConversationId, { limit: 1 });
        return messages[0]?.id as MessageId;
      },
      async press(message, index, { sender = "ada", chat = "ada" } = {}) {
        const event: PlatformEvent = {
          ...{ kind: "press", key: `press${++presses}`, platformId: `b${presses}`, token: buttonToken(message, index), at: clock.now() },
          ...{ chat: { id: chat, kind: "direct" }, sender: { id: sender, bot: false, self: false } },
        } as PlatformEvent;
        const [received] = await on.gateway.receive(bot, [event]);
        return received?.event ?? "";
      },
      async reason() {
        const [newest] = await stories();
        const trace = await on.store.records.trace(defaultTenant, newest?.trace ?? "");
        return trace?.entries.find(({ stage }) => stage === "ignored")?.reason;
      },
    });
  });
}

story("a tool that needs a person's word asks for it with the exact arguments, and runs once it is given", async (on) => {
  const message = await on.ask({ disk: "sda" });
  assert.equal(on.sent[0], `I'd like to use wipe with:\n{\n  "disk": "sda"\n}\n\nMay I?\n\n1. Yes\n2. No`);
  assert.deepEqual(on.used, []);
  await on.press(message, 0);
  const asked = await on.model.asked();
  assert.deepEqual(asked.told.slice(-3), ["user: Yes", "assistant: ", "tool: sda is empty"]);
  asked.answer("Done.");
  assert.equal(await on.next(), "Done.");
  assert.deepEqual(on.used, ["sda"]);
});

story("a no is told to the model, and nothing runs", async (on) => {
  await on.press(await on.ask(), 1);
  const asked = await on.model.asked();
  assert.match(asked.told.at(-1) ?? "", /^tool: The person was asked and said no/);
  asked.answer("All right.");
  assert.equal(await on.next(), "All right.");
  assert.deepEqual(on.used, []);
});

story("where there are no buttons, a typed word right behind the question will do; another one is a message", async (on) => {
  await on.ask();
  await on.gateway.receive(bot, [says("Why that?")]);
  (await on.model.asked()).answer("Because.");
  await on.next();
  await on.gateway.receive(bot, [says("yes")]);
  const talk = await on.model.asked();
  assert.equal(talk.told.at(-1), "user: yes", "it stands behind another message");
  talk.answer("Yes what?");
  await on.next();
  assert.deepEqual(on.used, []);
  const again = await on.ask();
  assert.ok(again);
  await on.gateway.receive(bot, [says("1")]);
  (await on.model.asked()).answer("Done.");
  assert.equal(await on.next(), "Done.");
  assert.deepEqual(on.used, ["sda"]);
});

story("it counts once", async (on) => {
  const message = await on.ask();
  await on.press(message, 0);
  (await on.model.asked()).answer("Done.");
  await on.next();
  await on.press(message, 0);
  assert.equal(await on.next(), "That was answered already.");
  await on.press(message, 1);
  assert.equal(await on.next(), "That was answered already.");
  assert.deepEqual(on.used, ["sda"]);
  assert.equal(await on.reason(), "approval-used");
});

story("of the person who was asked, in that conversation", async (on) => {
  const message = await on.ask();
  await on.press(message, 0, { sender: "eve", chat: "ada" });
  assert.equal(await on.next(), "Only the person who was asked can answer that.");
  await on.press(message, 0, { sender: "ada", chat: "elsewhere" });
  await on.clock.advance(1_000);
  assert.deepEqual(on.used, []);
  assert.equal(on.model.count, 1, "a button from another conversation is none");
});

story("for a quarter of an hour", async (on) => {
  const message = await on.ask();
  on.clock.jump(15 * 60_000 + 1);
  await on.press(message, 0);
  assert.equal(await on.next(), "That question has expired. Please ask me again.");
  assert.deepEqual(on.used, []);
});

story("not after somebody took over in between", async (on) => {
  const message = await on.ask();
  const [talk] = await on.store.records.conversations(defaultTenant, { limit: 1 });
  const id = talk?.id as ConversationId;
  await on.store.records.setControl(defaultTenant, id, "human", 1, "op", on.clock.now());
  await on.store.records.setControl(defaultTenant, id, "agent", 2, "op", on.clock.now());
  await on.press(message, 0);
  assert.equal(await on.next(), "That question has expired. Please ask me again.");
  assert.deepEqual(on.used, []);
});

story("what a model says or draws allows nothing", async (on) => {
  await on.ask();
  await on.gateway.receive(bot, [says("show me choices")]);
  (await on.model.asked()).answer("Choose:\n```buttons\nYes = Yes\nNo\n```");
  await on.next();
  const [received] = await on.gateway.receive(bot, [says("yes")]);
  const asked = await on.model.asked();
  assert.equal(asked.told.at(-1), "user: Yes");
  asked.call("wipe", { disk: "sdb" });
  assert.match(await on.next(), /sdb/, "it is asked anew, with the arguments of now");
  assert.ok(received);
  assert.deepEqual(on.used, []);
});

story("arguments that don't fit the tool are told to the model instead", async (on) => {
  await on.gateway.receive(bot, [says("Wipe it!")]);
  (await on.model.asked()).call("wipe", { disc: "sda" });
  const asked = await on.model.asked();
  assert.match(asked.told.at(-1) ?? "", /^tool: request-invalid/);
  asked.call("wipe", { disk: "x".repeat(4_000) });
  const again = await on.model.asked();
  assert.match(again.told.at(-1) ?? "", /too long to be read/);
  again.answer("I can't.");
  await on.next();
  assert.deepEqual(on.used, []);
});

story("a turn that is tried again after its model failed doesn't run the tool again", async (on) => {
  await on.press(await on.ask(), 0);
  (await on.model.asked()).fail(fault("provider-unavailable", "503"));
  let asked: Awaited<ReturnType<On["model"]["asked"]>> | undefined;
  void on.model.asked().then((next) => {
    asked = next;
  });
  for (let i = 0; i < 600 && !asked; i++) await on.clock.advance(50);
  assert.equal(asked?.told.at(-1), "tool: sda is empty");
  asked?.answer("Done.");
  assert.equal(await on.next(), "Done.");
  assert.deepEqual(on.used, ["sda"]);
});

test("after a crash nobody knows whether it ran, and it isn't run again", { timeout: 30_000 }, async () => {
  await using home = await temporaryHome();
  const used: string[] = [];
  let hang = true;
  const wipe = defineTool({
    ...{ name: "wipe", description: "Wipes a disk.", input: z.strictObject({ disk: z.string() }) },
    async run({ disk }) {
      used.push(disk);
      if (hang) await new Promise(() => {});
      return ok("done");
    },
  });
  const model = modelByHand();
  const options = (sent: string[]) => ({
    ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {} } }, provider: model.provider },
    ...{ tools: [wipe as never], agent: { tools: ["wipe"], approve: ["wipe"] } },
  });
  const first: string[] = [];
  const before = await composeTestGateway(options(first));
  const [received] = await before.gateway.receive(bot, [says("Wipe it!")]);
  (await model.asked()).call("wipe", { disk: "sda" });
  await before.until("delivery-sent");
  await before.gateway.receive(bot, [says("yes")]);
  while (used.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  // As if the process had died: what it still wants to say is no longer heard.
  await before.store.close();
  hang = false;
  const second: string[] = [];
  await using after = await composeTestGateway(options(second));
  const asked = await model.asked();
  assert.match(asked.told.at(-1) ?? "", /nobody knows whether it was done/);
  asked.answer("I don't know whether it was wiped.");
  await after.until("delivery-sent");
  assert.deepEqual(used, ["sda"]);
  assert.ok(received);
});
