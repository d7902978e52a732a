import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Budget } from "../../src/core/budget.ts";
import type { PriceList } from "../../src/core/cost.ts";
import { ok } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { defineProvider } from "../../src/core/provider.ts";
import { readLog, replay } from "../../src/ops/replay.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { noting, says } from "../support/talk.ts";

const prices: PriceList = {
  cost: ({ model }, { input, output }) => ({
    amount: (model === "large" ? 10 : 1) * (input + output),
    price: { source: "test", perMillion: {} },
  }),
};

test("a replay of what a gateway did, under the policy that it had, comes to what it did", async () => {
  await using home = await temporaryHome();
  const sent: string[] = [];
  const asked: string[] = [];
  const provider = defineProvider<never>({
    ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok([]) },
    async *stream(_, { model }) {
      asked.push(model);
      yield { type: "text", delta: "Yes." };
      // No two calls are alike.
      yield { type: "end", reason: "stop", usage: { input: 100 + 7 * asked.length, cachedInput: 0, output: 20, reported: true } };
    },
  });
  const budget: Budget = { id: "month", per: "tenant", every: "month", atLimit: "downgrade", models: ["test/tiny"], amount: 30_000 };
  const scale = [{ budget: "month", above: 0.5, models: ["test/small"] }];
  const clock = createHandClock();
  await using on = await composeTestGateway({
    ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {} } }, provider, prices, clock },
    ...{ agent: { models: ["test/large"], scale }, budgets: [budget] },
  });
  for (let n = 1; n <= 120; n++) {
    await on.gateway.receive("bot" as AccountId, [says(`question ${n}`)]);
    await on.until("delivery-sent", n);
    await clock.advance(60_000);
  }
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  const log = await readLog(on.store.records, defaultTenant, { from: "1970-01-01", to: today });
  assert.equal(log.length, 120);
  const found = await replay(log, on.configuration, { prices, tenant: defaultTenant });
  const counted = Map.groupBy(asked, (model) => `test/${model}`);
  assert.deepEqual(
    Object.fromEntries(found.models.map(({ model, turns }) => [model, turns])),
    Object.fromEntries([...counted].map(([model, of]) => [model, of.length])),
  );
  assert.deepEqual([...counted.keys()].toSorted(), ["test/large", "test/small", "test/tiny"], "each rule held at some time");
  const spent = (await on.store.records.budgetStates(defaultTenant, "month", today.slice(0, 7), 1))[0];
  assert.equal(found.amount, spent?.amount);
});
