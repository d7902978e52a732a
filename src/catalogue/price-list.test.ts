import assert from "node:assert/strict";
import { test } from "node:test";
import { listedCost } from "./price-list.ts";

const at = Date.UTC(2026, 10, 26);
const tokens = { input: 1_000_000, cachedInput: 0, output: 1_000_000 };
const cost = (api: string, model: string, of = tokens) => listedCost(api, { provider: "any", model, at }, of);

test("a model's price is that of the API that is called", () => {
  // https://openai.com/api/pricing: gpt-4o-mini, $0.15 in, $0.60 out.
  const found = cost("https://api.openai.com/v1", "gpt-4o-mini");
  assert.equal(found?.amount, 750_000_000);
  assert.deepEqual([found?.price.perMillion.input, found?.price.perMillion.output], [0.15, 0.6]);
  assert.match(found?.price.source ?? "", /^genai-prices \d+\.\d+\.\d+$/);
});

test("cached tokens cost less, and more of them than went in break nothing", () => {
  const half = cost("https://api.openai.com/v1", "gpt-4o-mini", { input: 1_000_000, cachedInput: 500_000, output: 0 });
  assert.equal(half?.amount, 112_500_000);
  const odd = cost("https://api.openai.com/v1", "gpt-4o-mini", { input: 1_000, cachedInput: 5_000, output: 0 });
  assert.equal(odd?.amount, 75_000);
});

test("nobody guesses: an address or a model that the list doesn't know has no price", () => {
  assert.equal(cost("http://127.0.0.1:11434/v1", "gpt-4o-mini"), undefined);
  assert.equal(cost("https://api.openai.com/v1", "no-such-model"), undefined);
});
