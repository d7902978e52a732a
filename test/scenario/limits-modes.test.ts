import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fail } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, defaultTenant, type EventId } from "../../src/core/ids.ts";
import { notices } from "../../src/router/guard.ts";
import { createHandClock, type HandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type ChatPlatform, createChat } from "../support/chat.ts";
import { type ModelByHand, modelByHand } from "../support/model.ts";

const account = "bot" as AccountId;
/** The hand moves time faster than a disk works: no turn is to be late for that. */
const agent = { limits: { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 1e9 } };
const other = { id: "c2", kind: "direct" } as const;
const carl = { id: "carl", bot: false, self: false };

interface Story {
  readonly on: TestGateway;
  readonly chat: ChatPlatform;
  readonly model: ModelByHand;
  readonly clock: HandClock;
  readonly receive: (...events: PlatformEvent[]) => Promise<readonly EventId[]>;
  /** Lets time pass until the condition holds. */
  readonly pass: (until: () => boolean | Promise<boolean>) => Promise<void>;
  /** Lets time pass until the event's story has come to this, of what isn't about a model or a delivery. */
  readonly told: (event: EventId | undefined, ...stages: string[]) => Promise<void>;
}

type Options = Pick<TestGatewayOptions, "routes" | "limits" | "providerCalls">;

function story(name: string, options: Options, run: (story: Story) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    const home = await temporaryHome();
    const [chat, model, clock] = [createChat(), modelByHand(), createHandClock()];
    const accounts = { bot: { channel: "chat", settings: {}, streaming: false } };
    const on = await composeTestGateway({
      ...{ home: home.path, channels: [chat.channel], accounts, provider: model.provider, clock, agent, ...options },
    });
    const pass: Story["pass"] = async (until) => {
      while (!(await until())) {
        await clock.advance(100);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const stages = async (event: EventId | undefined) => {
      const trace = await on.store.records.trace(defaultTenant, event ?? "");
      const own = trace?.entries.filter((entry) => entry.trace === event && !/^(delivery|model)/.test(entry.stage)) ?? [];
      return own.map(({ stage, reason }) => (reason ? `${stage} (${reason})` : stage));
    };
    try {
      await run({
        ...{ on, chat, model, clock, pass },
        receive: async (...events) => (await on.gateway.receive(account, events)).map(({ event }) => event),
        async told(event, ...expected) {
          await pass(async () => (await stages(event)).length >= expected.length);
          assert.deepEqual(await stages(event), expected);
        },
      });
      // The hand's seconds are over sooner than what a disk still writes.
      await pass(() => on.gateway.load().running === 0);
    } finally {
      const closed = on[Symbol.asyncDispose]();
      await clock.advance(10_000);
      await closed;
      await home[Symbol.asyncDispose]();
    }
  });
}

describe("a seat at the provider", () => {
  story(
    "what waits for one is interrupted without a call, and its place is the newer message's",
    { routes: [{ mode: "interrupt" }], providerCalls: 1 },
    async ({ chat, model, receive, told, pass }) => {
      await receive(chat.says("busy", { chat: other, sender: carl }));
      const busy = await model.asked();
      const [a] = await receive(chat.says("a"));
      await receive(chat.says("later", { chat: { id: "c3", kind: "direct" }, sender: { ...carl, id: "dora" } }));
      const [b] = await receive(chat.says("b"));
      assert.equal(model.count, 1);
      busy.answer("yes");
      const next = await model.asked();
      assert.deepEqual(next.told, ["user: a | b"], "not the one behind them");
      next.answer("to both");
      (await model.asked()).answer("to the last");
      await told(a, "received", "turn-cancel (interrupted)");
      await told(b, "received", "routed", "turn-start", "turn-done");
      await pass(() => chat.shown("c3").length === 1);
      assert.deepEqual([chat.shown(), chat.shown("c3"), model.count], [["to both"], ["to the last"], 3]);
    },
  );

  story(
    "a turn that runs gives its own back when it is interrupted, and the newer message takes it",
    { routes: [{ mode: "interrupt" }], providerCalls: 1 },
    async ({ chat, model, receive, pass }) => {
      await receive(chat.says("a"));
      const first = await model.asked();
      await receive(chat.says("b"));
      const second = await model.asked();
      assert.ok(first.signal.aborted);
      assert.deepEqual(second.told, ["user: a | b"]);
      second.answer("to both");
      await pass(() => chat.shown().length === 1);
      assert.equal(model.count, 2);
    },
  );

  story(
    "a steered message waits for it like any call, goes before turns that haven't begun, and joins once it is had",
    { routes: [{ mode: "steer" }], providerCalls: 1 },
    async ({ chat, model, receive, told, pass }) => {
      const [a] = await receive(chat.says("a"));
      const first = await model.asked();
      const [c] = await receive(chat.says("c", { chat: other, sender: carl }));
      const [b] = await receive(chat.says("b"));
      first.answer("to a");
      const second = await model.asked();
      assert.deepEqual(second.told, ["user: c"], "it stood there first, and the seat was free for a moment");
      await receive(chat.says("e", { chat: { id: "c3", kind: "direct" }, sender: { ...carl, id: "dora" } }));
      second.answer("to c");
      const third = await model.asked();
      assert.deepEqual(third.told, ["user: a", "assistant: to a", "user: b"], "it goes before the one that hasn't begun");
      third.answer("to b");
      (await model.asked()).answer("to e");
      await told(a, "received", "routed", "turn-start", "turn-join (steered)", "turn-done");
      await told(b, "received", "joined (steered)", "turn-done");
      await told(c, "received", "routed", "turn-start", "turn-done");
      await pass(() => ["c1", "c2", "c3"].every((one) => chat.shown(one).length === 1));
      assert.deepEqual([chat.shown(), chat.shown("c2"), model.count], [["to a\n\nto b"], ["to c"], 4]);
    },
  );
});

describe("the rate of a sender", () => {
  const limits = { sender: { perMinute: 1, burst: 1 } };

  story(
    "counts what was collected as one, and refuses nothing that joined",
    { routes: [{ mode: "collect" }], limits },
    async ({ chat, model, receive, told, pass }) => {
      const [a, b, c] = await receive(chat.says("a"), chat.says("b"), chat.says("c"));
      await pass(() => model.count === 1);
      const asked = await model.asked();
      assert.deepEqual(asked.told, ["user: a | b | c"]);
      const [d] = await receive(chat.says("d"));
      asked.answer("to all");
      await told(a, "received", "routed", "turn-start", "turn-join (collected)", "turn-done");
      for (const joined of [b, c]) await told(joined, "received", "joined (collected)", "turn-done");
      await told(d, "received", "ignored (sender-rate)");
      await pass(() => chat.shown().length === 2);
      assert.deepEqual(chat.shown(), ["to all", notices["sender-rate"]]);
    },
  );

  story(
    "counts once, though the turn fails and is tried again with what joined it",
    { routes: [{ mode: "collect" }], limits },
    async ({ chat, model, receive, told, pass }) => {
      const [, b] = await receive(chat.says("a"), chat.says("b"));
      await pass(() => model.count === 1);
      (await model.asked()).fail(fail("provider-unavailable", "down").fault);
      await pass(() => model.count === 2);
      const again = await model.asked();
      assert.deepEqual(again.told, ["user: a | b"]);
      again.answer("to both");
      await pass(() => chat.shown().length === 1);
      await told(b, "received", "joined (collected)", "turn-retry (provider-unavailable)", "joined (collected)", "turn-done");
    },
  );

  story(
    "a message that is over it interrupts nothing: there would be no answer at all",
    { routes: [{ mode: "interrupt" }], limits },
    async ({ chat, clock, model, receive, told, pass }) => {
      const [a] = await receive(chat.says("a"));
      const first = await model.asked();
      const [b] = await receive(chat.says("b"));
      await clock.advance(1_000);
      assert.equal(first.signal.aborted, false);
      first.answer("to a");
      await told(a, "received", "routed", "turn-start", "turn-done");
      await told(b, "received", "ignored (sender-rate)");
      await pass(() => chat.shown().length === 2);
      assert.deepEqual(chat.shown(), ["to a", notices["sender-rate"]]);
    },
  );

  story(
    "what is interrupted before its turn began takes nothing from it",
    { routes: [{ mode: "interrupt" }], limits },
    async ({ chat, model, receive, told }) => {
      const [a, b, c] = await receive(chat.says("a"), chat.says("b"), chat.says("c"));
      const asked = await model.asked();
      assert.deepEqual(asked.told, ["user: a | b | c"]);
      asked.answer("to all");
      for (const one of [a, b]) await told(one, "received", "turn-cancel (interrupted)");
      await told(c, "received", "routed", "turn-start", "turn-done");
    },
  );

  story(
    "a turn that waits for its seat is counted when it begins",
    { routes: [{ mode: "collect" }], limits, providerCalls: 1 },
    async ({ chat, model, receive, told, pass }) => {
      await receive(chat.says("busy", { chat: other, sender: carl }));
      await pass(() => model.count === 1);
      const busy = await model.asked();
      const [a, b] = await receive(chat.says("a"), chat.says("b"));
      let moments = 0;
      await pass(() => moments++ === 50);
      busy.answer("yes");
      await pass(() => model.count === 2);
      const asked = await model.asked();
      assert.deepEqual(asked.told, ["user: a | b"]);
      asked.answer("to both");
      await told(a, "received", "routed", "turn-start", "turn-join (collected)", "turn-done");
      await told(b, "received", "joined (collected)", "turn-done");
    },
  );
});

describe("the quota of a sender", () => {
  const limits = { sender: { perDay: 1 } };

  story(
    "counts what was collected as one; what comes after is refused, each by itself, and said once",
    { routes: [{ mode: "collect" }], limits },
    async ({ chat, model, receive, told, pass }) => {
      const [a, b] = await receive(chat.says("a"), chat.says("b"));
      await pass(() => model.count === 1);
      (await model.asked()).answer("to both");
      await told(a, "received", "routed", "turn-start", "turn-join (collected)", "turn-done");
      await told(b, "received", "joined (collected)", "turn-done");
      const [c, d] = await receive(chat.says("c"), chat.says("d"));
      for (const one of [c, d]) await told(one, "received", "ignored (sender-quota)");
      await pass(() => chat.shown().length === 2);
      assert.deepEqual([chat.shown(), model.count], [["to both", notices["sender-quota"]], 1]);
    },
  );

  story(
    "a message that is over it interrupts nothing",
    { routes: [{ mode: "interrupt" }], limits },
    async ({ chat, clock, model, receive, told }) => {
      const [a] = await receive(chat.says("a"));
      const first = await model.asked();
      const [b] = await receive(chat.says("b"));
      await clock.advance(1_000);
      assert.equal(first.signal.aborted, false);
      first.answer("to a");
      await told(a, "received", "routed", "turn-start", "turn-done");
      await told(b, "received", "ignored (sender-quota)");
    },
  );
});
