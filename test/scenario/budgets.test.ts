import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Budget } from "../../src/core/budget.ts";
import type { PriceList } from "../../src/core/cost.ts";
import { ok } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import { nanoUsd } from "../../src/core/money.ts";
import { defineProvider, type ModelRequest } from "../../src/core/provider.ts";
import { defineTool } from "../../src/core/tool.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { noting } from "../support/talk.ts";

const bot = "bot" as AccountId;
const noon = Date.UTC(2026, 10, 26, 12);
const month = "2026-11";

/** A dollar for a thousand tokens, and nothing for what is called `free`. */
const prices: PriceList = {
  cost({ model }, { input, output }) {
    return { amount: model === "free" ? 0 : nanoUsd((input + output) / 1_000), price: { source: "test", perMillion: {} } };
  },
};

const budget = (more: Partial<Budget>): Budget => {
  return { id: "month", per: "tenant", every: "month", atLimit: "stop", models: [], amount: nanoUsd(1), ...more };
};

/** Each call takes 600 tokens and says which model it was. */
const model = (calls: string[] = []) =>
  defineProvider<never>({
    ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok(["model"]) },
    async *stream(_, request: ModelRequest) {
      calls.push(request.model);
      const last = request.messages.at(-1);
      const words = last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join("") : "";
      if (words === "use it") yield { type: "tool-call", call: { id: "t1", name: "look", input: "{}" } };
      yield { type: "text", delta: words === "use it" ? "I am looking." : `from ${request.model}` };
      yield {
        type: "end",
        reason: words === "use it" ? "tool-calls" : "stop",
        usage: { input: 500, cachedInput: 0, output: 100, reported: true },
      };
    },
  });

let made = 0;
function said(chat: string, text = "hi"): PlatformEvent {
  made += 1;
  return {
    ...{ kind: "message", key: `k${made}`, platformId: `p${made}`, at: noon, addressed: true, parts: [textPart(text)] },
    ...{ chat: { id: chat, kind: "direct" }, sender: { id: chat, bot: false, self: false } },
  };
}

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly clock: ReturnType<typeof createHandClock>;
  readonly calls: readonly string[];
}

function story(name: string, options: Partial<TestGatewayOptions>, run: (on: On) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const calls: string[] = [];
    const clock = createHandClock(noon);
    await using on = await composeTestGateway({
      ...{
        home: home.path,
        channels: [noting(sent, (text, chat) => `${chat}: ${text}`)],
        accounts: { bot: { channel: "chat", settings: {} } },
      },
      ...{ provider: model(calls) as never, prices, clock, ...options },
    });
    await run({ ...on, sent, clock, calls });
  });
}

const stagesOf = async (on: On, id: string) => {
  const trace = await on.store.records.trace(defaultTenant, id);
  return trace?.entries.map(({ stage, reason }) => (reason ? `${stage} (${reason})` : stage)) ?? [];
};
const spent = async (on: On) =>
  (await on.store.records.budgetStates(defaultTenant, "month", month, 9)).map(({ key, amount }) => [key, amount / 1e9]);
const receive = async (on: On, ...events: PlatformEvent[]) => (await on.gateway.receive(bot, events))[0]?.event as string;

story("a budget that is used up stops, and says so", { budgets: [budget({ say: "No more money." })] }, async (on) => {
  await receive(on, said("ada"));
  await on.until("delivery-sent");
  await receive(on, said("ada"));
  await on.until("delivery-sent", 2);
  assert.deepEqual(await spent(on), [["", 1.2]], "the call that passes the limit is the last");
  const stopped = await receive(on, said("ada"));
  await receive(on, said("ada"));
  await on.until("ignored", 2);
  await on.until("delivery-sent", 3);
  assert.deepEqual(on.sent, ["ada: from model", "ada: from model", "ada: No more money."], "once a day");
  assert.deepEqual((await stagesOf(on, stopped)).slice(0, 2), ["received", "ignored (budget-spent)"]);
  assert.equal(on.calls.length, 2);
});

story(
  "what waits is kept, in order, and answered when the budget is raised",
  { budgets: [budget({ atLimit: "wait", amount: nanoUsd(0.5) })] },
  async (on) => {
    await receive(on, said("ada", "one"));
    await on.until("delivery-sent");
    const held = await receive(on, said("ada", "two"));
    await receive(on, said("ada", "three"));
    await on.until("held");
    await on.until("delivery-sent", 2);
    assert.match(on.sent[1] ?? "", /^ada: What may be spent .* is kept/);
    await on.clock.advance(61_000);
    assert.equal(on.calls.length, 1, "it looks again, and there is still none");
    const raise = { budget: "month", key: "", window: month, tokens: 0, amount: nanoUsd(10) };
    await on.store.records.raiseBudget(defaultTenant, raise, "cli", noon);
    await on.clock.advance(61_000);
    await on.until("turn-done", 3);
    assert.deepEqual(await stagesOf(on, held).then((all) => all.slice(0, 3)), ["received", "held (budget-spent)", "routed"]);
    assert.equal(on.calls.length, 3);
  },
);

story(
  "a budget falls back to cheaper models",
  { budgets: [budget({ atLimit: "downgrade", models: ["test/free"], amount: nanoUsd(0.5) })] },
  async (on) => {
    for (let n = 1; n <= 3; n++) {
      await receive(on, said("ada"));
      await on.until("delivery-sent", n);
    }
    assert.deepEqual(on.sent, ["ada: from model", "ada: from free", "ada: from free"]);
    assert.deepEqual(await spent(on), [["", 0.6]]);
  },
);

story("senders spend for themselves", { budgets: [budget({ per: "sender", amount: nanoUsd(0.5) })] }, async (on) => {
  for (const [n, who] of ["ada", "ben"].entries()) {
    await receive(on, said(who));
    await on.until("delivery-sent", n + 1);
  }
  await receive(on, said("ada"));
  await on.until("ignored");
  assert.deepEqual(await spent(on), [
    ["bot/ada", 0.6],
    ["bot/ben", 0.6],
  ]);
});

const look = defineTool({ name: "look", description: "", input: z.object({}), run: () => ok("seen") });

story(
  "a turn that runs ends with what it has when the budget is used up in the middle of it",
  { budgets: [budget({ amount: nanoUsd(0.5) })], tools: [look as never], agent: { tools: ["look"] } },
  async (on) => {
    const asked = await receive(on, said("ada", "use it"));
    await on.until("delivery-sent");
    assert.match(on.sent[0] ?? "", /^ada: I am looking\.\n\nI'm sorry, I can't answer any more/);
    assert.equal(on.calls.length, 1);
    const stages = await stagesOf(on, asked);
    assert.deepEqual(stages.slice(0, 7), ["received", "routed", "turn-start", "model-start", "model-end", "tool", "turn-done"]);
  },
);

story(
  "two hundred people at once overspend by no more than one call",
  { budgets: [budget({ amount: nanoUsd(60) })], limits: { concurrentTurns: 200 } },
  async (on) => {
    // 99 calls of 0.6 and the rest of one are left.
    const raise = { budget: "month", key: "", window: month, tokens: 0, amount: nanoUsd(-0.4) };
    await on.store.records.raiseBudget(defaultTenant, raise, "cli", noon);
    for (let n = 0; n < 300; n += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => receive(on, said(`p${n + i}`))));
    }
    await on.until("received", 300);
    const ended = () => on.events.filter((event) => event.type === "ledger" && ["turn-done", "ignored"].includes(event.entry.stage)).length;
    for (let i = 0; i < 600 && ended() < 300; i++) await on.clock.advance(100);
    assert.equal(ended(), 300);
    const [[, amount] = []] = await spent(on);
    assert.ok(Number(amount) <= 59.6 + 0.6, `${amount}`);
    const [state] = await on.store.records.budgetStates(defaultTenant, "month", month, 1);
    assert.deepEqual([state?.reservedAmount, state?.reservedTokens], [0, 0], "nothing stays reserved");
    assert.equal(Math.round(Number(amount) / 0.6), on.calls.length, "every call counts, once");
  },
);
