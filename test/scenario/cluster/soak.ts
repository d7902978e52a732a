/**
 * Three gateways through a long storm: what `npm test` runs for a minute, for as long as it takes.
 *
 * usage: node test/scenario/cluster/soak.ts [--messages 200000] [--seed 1] [--replicas 3]
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { startPostgres } from "../../servers/postgres.ts";
import { startRedis } from "../../servers/redis.ts";
import { startSetClock } from "../../servers/set-clock.ts";
import { runCluster, type Trouble } from "./run.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    replicas: { type: "string", default: "3" },
  },
});
const share = Number(values.messages) / 200_000;
/** As many words as come to that many messages; most on the channel whose platform has no pace of its own. */
const words = (count: number) => Math.max(5, Math.round(count * share));
const troubles: readonly Trouble[] = [
  ...(["kill", "kill", "engine-flush", "kill", "restart", "kill", "store-hang-up", "kill", "engine-restart", "kill"] as const),
  ...(["freeze", "kill", "engine-cut", "kill", "clock", "restart", "store-cut", "kill", "store-clock", "engine-flush"] as const),
];
await using clock = await startSetClock();
await using database = await startPostgres({ env: clock.env, flushes: true });
await using engine = await startRedis();
const outcome = await runCluster({
  ...{ database, clock, engine, troubles, replicas: Number(values.replicas), seed: Number(values.seed) },
  crowd: {
    webhook: { chats: 80, words: words(2_000) },
    telegram: { chats: 60, words: words(200) },
    whatsapp: { chats: 70, words: words(200) },
    discord: { chats: 60, words: words(150) },
    matrix: { chats: 40, words: words(150) },
  },
  tell: (line) => console.log(`${new Date().toISOString()} ${line}`),
});
const { falls, drains, ...figures } = outcome;
const sorted = drains.toSorted((a, b) => a - b);
const result = { ...figures, falls: falls.length, drainMs: { median: sorted[sorted.length >> 1], most: sorted.at(-1) } };
console.log(JSON.stringify(result, null, 2));
const folder = new URL("../../../bench/results/", import.meta.url);
await mkdir(folder, { recursive: true });
const machine = { cpus: cpus().map(({ model }) => model), command: process.argv.slice(2).join(" ") };
await writeFile(new URL("cluster.json", folder), `${JSON.stringify({ ...machine, ...result }, null, 2)}\n`);
for (const fall of falls) console.log(fall.slice(-400));
process.exitCode = [outcome.lost, outcome.inversions, outcome.unexplained, outcome.violations].every(({ length }) => length === 0) ? 0 : 1;
