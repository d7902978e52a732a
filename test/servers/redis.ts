import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { serverProgram } from "./program.ts";

/** A real Redis on loopback that keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Runs `redis-cli` with these words. */
  ask(...words: string[]): string;
}

/** Why it can't be started here; false where it can. */
export function redisMissing(): string | false {
  const found = spawnSync("sh", ["-c", "command -v redis-server && command -v redis-cli"]);
  return found.status !== 0 && "Redis not installed (Debian, Ubuntu: apt-get install redis-server)";
}

/** https://redis.io/docs/latest/operate/oss_and_stack/management/config/ */
export async function startRedis(): Promise<RedisServer> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-redis-"));
  const [port = 0] = await freePorts(1);
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", home];
  const program = serverProgram({ command: "redis-server", args, cwd: home, ports: [port] });
  await program.start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start: program.start,
    stop: program.stop,
    ask: (...words) => spawnSync("redis-cli", ["-p", `${port}`, ...words], { encoding: "utf8" }).stdout.trim(),
    async [Symbol.asyncDispose]() {
      await program.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
