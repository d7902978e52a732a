import { statSync } from "node:fs";
import { storeFile } from "../../src/places.ts";
import { type Effort, type GrowthFigures, spread } from "../figures.ts";
import { Stories } from "../load/stories.ts";
import { account, type Stand, startStand, temporaryFolder } from "../processes.ts";
import { checkAll, runSlice } from "./slice.ts";
import { withStore } from "./stores.ts";

/** The model sees so much of the past, so that reading it is part of what may grow. */
const history = 10;
/** So many conversations write at least: fewer could not keep the path busy. */
const leastActive = 1_000;

/**
 * The same load on stores of different sizes, one slice each in turn. It goes over all conversations of a store, so that
 * what it reads lies anywhere in the file. A story is two messages: what was asked, and the answer.
 */
export async function measureGrowth(effort: Effort): Promise<readonly GrowthFigures[]> {
  const folders = await fill(effort.stores);
  const stands: Stand[] = [];
  try {
    for (const [index, [, conversations]] of effort.stores.entries()) {
      const home = (folders[index] as { path: string }).path;
      stands.push(await startStand("gateway", { home, history, conversations: Math.max(leastActive, conversations) }));
    }
    const sizes = folders.map(({ path }) => statSync(storeFile(path)).size / 1e6);
    for (const stand of stands) await runSlice("growth", stand, { seconds: effort.warmSeconds / 2 });
    const cpu: number[][] = stands.map(() => []);
    for (let round = 0; round < effort.rounds; round++) {
      for (const [index, stand] of stands.entries()) {
        cpu[index]?.push((await runSlice("growth", stand, { seconds: effort.seconds / 2 })).cpuMicros);
      }
    }
    for (const stand of stands) await checkAll("growth", stand);
    const first = cpu[0] as readonly number[];
    return effort.stores.map(([stored, conversations], index) => {
      const own = cpu[index] as readonly number[];
      const ratio = spread(own.map((value, round) => value / (first[round] as number)));
      return { stored, conversations, fileMb: sizes[index] as number, cpuMicros: spread(own), ratio };
    });
  } finally {
    for (const stand of stands) await stand.stop();
    for (const folder of folders) folder.remove();
  }
}

async function fill(stores: Effort["stores"]) {
  const folders: ReturnType<typeof temporaryFolder>[] = [];
  for (const [stored, conversations] of stores) {
    const folder = temporaryFolder();
    folders.push(folder);
    await withStore(folder.path, (store) =>
      new Stories(store, { account, conversations }).tell(Math.ceil(stored / 2), Math.min(256, conversations)),
    );
  }
  return folders;
}
