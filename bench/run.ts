/**
 * `npm run bench`: what the gateway does, next to what this machine can do at most (the yardstick), in one run. Writes a
 * table, JSON and a plot to bench/results/; what each part means is in docs/benchmarks.md.
 *
 * usage: npm run bench -- [--only path,http,…] [--seconds <of a slice>] [--rounds <of A B>] [--quick] [--profile] [--publish]
 *
 *   --only      these parts; the others stay as they were measured last. `--only none` measures nothing
 *   --quick     shows in seconds that it runs; its figures say nothing, and are kept apart
 *   --profile   the same as --only profile
 *   --publish   puts what was measured last into docs/benchmarks.md
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type Effort, type Findings, full, type Measured, type PartName, quick, type Results } from "./figures.ts";
import { commit, machine, root } from "./machine.ts";
import { measureGrowth } from "./parts/growth.ts";
import { measureInstall } from "./parts/install.ts";
import { measureLatency } from "./parts/latency.ts";
import { measureMemory } from "./parts/memory.ts";
import { measurePartial } from "./parts/partial.ts";
import { measureHttp, measurePath } from "./parts/path.ts";
import { measureProfile } from "./parts/profile.ts";
import { measureRecovery } from "./parts/recovery.ts";
import { measureStart } from "./parts/start.ts";
import { goalTable, partReport } from "./report/markdown.ts";
import { publish, readResults, writeResults } from "./report/results.ts";

const parts: { readonly [Name in PartName]: (effort: Effort) => Promise<Findings[Name]> } = {
  path: (effort) => measurePath(effort),
  http: measureHttp,
  latency: measureLatency,
  memory: measureMemory,
  partial: measurePartial,
  start: (effort) => measureStart(effort, root),
  install: (effort) => measureInstall(effort, root),
  recovery: measureRecovery,
  growth: measureGrowth,
  profile: measureProfile,
};
const names = Object.keys(parts) as PartName[];
/** Packing and installing takes longer than a smoke test has, and wants the network. */
const notQuick: readonly PartName[] = ["install", "start"];

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seconds: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    publish: { type: "boolean", default: false },
  },
});
const given = values.profile ? `${values.only ? `${values.only},` : ""}profile` : values.only;
const chosen = given === undefined ? names.filter((name) => !values.quick || !notQuick.includes(name)) : chosenOf(given);
const base = values.quick ? quick : full;
const effort: Effort = {
  ...base,
  seconds: positive("seconds", values.seconds, base.seconds),
  rounds: positive("rounds", values.rounds, base.rounds),
};
if (values.quick && values.publish) stop("figures of --quick say nothing: they are not published", 2);
const command = ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" ");
const kept = values.quick ? "quick" : "latest";

// Through the end of the process, which ends what was started.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop(`ended by ${signal}; go on with --only`, 1));

let results: Results = values.quick ? {} : readResults("latest");
let now: Results = {};
const failed: string[] = [];
for (const name of chosen) {
  console.log(`\n── ${name}`);
  try {
    const measured = await measure(name);
    now = { ...now, [name]: measured };
    results = { ...results, [name]: measured };
    // At once: whoever breaks off goes on with --only.
    writeResults(kept, results);
    console.log(partReport(name, measured));
  } catch (thrown) {
    failed.push(name);
    console.error(`${name} has no figures:`, thrown);
  }
}
if (!values.quick && Object.keys(now).length > 0) writeResults(`run-${new Date().toISOString().replace(/[:.]/g, "-")}`, now);
console.log(`\n${goalTable(results)}`);
if (failed.length > 0) stop(`no figures for ${failed.join(", ")}`, 1);
if (values.publish) {
  publish(results);
  execFileSync(process.execPath, ["scripts/docs.ts"], { cwd: root, stdio: "inherit" });
}

async function measure<Name extends PartName>(name: Name): Promise<Measured<Name>> {
  const from = performance.now();
  const found = await parts[name](effort);
  const tookSeconds = Math.round((performance.now() - from) / 100) / 10;
  return { at: new Date().toISOString(), commit: commit(), command, tookSeconds, machine: machine(), found };
}

function chosenOf(list: string): readonly PartName[] {
  const wanted = list === "none" ? [] : list.split(",");
  const unknown = wanted.filter((name) => !(names as string[]).includes(name));
  if (unknown.length > 0) stop(`there is no part ${unknown.join(", ")}; there are ${names.join(", ")}`, 2);
  return names.filter((name) => wanted.includes(name));
}

function positive(option: string, text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  return number > 0 ? number : stop(`--${option} must be a number above 0`, 2);
}

function stop(why: string, code: number): never {
  console.error(why);
  process.exit(code);
}
