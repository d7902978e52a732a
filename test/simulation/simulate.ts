/**
 * `npm run simulate -- --seeds 2000 [--from 1]`: that many worlds, each judged.
 * `npm run simulate -- --seed 1234 --trace`: one of them again, step by step; `--broken <how>` with a gateway that is wrong
 * on purpose. Exits with 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { type Broken, broken } from "./broken.ts";
import { emptyStore } from "./disk.ts";
import { report, simulateSeeds } from "./seeds.ts";
import { type Outcome, simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    broken: { type: "string" },
  },
});
const how = broken.find((name) => name === values.broken);
if (values.broken !== undefined && !how) throw new Error(`--broken is one of ${broken.join(", ")}`);
process.exitCode = (values.seed === undefined ? await many() : await one(Number(values.seed))) ? 1 : 0;

/** Each gives back how many seeds failed. */
async function one(seed: number): Promise<number> {
  const outcome = await simulate(seed, { empty: await emptyStore(), trace: values.trace, ...(how && { broken: how as Broken }) });
  for (const line of outcome.trace) console.log(line);
  console.log(outcome.breaches.length > 0 ? report(outcome) : `seed ${seed} keeps every promise`);
  console.log(JSON.stringify({ seed, hash: outcome.hash, steps: outcome.steps, simulatedMs: outcome.ms, ...outcome.counts }));
  return outcome.breaches.length > 0 ? 1 : 0;
}

async function many(): Promise<number> {
  const started = performance.now();
  const from = Number(values.from);
  const count = Number(values.seeds);
  const tell = (outcome: Outcome) => {
    if (outcome.breaches.length > 0) console.log(report(outcome));
  };
  const { failed, ...rest } = await simulateSeeds({ from, count, again: 20, tell, ...(how && { broken: how }) });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  console.log(JSON.stringify({ from, ...rest, failed: failed.length, seconds }));
  return failed.length;
}
