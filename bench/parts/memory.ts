import type { Effort, Findings } from "../figures.ts";
import { residentMb, root, watchMemory } from "../machine.ts";
import { start, startStand } from "../processes.ts";
import { endStand, runSlice } from "./slice.ts";

const restMs = 3_000;
/** Between two words of a streaming answer: 50 words take 5 s, so that all of the turns run at the same time. */
const wordMs = 100;

/** What the process holds: at rest after a start that finds its compile cache, under the load of `path`, and while many turns stream. */
export async function measureMemory(effort: Effort): Promise<Findings["memory"]> {
  // The first start compiles, and holds what it needed for that.
  await (await startStand("gateway", { plain: true })).stop();
  const resting = await startStand("gateway", { plain: true });
  await new Promise((go) => setTimeout(go, restMs));
  const restMb = residentMb(resting.pid);
  await resting.stop();

  const loaded = await startStand("gateway");
  const most = watchMemory(loaded.pid);
  await runSlice("gateway", loaded, { seconds: effort.seconds });
  const loadMb = most();
  await endStand("gateway", loaded);

  const model = await start(process.execPath, ["bench/model.ts", "--delay", String(wordMs)], { PATH: process.env.PATH, HOME: root });
  try {
    const { streaming } = effort;
    const stand = await startStand("gateway", { model: model.url, conversations: streaming, connections: 64 });
    const mostOfIt = watchMemory(stand.pid);
    for (let round = 0; round < 2; round++) {
      await runSlice("gateway", stand, { seconds: 60, messages: streaming, backlog: streaming });
    }
    const streamingMb = mostOfIt();
    await endStand("gateway", stand);
    return { restMb, loadMb, streaming, streamingMb };
  } finally {
    await model.stop();
  }
}
