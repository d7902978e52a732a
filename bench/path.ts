/**
 * The whole path against the yardstick, both on the same load, one after the other and again (A B A B), so that what the
 * machine does meanwhile hits both. Writes bench/results/path-<time>.json.
 *
 * usage: node bench/path.ts [--seconds 20] [--warm 15] [--rounds 2] [--connections 128] [--conversations 1000] [--rate <per second>]
 *          [--accounts 1] [--model http|demo] [--only yardstick|gateway] [--profile <folder>]
 *
 * The model is the yardstick's own in both (50 chunks from memory), over HTTP if so asked; `demo` gives the gateway its
 * demonstration instead, whose answers are longer and full of Markdown. `--profile` writes V8's CPU profiles.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type LoadFigures, runLoad, startSink } from "./load.ts";

interface Target {
  readonly urls: readonly string[];
  readonly pid: number;
  stop(): Promise<void>;
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    warm: { type: "string", default: "15" },
    rounds: { type: "string", default: "2" },
    connections: { type: "string", default: "128" },
    conversations: { type: "string", default: "1000" },
    accounts: { type: "string", default: "1" },
    rate: { type: "string" },
    model: { type: "string", default: "in-process" },
    only: { type: "string" },
    profile: { type: "string" },
  },
});
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const secret = `whsec_${randomBytes(32).toString("base64")}`;

/** Starts a program and waits for its `ready <address>`. */
async function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const profile = values.profile ? ["--cpu-prof", `--cpu-prof-dir=${values.profile}`] : [];
  const child = spawn(process.execPath, [...profile, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready (\S+)/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    const stop = async () => {
      child.kill("SIGTERM");
      await ended;
    };
    return { urls: [url], pid: child.pid as number, stop };
  }
  throw new Error(`${args[0]} ended before it was ready`);
}

function startYardstick(folder: string, sink: string, model: string | undefined): Promise<Target> {
  return start([here("yardstick.ts"), join(folder, "yardstick.db"), sink, secret, ...(model ? [`${model}/v1/chat/completions`] : [])]);
}

async function startGateway(folder: string, sink: string, model: string | undefined): Promise<Target> {
  const ids = Array.from({ length: Number(values.accounts) }, (_, n) => `desk-${n}`);
  const account = { channel: "webhook", secret, deliverTo: sink, access: { direct: "open" } };
  const configuration = {
    accounts: Object.fromEntries(ids.map((id) => [id, account])),
    providers: model ? { local: { kind: "openai-compatible", baseUrl: `${model}/v1` } } : { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { models: [model ? "local/chunks-50" : "demo/demo"], limits: { history: 0 } } },
    routes: [{ agent: "main" }],
    limits: { concurrentTurns: 512 },
    log: { level: "error" },
  };
  writeFileSync(join(folder, "polylogue.json5"), JSON.stringify(configuration, null, 2));
  const env = { PATH: process.env.PATH, HOME: folder, POLYLOGUE_HOME: folder, POLYLOGUE_PORT: "0" };
  const gateway = await start(values.model === "demo" ? [here("../src/main.ts"), "start"] : [here("gateway.ts")], env);
  return { ...gateway, urls: ids.map((id) => new URL(`/hooks/${id}`, gateway.urls[0]).href) };
}

/** Seconds of processor that a process has used, and the bytes that it holds; from Linux's /proc, nothing elsewhere. */
function usage(pid: number): { cpu: number; memory: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: Number(fields[21]) * 4096 };
  } catch {
    return { cpu: Number.NaN, memory: Number.NaN };
  }
}

type Run = LoadFigures & { readonly target: string; readonly cpuMicrosPerMessage: number; readonly residentBytes: number };

async function measure(name: "yardstick" | "gateway", model: string | undefined): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
  const sink = await startSink();
  const target = await (name === "yardstick" ? startYardstick : startGateway)(folder, sink.url, model);
  const load = {
    targets: target.urls,
    secret,
    connections: Number(values.connections),
    conversations: Number(values.conversations),
    ...(values.rate ? { rate: Number(values.rate) } : {}),
  };
  try {
    // V8 takes some ten thousand messages to compile all of the path.
    await runLoad(sink, { ...load, seconds: Number(values.warm) });
    const before = usage(target.pid);
    const figures = await runLoad(sink, { ...load, seconds: Number(values.seconds) });
    const after = usage(target.pid);
    const cpuMicrosPerMessage = Math.round(((after.cpu - before.cpu) * 1e6) / figures.delivered);
    return { target: name, ...figures, cpuMicrosPerMessage, residentBytes: after.memory };
  } finally {
    await target.stop();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const model = values.model === "http" ? await start([here("../test/simulators/model.ts")]) : undefined;
const names = (["yardstick", "gateway"] as const).filter((name) => !values.only || name === values.only);
const runs: Run[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  for (const name of names) {
    const run = await measure(name, model?.urls[0]);
    runs.push(run);
    const { perSecond, cpuMicrosPerMessage, acknowledgeMs, answerMs, missing, repeated, outOfOrder, refused } = run;
    console.log(
      `${name}: ${perSecond}/s, ${cpuMicrosPerMessage} µs CPU each; ack p50 ${acknowledgeMs.p50} p99 ${acknowledgeMs.p99} ms; ` +
        `answer p50 ${answerMs.p50} p99 ${answerMs.p99} ms; missing ${missing}, repeated ${repeated}, out of order ${outOfOrder}, ` +
        `refused ${JSON.stringify(refused)}; ${Math.round(run.residentBytes / 1e6)} MB`,
    );
  }
}
await model?.stop();

const mean = (name: string, of: (run: Run) => number) => {
  const chosen = runs.filter(({ target }) => target === name).map(of);
  return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
};
const ratio = (of: (run: Run) => number) => Math.round((mean("gateway", of) / mean("yardstick", of)) * 1000) / 1000;
const result = {
  what: "path",
  at: new Date().toISOString(),
  commit: execFileSync("git", ["rev-parse", "HEAD"], { cwd: here(".."), encoding: "utf8" }).trim(),
  command: ["node", "bench/path.ts", ...process.argv.slice(2)].join(" "),
  machine: {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memory: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  },
  runs,
  ...(names.length === 2
    ? { ratio: { perSecond: ratio(({ perSecond }) => perSecond), cpu: ratio(({ cpuMicrosPerMessage }) => cpuMicrosPerMessage) } }
    : {}),
};
mkdirSync(here("results"), { recursive: true });
const file = here(`results/path-${result.at.replace(/[:.]/g, "-")}.json`);
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
if (result.ratio) console.log(`gateway ÷ yardstick: ${result.ratio.perSecond} of the messages, ${result.ratio.cpu} × the CPU`);
console.log(file);
