import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { reachable } from "./ports.ts";

/** A server program of the tests, in a process of its own. */
export interface ServerProgram {
  start(): Promise<void>;
  /** By SIGTERM, or what its options say; resolves once it is gone. */
  stop(): Promise<void>;
  /** What it wrote so far, also in earlier lives. */
  output(): string;
}

export interface ServerProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as; who we are if absent. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The signal by which it ends without waiting for its clients. */
  readonly endsBy?: NodeJS.Signals;
  /** Resolves when it does its work; the ports answer by then. */
  readonly ready?: () => Promise<void>;
  readonly ports: readonly number[];
}

export function serverProgram(options: ServerProgramOptions): ServerProgram {
  let child: ChildProcess | undefined;
  let output = "";
  return {
    async start() {
      const { command, args, cwd, env, ports, user } = options;
      const started = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...sbin(), ...env }, ...user });
      child = started;
      for (const stream of [started.stdout, started.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => {
          output = (output + text).slice(-50_000);
        });
      const ended = once(started, "exit").then(([code]) => Promise.reject(new Error(`${command} ended with ${code}:\n${output}`)));
      ended.catch(() => {});
      await Promise.race([Promise.all(ports.map(reachable)).then(options.ready), ended]);
    },
    async stop() {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill(options.endsBy ?? "SIGTERM");
      await once(running, "exit");
    },
    output: () => output,
  };
}

/** Servers live where an ordinary user's path doesn't look. */
export function sbin(): { readonly PATH: string; readonly LANG: string } {
  return { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LANG: "C.UTF-8" };
}
