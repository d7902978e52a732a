import type { NanoUsd } from "./money.ts";
import type { Instant } from "./terms.ts";

/** What a billed call is made for. */
export const callPurposes = [
  "answer",
  "translate",
  "classify",
  "summarise",
  "review",
  "summary",
  "describe",
  "transcribe",
  "embed",
  "playground",
] as const;
export type CallPurpose = (typeof callPurposes)[number];

/** Tokens of a call. `input` includes `cachedInput`. */
export interface Tokens {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** What was asked of a model, as its price list wants to know it. */
export interface PricedCall {
  /** The key under `providers` in the configuration. */
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly at: Instant;
}

/** What a call cost, and by which prices: kept with the call, so that it can be told later whatever prices became. */
export interface Cost {
  readonly amount: NanoUsd;
  readonly price: Price;
}

export interface Price {
  /** Where it comes from: `configuration`, or the price list with its version. */
  readonly source: string;
  /** US dollars per million tokens, by what the source calls them; a price in steps is what its lowest step says. */
  readonly perMillion: { readonly [unit: string]: number };
}

/** Prices as they are at an instant. Absent: nobody knows the price, which isn't the same as none. */
export interface PriceList {
  cost(call: PricedCall, tokens: Tokens): Cost | undefined;
}

/** Whose price list holds for a provider. */
export type Vendor =
  /** The address of its API; nobody knows the prices of one that isn't in the list. */
  | { readonly kind: "api"; readonly url: string }
  /** Nothing is billed. */
  | { readonly kind: "free" };
