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
    rate: { type: "string", default: "120" },
  },
});
const kills = Number(values.kills);
const history = new History({ kills, messages: Number(values.messages), seed: Number(values.seed) });
const outcome = await runLives({
  seed: history.plan.seed,
  lives: soakLives(history.plan.seed, kills, history.plan.messages),
  faults: soakFaultPlan(history.plan.seed),
  perSecond: Number(values.rate),
  chats: 64,
  settleMs: 15 * 60_000,
  tell: (progress) => history.tell(progress),
});
process.exitCode = (await history.conclude(outcome)) ? 0 : 1;
