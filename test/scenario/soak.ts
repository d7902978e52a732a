/**
 * `npm run soak -- [--kills 1000] [--messages 100000] [--seed 1]`: one gateway, killed at random moments under load as
 * kill -9 does, before platforms that fail now and then, judged from outside. Prints its history and the verdict, writes
 * both to bench/results/; exits with 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { soakFaultPlan, soakLives } from "./crash/plan.ts";
import { History } from "./crash/report.ts";
import { runLives } from "./crash/run.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    messages: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const [kills, messages, seed] = [values.kills, values.messages, values.seed].map(Number) as [number, number, number];
if (![kills, messages, seed].every((value) => Number.isSafeInteger(value) && value >= 0) || kills < 1 || messages < 1) {
  console.error("soak: --kills and --messages are whole numbers from 1, --seed is one from 0");
  process.exit(2);
}
const history = new History({ kills, messages, seed });
const outcome = await runLives({
  seed,
  lives: soakLives(seed, kills, messages),
  faults: soakFaultPlan(seed),
  perSecond: 120,
  chats: 64,
  settleMs: 15 * 60_000,
  tell: (progress) => history.tell(progress),
});
process.exitCode = (await history.conclude(outcome)) ? 0 : 1;
