import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Load, startLoad } from "./load.ts";
import { root } from "./machine.ts";

export interface Started {
  /** What it said after `ready`. */
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the spawn to `ready`. */
  readonly readyMs: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/** None outlives the benchmark, however that ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program, and waits for its line `ready <address>`. */
export async function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = root): Promise<Started> {
  const from = performance.now();
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  running.add(child);
  child.once("exit", () => running.delete(child));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready (\S+)/.exec(line)?.[1];
    if (!url) continue;
    const readyMs = performance.now() - from;
    child.stdout.resume();
    return {
      url,
      pid: child.pid as number,
      readyMs,
      async stop() {
        child.kill("SIGTERM");
        await ended;
      },
    };
  }
  throw new Error(`${command} ${args.join(" ")} ended before it was ready:\n${errors}`);
}

/** The environment of a process that is to find nothing of ours but its data folder. */
export function bareEnv(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, POLYLOGUE_HOME: home, POLYLOGUE_PORT: "0" };
}

/** Where a clone's start keeps what V8 compiled; without it types are stripped anew each time, which takes memory too. */
const compileCache = join(root, ".bootstrap", "compile-cache");

export type Side = "gateway" | "yardstick";

/** A gateway or a yardstick under load, with what it needs. */
export interface Stand {
  readonly pid: number;
  readonly readyMs: number;
  readonly load: Load;
  stop(): Promise<void>;
}

export interface StandOptions {
  readonly connections?: number;
  readonly conversations?: number;
  /** A model behind HTTP instead of the one in the process. */
  readonly model?: string;
  /** A data folder that is there already; it stays. */
  readonly home?: string;
  /** For V8's CPU profile. */
  readonly profile?: string;
  /** Messages of the past that the model sees; the yardstick has none. */
  readonly history?: number;
  /** False for a gateway that has something else to do first than the load's messages. */
  readonly aim?: boolean;
  /** The gateway as people start it, with the demonstration's model. */
  readonly plain?: boolean;
  /** Another clone whose gateway it is. */
  readonly clone?: string;
}

const secret = `whsec_${randomBytes(32).toString("base64")}`;
export const account = "desk";

export async function startStand(side: Side, options: StandOptions = {}): Promise<Stand> {
  const folder = temporaryFolder();
  const load = await startLoad();
  try {
    const home = options.home ?? folder.path;
    const profile = options.profile ? ["--cpu-prof", "--cpu-prof-interval=500", `--cpu-prof-dir=${options.profile}`] : [];
    const args = side === "gateway" ? gatewayArgs(home, load.sink, options) : yardstickArgs(folder.path, load.sink, options);
    const target = await start(
      process.execPath,
      [...profile, ...args],
      { ...bareEnv(home), NODE_COMPILE_CACHE: compileCache },
      options.clone,
    );
    const url = side === "gateway" ? new URL(`/hooks/${account}`, target.url).href : target.url;
    const { connections = 128, conversations = 1000 } = options;
    if (options.aim !== false) await load.aim({ urls: [url], secret, connections, conversations });
    return {
      pid: target.pid,
      readyMs: target.readyMs,
      load,
      async stop() {
        await target.stop();
        await load.stop();
        folder.remove();
      },
    };
  } catch (thrown) {
    await load.stop();
    folder.remove();
    throw thrown;
  }
}

function yardstickArgs(folder: string, sink: string, { model }: StandOptions): readonly string[] {
  return ["bench/yardstick.ts", join(folder, "yardstick.db"), sink, secret, ...(model ? [`${model}/v1/chat/completions`] : [])];
}

function gatewayArgs(home: string, sink: string, { model, history = 0, plain }: StandOptions): readonly string[] {
  writeConfiguration(home, {
    accounts: { [account]: { channel: "webhook", secret: "${BENCH_SECRET}", deliverTo: sink, access: { direct: "open" } } },
    providers: model ? { local: { kind: "openai-compatible", baseUrl: `${model}/v1` } } : {},
    agents: { main: { models: [model ? "local/chunks-50" : "demo/demo"], limits: { history } } },
    routes: [{ agent: "main" }],
    limits: { concurrentTurns: 1000 },
    log: { level: "error" },
  });
  return plain ? ["bin/polylogue.mjs", "start"] : ["bench/gateway.ts"];
}

export function writeConfiguration(home: string, configuration: object): void {
  const text = JSON.stringify(configuration, null, 2).replaceAll("${BENCH_SECRET}", secret);
  writeFileSync(join(home, "polylogue.json5"), text);
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
