import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { defineProvider } from "../../src/core/provider.ts";
import type { Route } from "../../src/core/route.ts";
import type { Store } from "../../src/core/store.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type ChatPlatform, createChat } from "../support/chat.ts";
import { type Boundary, both, copyStore, dyingAt } from "../support/dying.ts";
import { inShort, type ModelByHand, modelByHand, usage } from "../support/model.ts";

/**
 * The gateway dies before or after a write of its path while several messages belong together. What is on disk at that
 * moment is what a killed process leaves; another gateway starts from it. What people see then decides: each message is
 * answered once, in order, and the ledger tells one end of each.
 */

interface Life {
  readonly chat: ChatPlatform;
  readonly model: ModelByHand;
  readonly on: TestGateway;
  readonly receive: (...texts: string[]) => Promise<unknown>;
}

interface Scenario {
  readonly route: Omit<Route, "agent">;
  /** What happens until the gateway dies. */
  readonly run: (life: Life) => Promise<void>;
  readonly boundaries: readonly Boundary[];
  /** What people may see in the end. */
  readonly shown: readonly (readonly string[])[];
  /** Ends of the messages, in order. */
  readonly ends: readonly string[];
}

const scenarios: Readonly<Record<string, Scenario>> = {
  collect: {
    route: { mode: "collect", collectMs: 100 },
    async run({ model, receive }) {
      await receive("a", "b", "c");
      (await model.asked()).answer("re: a+b+c");
    },
    boundaries: [{ method: "receive", when: "after" }, ...both("postponeEvent"), ...both("beginTurn"), ...both("finishTurn")],
    shown: [["re: a+b+c"]],
    ends: ["turn-done", "turn-done", "turn-done"],
  },
  steer: {
    route: { mode: "steer" },
    async run({ model, receive }) {
      await receive("a");
      const first = await model.asked();
      await receive("b", "c");
      first.answer("re: a");
      (await model.asked()).answer("re: b+c");
    },
    boundaries: [{ method: "receive", when: "after", nth: 2 }, ...both("stepTurn"), ...both("finishTurn")],
    shown: [["re: a+b+c"], ["re: a\n\nre: b+c"]],
    ends: ["turn-done", "turn-done", "turn-done"],
  },
  interrupt: {
    route: { mode: "interrupt" },
    async run({ model, receive }) {
      await receive("a");
      await model.asked();
      await receive("b");
      (await model.asked()).answer("re: a+b");
    },
    boundaries: [{ method: "receive", when: "after", nth: 2 }, ...both("cancelTurn"), ...both("beginTurn", 2), ...both("finishTurn")],
    shown: [["re: a+b"]],
    ends: ["turn-cancel", "turn-done"],
  },
};

for (const [mode, scenario] of Object.entries(scenarios)) {
  describe(`${mode}: the gateway dies`, () => {
    for (const boundary of scenario.boundaries) {
      test(`${boundary.when} ${boundary.method}${(boundary.nth ?? 1) > 1 ? ` no. ${boundary.nth}` : ""}`, { timeout: 60_000 }, () =>
        play(scenario, boundary),
      );
    }
  });
}

async function play(scenario: Scenario, boundary: Boundary): Promise<void> {
  await using home = await temporaryHome();
  const chat = createChat();
  const second = join(home.path, "second");
  await mkdir(second);
  const dead = await untilDeath(scenario, boundary, chat, home.path, second);
  assert.deepEqual(chat.shown(), [], "it died before anything was sent");
  {
    await using on = await composeTestGateway({ ...optionsOf(scenario, chat, second), provider: answering });
    const { records } = on.store;
    for (;;) {
      const { events, deliveries } = await records.counts(defaultTenant);
      if (events.queued + events.running + deliveries.queued + deliveries.sending === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(
      scenario.shown.some((shown) => JSON.stringify(shown) === JSON.stringify(chat.shown())),
      `people see ${JSON.stringify(chat.shown())}`,
    );
    const stories = (await records.stories(defaultTenant, { limit: 9 })).toReversed();
    const ends = await Promise.all(
      stories.map(async ({ trace }) => {
        const entries = (await records.trace(defaultTenant, trace))?.entries ?? [];
        const own = entries.filter((entry) => entry.trace === trace).map(({ stage }) => stage);
        return own.filter((stage) => stage === "ignored" || /^turn-(done|fail|cancel)$/.test(stage)).join(" ");
      }),
    );
    assert.deepEqual(ends, scenario.ends);
  }
  await dead.close();
}

/** The first life: resolves once the store stands still at the boundary, and what it held is copied. */
async function untilDeath(scenario: Scenario, boundary: Boundary, chat: ChatPlatform, home: string, copy: string): Promise<Store> {
  const model = modelByHand();
  let real: Store | undefined;
  let died = () => {};
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });
  const wrap = (store: Store) => {
    real = store;
    return dyingAt(store, boundary, died);
  };
  const on = await composeTestGateway({ ...optionsOf(scenario, chat, home), provider: model.provider, wrap });
  const receive = (...texts: string[]) =>
    on.gateway.receive(
      "bot" as AccountId,
      texts.map((text) => chat.says(text)),
    );
  const life = scenario.run({ chat, model, on, receive });
  await Promise.race([death, life.then(() => death)]);
  copyStore(home, copy);
  assert.ok(real);
  return real;
}

function optionsOf(scenario: Scenario, chat: ChatPlatform, home: string): Omit<TestGatewayOptions, "provider"> {
  const accounts = { bot: { channel: "chat", settings: {}, streaming: false } };
  return { home, channels: [chat.channel], accounts, routes: [scenario.route] };
}

/** Answers at once what the person said last. */
const answering = defineProvider<never>({
  kind: "test",
  name: "Test",
  settings: z.never(),
  async *stream(_, request) {
    const words = (inShort(request).at(-1) ?? "").replace(/^user: /, "").split(" | ");
    yield { type: "text", delta: `re: ${words.join("+")}` };
    yield { type: "end", reason: "stop", usage };
  },
  models: async () => ({ ok: true, value: ["model"] }),
});
