/**
 * What retention costs the path: how long whole stories take at a steady pace, before and while a sweep goes through the
 * stored ones, and how fast the sweep is.
 *
 * usage: node bench/sweep.ts [stored messages]
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../src/core/clock.ts";
import { defaultTenant } from "../src/core/ids.ts";
import type { Log } from "../src/core/log.ts";
import { sweepOnce } from "../src/ops/sweep.ts";
import { openSqliteStore } from "../src/stores/sqlite.ts";
import { systemClock as clock } from "../src/system-clock.ts";
import { Stories } from "./load/stories.ts";

const tenant = defaultTenant;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };
const day = 86_400_000;
const perSecond = 300;
const seconds = 20;

const folder = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
const file = join(folder, "store.sqlite");
// The clock's timers alone would let the process end.
const alive = setInterval(() => {}, 1_000);
try {
  const opened = await openSqliteStore({ file, role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  const store = opened.value;
  const stories = new Stories(store, { account: "bench", conversations: 1_000 });
  const stored = async () => (await store.records.counts(tenant)).messages;
  const age = (upMs: number) => store.tellTime({ now: Date.now(), upMs, boot: "bench" });

  await age(0);
  await stories.tell(Math.ceil(Number(process.argv[2] ?? 100_000) / 2), 256);
  console.log(`${await stored()} messages stored, ${statSync(file).size >> 20} MiB`);
  // Everything so far is a day old, what comes from now on isn't.
  for (const upMs of [day, 3 * day]) await age(upMs);
  print("without a sweep", await pace(stories));
  const before = await stored();
  const started = performance.now();
  const sweep = sweepOnce({
    ...{ store, tenant, clock, log: quiet, stopped: () => false },
    files: { remove: async () => {}, async *list() {} },
    keep: () => ({ messagesDays: 1, ledgerDays: 1, newestMessages: 10, dedupeDays: 1 }),
  });
  const told = stories.made;
  print("while it sweeps", await pace(stories));
  await sweep;
  const took = (performance.now() - started) / 1_000;
  const gone = before + 2 * (stories.made - told) - (await stored());
  console.log(`the sweep: ${gone} messages with all that belongs to them in ${took.toFixed(0)} s, ${Math.round(gone / took)}/s`);
  await store.close();
} finally {
  clearInterval(alive);
  rmSync(folder, { recursive: true });
}

/** So many stories a second; milliseconds until each was stored whole, in five commits. */
async function pace(stories: Stories): Promise<readonly number[]> {
  const waits: number[] = [];
  const one = async () => {
    const started = performance.now();
    await stories.tell(1, 1);
    waits.push(performance.now() - started);
  };
  const started = performance.now();
  const under: Promise<void>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    await sleep(clock, Math.max(0, started + (n * 1_000) / perSecond - performance.now()));
    under.push(one());
  }
  await Promise.all(under);
  return waits.sort((a, b) => a - b);
}

function print(what: string, waits: readonly number[]): void {
  const at = (part: number) => `${(waits[Math.floor(waits.length * part)] ?? 0).toFixed(1)} ms`;
  console.log(`${what}: a story is stored after p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(0.9999)}, ${waits.length} stories`);
}
