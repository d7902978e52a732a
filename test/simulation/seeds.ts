import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Broken } from "./broken.ts";
import type { Outcome } from "./simulation.ts";
import type { Share } from "./worker.ts";

export interface Seeds {
  readonly from: number;
  readonly count: number;
  readonly broken?: Broken;
  /** Every so many seeds, one is run twice and must come out the same; 0: none is. */
  readonly again?: number;
  readonly tell?: (outcome: Outcome) => void;
}

export interface Summary {
  readonly seeds: number;
  readonly failed: readonly Outcome[];
  /** Of all seeds together. */
  readonly steps: number;
  readonly simulatedMs: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Runs seeds side by side, a thread for each core. */
export async function simulateSeeds({ from, count, broken, again = 0, tell }: Seeds): Promise<Summary> {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const outcomes: Outcome[] = [];
  const share: Share = { from, count, next, again, ...(broken && { broken }) };
  const threads = Array.from({ length: Math.min(availableParallelism(), count) }, () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: share });
    worker.on("message", (outcome: Outcome) => {
      outcomes.push(outcome);
      tell?.(outcome);
    });
    return once(worker, "exit");
  });
  await Promise.all(threads);
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    for (const [name, value] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + value;
  }
  return {
    seeds: outcomes.length,
    failed: outcomes.filter(({ breaches }) => breaches.length > 0).sort((a, b) => a.seed - b.seed),
    steps: outcomes.reduce((sum, { steps }) => sum + steps, 0),
    simulatedMs: outcomes.reduce((sum, { ms }) => sum + ms, 0),
    counts,
  };
}

/** What to read of a seed that failed, and how to see it again. */
export function report({ seed, breaches }: Outcome): string {
  const lines = breaches.slice(0, 5).map(({ promise, what, step }) => `  ${promise}: ${what} (step ${step})`);
  return [`seed ${seed} failed; npm run simulate -- --seed ${seed} --trace`, ...lines].join("\n");
}
