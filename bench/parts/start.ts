import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Effort, type Findings, spread } from "../figures.ts";
import { bareEnv, start, temporaryFolder } from "../processes.ts";

/** Milliseconds from the command to `ready`, each start with a data folder of its own. */
export async function startsOf(entry: string, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const folder = temporaryFolder();
    const started = await start(process.execPath, [entry, "start"], bareEnv(folder.path));
    taken.push(started.readyMs);
    await started.stop();
    folder.remove();
  }
  return taken;
}

/** A clone: the first start compiles (with the compile cache thrown away), the others find what it left. */
export async function measureStart(effort: Effort, root: string): Promise<Findings["start"]> {
  rmSync(join(root, ".bootstrap", "compile-cache"), { recursive: true, force: true });
  const entry = join(root, "bin", "polylogue.mjs");
  const [firstMs = Number.NaN] = await startsOf(entry, 1);
  return { firstMs, readyMs: spread(await startsOf(entry, effort.starts)) };
}
