import { cpSync } from "node:fs";
import { type Effort, type Findings, spread } from "../figures.ts";
import { Stories } from "../load/stories.ts";
import { account, startStand, temporaryFolder } from "../processes.ts";
import { VoidRun } from "./slice.ts";
import { withStore } from "./stores.ts";

/** How soon a gateway is ready that left so many messages behind, and how soon all of them are answered, once each. */
export async function measureRecovery(effort: Effort): Promise<Findings["recovery"]> {
  const left = temporaryFolder();
  const { pending } = effort;
  try {
    await withStore(left.path, (store) => new Stories(store, { account, conversations: 1000 }).leave(pending));
    const ready: number[] = [];
    let drainSeconds = 0;
    for (let n = 0; n < Math.min(3, effort.starts); n++) {
      const folder = temporaryFolder();
      cpSync(left.path, folder.path, { recursive: true });
      const stand = await startStand("gateway", { home: folder.path, aim: false });
      ready.push(stand.readyMs);
      const from = performance.now();
      const drained = n === 0 ? await stand.load.drain(pending) : undefined;
      if (drained) {
        drainSeconds = (performance.now() - from + stand.readyMs) / 1000;
        if (drained.different !== pending || drained.arrived !== pending) {
          throw new VoidRun(`recovery: ${drained.arrived} answers to ${drained.different} of ${pending} messages`);
        }
      }
      await stand.stop();
      folder.remove();
    }
    return { pending, readyMs: spread(ready), drainSeconds, perSecond: pending / drainSeconds };
  } finally {
    left.remove();
  }
}
