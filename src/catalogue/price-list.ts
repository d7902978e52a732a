import { readFileSync } from "node:fs";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import type { Cost, PricedCall, Tokens } from "../core/cost.ts";
import { nanoUsd } from "../core/money.ts";

const about = new URL("../package.json", import.meta.resolve("@pydantic/genai-prices"));
const { version } = JSON.parse(readFileSync(about, "utf8")) as { version: string };
const source = `genai-prices ${version}`;

/**
 * What a call to this API costs by the published prices of that day (https://github.com/pydantic/genai-prices). Nothing when
 * the list knows the API or the model not: another vendor's price of the same model's name would be a guess.
 */
export function listedCost(api: string, { model, at }: PricedCall, tokens: Tokens): Cost | undefined {
  const provider = findProvider({ providerApiUrl: api });
  if (!provider) return undefined;
  const { input, cachedInput, output } = tokens;
  // It throws when more was cached than went in, which some servers say.
  const counts = { input_tokens: input, cache_read_tokens: Math.min(cachedInput, input), output_tokens: output };
  const found = calcPrice(counts, model, { provider, timestamp: new Date(at) });
  if (!found) return undefined;
  const perMillion: { [unit: string]: number } = {};
  for (const [unit, price] of Object.entries(found.model_price)) {
    if (unit.endsWith("_mtok") && price !== undefined)
      perMillion[unit.slice(0, -"_mtok".length)] = typeof price === "number" ? price : price.base;
  }
  return { amount: nanoUsd(found.total_price), price: { source, perMillion } };
}

/** Tokens of one call of the model at most, as the list has it. */
export function listedContext(api: string, model: string): number | undefined {
  const provider = findProvider({ providerApiUrl: api });
  if (!provider) return undefined;
  return calcPrice({ input_tokens: 0, output_tokens: 0 }, model, { provider })?.model.context_window;
}
