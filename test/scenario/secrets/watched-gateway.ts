import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setupToken } from "../../gateway-process.ts";
import type { Leaving } from "./leaks.ts";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

/** A gateway of which everything is kept that it writes. */
export interface WatchedGateway extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  /** Where it is, without a slash at the end; nothing when it ended before it was ready. */
  readonly url: Promise<string | undefined>;
  written(): readonly Leaving[];
}

export async function watchGateway(
  home: string,
  environment: Readonly<Record<string, string>>,
  configuration: object,
): Promise<WatchedGateway> {
  await writeFile(join(home, "polylogue.json5"), JSON.stringify(configuration, null, 2));
  const { PATH = "", TMPDIR = tmpdir() } = process.env;
  const child = spawn(process.execPath, [main, "start"], {
    env: { PATH, TMPDIR, HOME: home, POLYLOGUE_HOME: home, POLYLOGUE_PORT: "0", POLYLOGUE_SETUP_TOKEN: setupToken, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  const ready = Promise.withResolvers<string | undefined>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      texts[stream] += text;
      const url = stream === "stdout" && /^ready (https?:\/\/[^/]+)\//m.exec(texts.stdout)?.[1];
      if (url) ready.resolve(url);
    });
  }
  const ended = once(child, "exit");
  void ended.then(() => ready.resolve(undefined));
  return {
    ...{ process: child, ended, url: ready.promise },
    written: () => Object.entries(texts).map(([where, text]) => ({ where, text })),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
