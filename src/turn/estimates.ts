import { type CountTokens, roughTokens } from "../core/tokens.ts";

/** How many tokens things are, before anybody bills them. */
export interface Estimates {
  readonly rough: CountTokens;
  /** Slow to load the first time. */
  exact(): Promise<CountTokens>;
  /** What this model has counted for each token that we counted. */
  factor(model: string): number;
  /** So many were counted before the call, and so many were billed. */
  learn(model: string, counted: number, billed: number): void;
}

/** How much of what is new goes into a model's factor. */
const weight = 0.2;
/** From so many tokens on the frame that a provider puts around everything says little. */
const worthLearning = 500;

export function createEstimates(load: () => Promise<CountTokens>): Estimates {
  const factors = new Map<string, number>();
  const factor = (model: string) => factors.get(model) ?? 1;
  return {
    rough: roughTokens,
    exact: load,
    factor,
    learn(model, counted, billed) {
      if (counted < worthLearning || billed === 0) return;
      const seen = Math.min(4, Math.max(0.25, billed / counted));
      factors.set(model, factor(model) * (1 - weight) + seen * weight);
    },
  };
}
