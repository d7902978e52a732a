import { cpSync } from "node:fs";
import { type Effort, type Findings, spread } from "../figures.ts";
import { Stories } from "../load/stories.ts";
import { account, temporaryFolder } from "../processes.ts";
import { VoidRun, withGateway } from "./slice.ts";
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
      try {
        await withGateway({ home: folder.path, aim: false }, async ({ load, readyMs }) => {
          ready.push(readyMs);
          if (n > 0) return;
          const from = performance.now();
          const { arrived, different } = await load.drain(pending);
          drainSeconds = (performance.now() - from + readyMs) / 1000;
          if (different !== pending || arrived !== pending) {
            throw new VoidRun(`recovery: ${arrived} answers to ${different} of ${pending} messages`);
          }
        });
      } finally {
        folder.remove();
      }
    }
    return { pending, readyMs: spread(ready), drainSeconds, perSecond: pending / drainSeconds };
  } finally {
    left.remove();
  }
}
