import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const simulator = fileURLToPath(new URL("../simulators/model.ts", import.meta.url));

/** A call that was billed: what model was asked, with which last words. */
export interface Paid {
  readonly model: string;
  readonly words: string;
}

/** A model API in a process of its own, with a bill of its own: what it took is on its disk before it says a word. */
export interface BilledModels {
  readonly origin: string;
  readonly process: ChildProcess;
  /** In the bill's order. */
  bought(): Promise<readonly Paid[]>;
}

export async function startBilledModels(bill: string): Promise<BilledModels> {
  await writeFile(bill, "");
  const child = spawn(process.execPath, [simulator, "--bill", bill], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    origin: line.replace("ready ", ""),
    process: child,
    async bought() {
      // A line that is half written isn't one yet.
      const lines = (await readFile(bill, "utf8")).split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Paid);
    },
  };
}
