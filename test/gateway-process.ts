import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A real gateway in a process of its own, as an operator starts it. */
export interface GatewayProcess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** What it wrote to standard error so far. */
  log(): string;
  /** SIGTERM: drains. */
  stop(): Promise<number | string>;
  /** SIGKILL: as a power cut or the kernel's OOM killer would. */
  kill(): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another composition root than the product's, for scenarios that wrap a part. */
  readonly entry?: string;
  /** A program that starts it, with its arguments. */
  readonly under?: readonly string[];
  /** Written as the home's configuration before the start. */
  readonly configuration?: object;
}

/** The setup token that every gateway of the tests is started with. */
export const setupToken = "setup-token-of-the-tests-0123456789";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

export interface TemporaryHome extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryHome(): Promise<TemporaryHome> {
  const path = await mkdtemp(join(tmpdir(), "polylogue-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { home, configuration, entry, under = [] } = options;
  if (configuration) await writeFile(join(home, "polylogue.json5"), JSON.stringify(configuration, null, 2));
  const { PATH = "", TMPDIR = tmpdir() } = process.env;
  const [program = "", ...rest] = [...under, process.execPath, ...(entry ? [entry] : [main, "start"])];
  const child = spawn(program, rest, {
    env: { PATH, TMPDIR, HOME: home, POLYLOGUE_HOME: home, POLYLOGUE_PORT: "0", POLYLOGUE_SETUP_TOKEN: setupToken, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-200_000);
  });
  const ended = once(child, "exit").then(([code, signal]) => (signal as string | null) ?? (code as number));
  const url = await Promise.race([
    ready(child),
    ended.then((end) => Promise.reject(new Error(`the gateway ended with ${end} before it was ready:\n${errors}`))),
  ]);
  return {
    url,
    process: child,
    ended,
    log: () => errors,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function ready(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const match = /^ready (http:\/\/[^/]+)\//.exec(line);
    if (match) return match[1] as string;
  }
  return new Promise(() => {});
}
