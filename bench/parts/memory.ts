import type { Effort, Findings } from "../figures.ts";
import type { LoadSlice } from "../load/generator.ts";
import { residentMb, root, watchMemory } from "../machine.ts";
import { type Stand, start } from "../processes.ts";
import { checkAll, runSlice, withGateway } from "./slice.ts";

/** What the process holds: at rest after a start that finds its compile cache, under the load of `path`, and while many turns stream. */
export async function measureMemory(effort: Effort): Promise<Findings["memory"]> {
  // The first start compiles, and holds what it needed for that.
  await withGateway({ plain: true }, async () => {});
  const restMb = await withGateway({ plain: true }, async ({ pid }) => {
    await new Promise((go) => setTimeout(go, effort.restMs));
    return residentMb(pid);
  });
  const loadMb = await withGateway({}, (stand) => mostUnder(stand, 1, { seconds: effort.seconds }));
  const { streaming } = effort;
  const model = await start(process.execPath, ["bench/model.ts", "--delay", String(effort.wordMs)], { PATH: process.env.PATH, HOME: root });
  try {
    const streamingMb = await withGateway({ model: model.url, conversations: streaming, connections: 64 }, (stand) =>
      mostUnder(stand, 2, { seconds: 60, messages: streaming, backlog: streaming }),
    );
    return { restMb, loadMb, streaming, streamingMb };
  } finally {
    await model.stop();
  }
}

async function mostUnder(stand: Stand, times: number, slice: LoadSlice): Promise<number> {
  const stopWatching = watchMemory(stand.pid);
  let most: number;
  try {
    for (let n = 0; n < times; n++) await runSlice("gateway", stand, slice);
    await checkAll("gateway", stand);
  } finally {
    most = stopWatching();
  }
  return most;
}
