import { parentPort, workerData } from "node:worker_threads";
import type { Broken } from "./broken.ts";
import { emptyStore } from "./disk.ts";
import { type Outcome, simulate } from "./simulation.ts";

/** What seeds.ts gives to each of its threads. `next` is shared: whoever is free takes the next seed. */
export interface Share {
  readonly from: number;
  readonly count: number;
  readonly next: Int32Array;
  readonly broken?: Broken;
  /** Every so many seeds, one is run a second time: it must come out the same. */
  readonly again: number;
}

const { from, count, next, broken, again } = workerData as Share;
const empty = await emptyStore();
const options = { empty, ...(broken && { broken }) };

for (let index = Atomics.add(next, 0, 1); index < count; index = Atomics.add(next, 0, 1)) {
  const outcome = await simulate(from + index, options);
  const second = again > 0 && index % again === 0 ? await simulate(from + index, options) : outcome;
  const breaches =
    second.hash === outcome.hash
      ? outcome.breaches
      : [...outcome.breaches, { promise: "the same seed does the same", what: "it didn't", step: second.steps }];
  parentPort?.postMessage({ ...outcome, breaches } satisfies Outcome);
  // What the simulation kept from turning may turn between two seeds: messages go out, and memory is given back.
  await new Promise((resolve) => setImmediate(resolve));
}
