/**
 * `npm run soak -- [--kills 1000] [--messages 100000] [--seed 1]`: one gateway, killed at random moments under load as
 * kill -9 does, judged from outside. Prints its history and the verdict; exits with 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { runLives } from "./crash/run.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    messages: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const kills = Number(values.kills);
const messages = Number(values.messages);
const random = seeded(Number(values.seed));
/** A life's mean length, its start included, decides how fast people must write to reach the number of messages. */
const meanLifeMs = 1_500;
const everyMs = Math.max(1, (kills * meanLifeMs) / messages);
const size = { everyMs, chats: Math.max(16, Math.ceil(2_000 / (3 * everyMs))) };

console.log(JSON.stringify({ kills, messages, seed: Number(values.seed), ...size }));
const started = performance.now();
const outcome = await runLives(
  Array.from({ length: kills }, () => ({})),
  {
    size,
    lifetime: () => 50 + random() * (meanLifeMs - 500) * 2,
    settleMs: 15 * 60_000,
    tell: ({ index, messages: said }) => {
      if ((index + 1) % 25 === 0)
        console.log(`${Math.round((performance.now() - started) / 1000)} s: ${index + 1} kills, ${said} messages`);
    },
  },
);
const { explained, shown, missed: _, ...verdict } = outcome;
console.log(JSON.stringify({ ...verdict, explained: explained.length, shown: shown.length }));
const broken = [outcome.lost, outcome.unexpected, outcome.unexplained, outcome.inversions, outcome.paidAgain].some(
  (list) => list.length > 0,
);
process.exitCode = broken ? 1 : 0;

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
