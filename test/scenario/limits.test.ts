import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineChannel } from "../../src/core/channel.ts";
import { ok } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import { defineProvider, type ModelRequest } from "../../src/core/provider.ts";
import type { Received } from "../../src/core/store.ts";
import { plain } from "../../src/dialects/plain.ts";
import { notices } from "../../src/router/guard.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";

const bot = "bot" as AccountId;
const shop = "shop" as AccountId;

/** A platform in this process: what it was sent, by chat. */
function platform() {
  const sent: { readonly chat: string; readonly text: string }[] = [];
  const channel = defineChannel<object>({
    ...{ kind: "chat", name: "Chat", summary: "", settings: z.object({}), dialect: plain, guide: "", idempotent: true },
    limits: { text: { max: 4_096, unit: "utf16", counts: "sent" }, rate: { account: 1e9, conversation: 1e9 } },
    probe: async () => ok({ id: "me", name: "me" }),
    async send(_, { delivery, chat, content }) {
      sent.push({ chat: chat.id, text: content.text });
      return { kind: "sent", receipt: delivery };
    },
  });
  return { channel, sent };
}

/** A model whose calls end when told. */
function heldModel() {
  const calls: { readonly model: string; readonly said: string; readonly aborted: () => boolean; end(text?: string): void }[] = [];
  let ears: (() => void)[] = [];
  const provider = defineProvider<never>({
    ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok(["model"]) },
    async *stream(_, request, signal) {
      const words = await new Promise<string | undefined>((resolve) => {
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
        calls.push({ model: request.model, said: lastWords(request), aborted: () => signal.aborted, end: (text = "yes") => resolve(text) });
        for (const hear of ears) hear();
      });
      if (words === undefined) return;
      if (words.startsWith("use ")) yield { type: "tool-call", call: { id: "t1", name: words.slice(4), input: "{}" } };
      else yield { type: "text", delta: words };
      yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
    },
  });
  return {
    ...{ provider, calls },
    /** Waits until so many calls were made, one after another or side by side. */
    until: (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (calls.length < count) return;
          ears = ears.filter((ear) => ear !== look);
          resolve();
        };
        ears.push(look);
        look();
      }),
  };
}

const quick = defineProvider<never>({
  ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok(["model"]) },
  async *stream() {
    yield { type: "text", delta: "yes" };
    yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
  },
});

function lastWords({ messages }: ModelRequest): string {
  const last = messages.at(-1);
  if (last?.role === "tool") return `result of ${last.name}`;
  return last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join("") : "";
}

let made = 0;

function said(chat: string, more: { readonly sender?: string; readonly text?: string; readonly bot?: boolean } = {}): PlatformEvent {
  made += 1;
  const { sender = chat, text = "hi", bot = false } = more;
  return {
    ...{ kind: "message", key: `k${made}`, platformId: `p${made}`, at: Date.now(), addressed: true, parts: [textPart(text)] },
    ...{ chat: { id: chat, kind: "direct" }, sender: { id: sender, bot, self: false } },
  };
}

type Options = Pick<TestGatewayOptions, "provider" | "limits" | "agent" | "tools" | "providerCalls"> & {
  readonly accounts?: TestGatewayOptions["accounts"];
};

function story(
  name: string,
  options: () => Options,
  run: (on: TestGateway, sent: ReturnType<typeof platform>["sent"]) => Promise<void>,
): void {
  test(name, { timeout: 30_000 }, async () => {
    const home = await temporaryHome();
    const { channel, sent } = platform();
    const both = { bot: { channel: "chat", settings: {} }, shop: { channel: "chat", settings: {} } };
    const on = await composeTestGateway({ home: home.path, channels: [channel as never], accounts: both, ...options() });
    try {
      await run(on, sent);
    } finally {
      await on[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    }
  });
}

const stagesOf = async (on: TestGateway, id: string) =>
  (await on.store.records.trace(defaultTenant, id))?.entries.map(({ stage, reason }) => (reason ? `${stage} (${reason})` : stage)) ?? [];

{
  const model = heldModel();
  story(
    "an account runs as many turns as it may, and others don't wait for it",
    () => ({
      provider: model.provider as never,
      limits: { concurrentTurns: 4 },
      accounts: { bot: { channel: "chat", settings: {}, maxConcurrentRequests: 2 }, shop: { channel: "chat", settings: {} } },
    }),
    async (on) => {
      await on.gateway.receive(
        bot,
        Array.from({ length: 6 }, (_, i) => said(`b${i}`, { text: `b${i}` })),
      );
      await on.gateway.receive(
        shop,
        Array.from({ length: 2 }, (_, i) => said(`s${i}`, { text: `s${i}` })),
      );
      await model.until(4);
      assert.deepEqual(model.calls.map(({ said }) => said).sort(), ["b0", "b1", "s0", "s1"]);
      model.calls[0]?.end();
      await on.until("turn-done", 1);
      await model.until(5);
      assert.ok(model.calls[4]?.said.startsWith("b"));
      for (let i = 0; i < 8; i++) {
        await model.until(i + 1);
        model.calls[i]?.end();
      }
      await on.until("delivery-sent", 8);
    },
  );
}

{
  const model = heldModel();
  story(
    "a provider that is full makes turns wait before anything is stored as asked, fairly, and lets other work go on",
    () => ({ provider: model.provider as never, limits: { concurrentTurns: 3 }, agent: { models: ["test/model"] }, providerCalls: 1 }),
    async (on) => {
      const loud = Array.from({ length: 5 }, (_, i) => said(`l${i}`, { sender: "loud", text: `l${i}` }));
      const received = await on.gateway.receive(bot, loud);
      const [ann] = await on.gateway.receive(shop, [said("ann", { text: "ann" })]);
      await model.until(1);
      // A conversation that needs no model isn't held up by those that wait: they take no worker's place.
      await on.gateway.receive(bot, [said("x", { bot: true })]);
      assert.equal((await on.until("ignored")).reason, "sender-is-bot");
      assert.equal(model.calls.length, 1);
      for (const { event } of [...received.slice(1), ann as { event: string }]) assert.deepEqual(await stagesOf(on, event), ["received"]);
      model.calls[0]?.end();
      await model.until(2);
      model.calls[1]?.end();
      await model.until(3);
      assert.ok(
        model.calls.slice(1, 3).some(({ said }) => said === "ann"),
        "the loud one doesn't come twice before another comes once",
      );
      for (let i = 2; i < 6; i++) {
        await model.until(i + 1);
        model.calls[i]?.end();
      }
      await on.until("delivery-sent", 6);
      assert.equal(model.calls.length, 6);
    },
  );
}

{
  const model = heldModel();
  story(
    "a conversation that is taken over while it waits for a provider is never asked for",
    () => ({ provider: model.provider as never, providerCalls: 1 }),
    async (on) => {
      await on.gateway.receive(bot, [said("a")]);
      await model.until(1);
      const [waits] = await on.gateway.receive(bot, [said("b")]);
      const { conversation, event } = waits as { conversation: ConversationId; event: string };
      await on.store.records.setControl(defaultTenant, conversation, "human", 1, "op", Date.now());
      on.publish({ type: "control", conversation, control: "human", version: 2 });
      model.calls[0]?.end();
      await on.until("ignored");
      assert.deepEqual(await stagesOf(on, event), ["received", "ignored (control-human)"]);
      await on.gateway.receive(bot, [said("c")]);
      await model.until(2);
      model.calls[1]?.end();
      await on.until("turn-done", 2);
    },
  );
}

{
  const model = heldModel();
  const wait = { name: "wait", description: "", input: z.object({}), run: () => model.until(2).then(() => ok("done")) };
  story(
    "a turn gives its place back while its tools run, waits for the next, and is cut off while it waits",
    () => ({
      provider: model.provider as never,
      providerCalls: 1,
      tools: [wait as never],
      agent: { tools: ["wait"], limits: { history: 0, maxOutputTokens: 10, steps: 4, turnMs: 2_000 } },
      limits: { turnTries: 1 },
    }),
    async (on) => {
      const [a] = await on.gateway.receive(bot, [said("a", { text: "a" })]);
      await model.until(1);
      await on.gateway.receive(bot, [said("b", { text: "b" })]);
      model.calls[0]?.end("use wait");
      await model.until(2);
      assert.equal(model.calls[1]?.said, "b");
      const failed = await on.until("turn-fail");
      assert.equal(failed.reason, "turn-failed");
      await on.until("turn-fail", 2);
      const asked = (await stagesOf(on, a?.event ?? "")).filter((stage) => stage === "model-start");
      assert.equal(asked.length, 1, "the call that it waited for was never stored");
    },
  );
}

story(
  "who writes faster than allowed gets no answer, and is told so once",
  () => ({ provider: quick as never, limits: { sender: { perMinute: 2, burst: 2 } } }),
  async (on, sent) => {
    const events = Array.from({ length: 5 }, (_, i) => said(`c${i % 2}`, { sender: "u1" }));
    const received = await on.gateway.receive(bot, events);
    await on.until("ignored", 3);
    await on.until("delivery-sent", 3);
    assert.deepEqual(sent.map(({ text }) => text).sort(), [notices["sender-rate"], "yes", "yes"]);
    const ends = await Promise.all(
      received.map(async ({ event }) => (await stagesOf(on, event)).find((stage) => stage.startsWith("ignored"))),
    );
    assert.equal(ends.filter((end) => end === "ignored (sender-rate)").length, 3);
    const calls = on.events.filter((event) => event.type === "ledger" && event.entry.stage === "model-start");
    assert.equal(calls.length, 2, "nothing was paid for");
    await on.gateway.receive(bot, [said("c9", { sender: "u2" })]);
    await on.until("turn-done", 3);
  },
);

story(
  "the day's quota holds across conversations, and is told once",
  () => ({ provider: quick as never, limits: { sender: { perDay: 2, notice: "Tomorrow, please." } } }),
  async (on, sent) => {
    for (let i = 0; i < 5; i++) {
      await on.gateway.receive(bot, [said(`c${i}`, { sender: "u1" })]);
      await on.until(i < 2 ? "turn-done" : "ignored", i < 2 ? i + 1 : i - 1);
    }
    await on.until("delivery-sent", 3);
    assert.deepEqual(sent, [
      { chat: "c0", text: "yes" },
      { chat: "c1", text: "yes" },
      { chat: "c2", text: "Tomorrow, please." },
    ]);
    const reasons = on.events.flatMap((event) => (event.type === "ledger" && event.entry.stage === "ignored" ? [event.entry.reason] : []));
    assert.deepEqual(reasons, ["sender-quota", "sender-quota", "sender-quota"]);
  },
);

story(
  "two machines that answer each other are parted, until an operator lets them go on",
  () => ({ provider: quick as never, limits: { loopTurns: 5 } }),
  async (on) => {
    let conversation = "" as ConversationId;
    for (let i = 0; i < 7; i++) {
      const [received] = await on.gateway.receive(bot, [said("robot", { text: `You said something ${i}.` })]);
      conversation = (received as Received).conversation;
      const ended = i < 5 ? on.until("turn-done", i + 1) : on.until("ignored", i - 4);
      await ended;
    }
    const reasons = on.events.flatMap((event) => (event.type === "ledger" && event.entry.stage === "ignored" ? [event.entry.reason] : []));
    assert.deepEqual(reasons, ["loop-guard", "control-paused"]);
    const paused = await on.store.records.conversation(defaultTenant, conversation);
    assert.deepEqual([paused?.control, paused?.controlVersion], ["paused", 2]);
    const [entry] = await on.store.records.auditLog(defaultTenant, { limit: 1 });
    assert.deepEqual([entry?.action, entry?.actor, entry?.subject], ["control-set", "loop-guard", conversation]);
    await on.store.records.setControl(defaultTenant, conversation, "agent", 2, "op", Date.now());
    await on.gateway.receive(bot, [said("robot", { text: "Hello again." })]);
    await on.until("turn-done", 6);
  },
);
