/**
 * `npm run power-loss -- [--messages 20000] [--cuts 5000] [--seed 1]`: one gateway under load, recorded by strace; the power
 * goes at many points of the recording. Prints the verdict; exits with 1 when a promise was broken. Needs strace.
 */
import { parseArgs } from "node:util";
import { losePower } from "./power-loss/run.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "20000" },
    cuts: { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
  },
});
const started = performance.now();
const options = { messages: Number(values.messages), cuts: Number(values.cuts), seed: Number(values.seed) };
console.log(JSON.stringify(options));
const verdict = await losePower({
  ...options,
  tell(cuts) {
    if (cuts % 250 === 0) console.log(`${Math.round((performance.now() - started) / 1000)} s: ${cuts} cuts`);
  },
});
console.log(JSON.stringify(verdict));
process.exitCode = [verdict.lost, verdict.unintended, verdict.damaged].some((list) => list.length > 0) ? 1 : 0;
