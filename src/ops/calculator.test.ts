import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriceList, Tokens } from "../core/cost.ts";
import { defaultTenant } from "../core/ids.ts";
import { nanoUsd } from "../core/money.ts";
import type { LoggedCall } from "../core/usage.ts";
import { assumed, calculate } from "./calculator.ts";

const now = Date.UTC(2026, 10, 26, 12);

/** US dollars per million tokens: fresh input, cached input, output. */
const perMillion: { readonly [model: string]: readonly [number, number, number] } = { small: [1, 0.1, 4], big: [10, 1, 40] };
const prices: PriceList = {
  cost({ provider, model }, { input, cachedInput, output }: Tokens) {
    const price = provider === "p" ? perMillion[model] : undefined;
    if (!price) return undefined;
    const [fresh, cached, out] = price;
    const usd = ((input - cachedInput) * fresh + cachedInput * cached + output * out) / 1_000_000;
    return { amount: nanoUsd(usd), price: { source: "test", perMillion: {} } };
  },
};

function call(turn: string | undefined, of: Partial<LoggedCall>): LoggedCall {
  return {
    turn,
    at: now,
    ms: 1,
    purpose: "answer",
    provider: "p",
    model: "small",
    channel: "telegram",
    input: 0,
    cachedInput: 0,
    output: 0,
    ...of,
  };
}

/** Pages of the calls, as the store has them. */
function log(calls: readonly LoggedCall[]) {
  return {
    callLog: async (_: unknown, { after = 0, limit }: { readonly after?: number; readonly limit: number }) =>
      calls
        .map((each, at) => ({ ...each, seq: at + 1 }))
        .filter(({ seq }) => seq > after)
        .slice(0, limit),
  };
}

const ask = (calls: readonly LoggedCall[], question: object) =>
  calculate(log(calls) as never, defaultTenant, { prices, now, messages: 1000, ...question });

test("by hand: two messages, one of which took two calls", async () => {
  const calls = [
    call("t1", { input: 1000, cachedInput: 200, output: 100 }),
    call("t2", { input: 2000, cachedInput: 0, output: 300 }),
    call("t2", { input: 500, cachedInput: 500, output: 20 }),
    call(undefined, { input: 9_999_999 }),
    call("t3", { channel: "slack", input: 7777 }),
  ];
  // t1: 800 × 1 + 200 × 0.1 + 100 × 4 = 1,220; t2: 2000 × 1 + 300 × 4 = 3,200, and 500 × 0.1 + 20 × 4 = 130; in millionths of a dollar.
  // Together 4,550; each 2,275; a thousand of them 2.275 dollars.
  assert.deepEqual(await ask(calls, { channel: "telegram" }), {
    sample: 2,
    calls: 1.5,
    tokens: { input: 1750, cachedInput: 350, output: 210 },
    each: nanoUsd(0.002275),
    all: nanoUsd(2.275),
  });
  // The big one costs ten times as much for everything.
  assert.equal((await ask(calls, { channel: "telegram", model: "p/big" })).all, nanoUsd(22.75));
  assert.equal((await ask(calls, { channel: "slack" })).all, nanoUsd(7.777));
  assert.equal((await ask(calls, { channel: "telegram", model: "p/unknown" })).all, undefined);
});

test("without a sample a guess is taken, and says so", async () => {
  const guess = await ask([], { model: "p/small" });
  // 1500 × 1 + 250 × 4 = 2,500 millionths.
  assert.deepEqual(guess, { sample: 0, calls: 1, tokens: assumed, each: nanoUsd(0.0025), all: nanoUsd(2.5) });
  assert.equal((await ask([], {})).each, undefined, "no model, no price");
});

test("more calls than a page are read, and not without end", async () => {
  const calls = Array.from({ length: 12_345 }, (_, at) => call(`t${at}`, { input: 100 }));
  assert.equal((await ask(calls, {})).sample, 10_000);
});
