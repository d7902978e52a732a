import { type Effort, type PathFigures, pair } from "../figures.ts";
import { faultsOf } from "../load/tally.ts";
import { residentMb, root } from "../machine.ts";
import { start } from "../processes.ts";
import { alternate, runSlice, type Slice, VoidRun, withBoth } from "./slice.ts";

/** As many messages as each takes: 128 connections, 1,000 conversations. */
export function measurePath(effort: Effort, model?: string): Promise<PathFigures> {
  return withBoth(model === undefined ? {} : { model }, async (both) => {
    for (const side of ["yardstick", "gateway"] as const) await runSlice(side, both[side], { seconds: effort.warmSeconds });
    const { gateway, yardstick } = await alternate(both, effort.rounds, { seconds: effort.seconds });
    const held = { gateway: residentMb(both.gateway.pid), yardstick: residentMb(both.yardstick.pid) };
    // Once more over everything: what came late, or twice, after its slice.
    const counts = { gateway: await both.gateway.load.counts(), yardstick: await both.yardstick.load.counts() };
    for (const [side, count] of Object.entries(counts)) {
      const faults = faultsOf(count);
      if (faults) throw new VoidRun(`${side}: ${faults}`);
    }
    const of = (pick: (slice: Slice) => number) => pair(gateway.map(pick), yardstick.map(pick));
    return {
      perSecond: of(({ perSecond }) => perSecond),
      cpuMicros: of(({ cpuMicros }) => cpuMicros),
      residentMb: held,
      messages: { gateway: counts.gateway.delivered, yardstick: counts.yardstick.delivered },
    };
  });
}

/** The same with a model that streams its 50 chunks over HTTP from a process of its own. */
export async function measureHttp(effort: Effort): Promise<PathFigures> {
  const model = await start(process.execPath, ["bench/model.ts"], { PATH: process.env.PATH, HOME: root });
  try {
    return await measurePath(effort, model.url);
  } finally {
    await model.stop();
  }
}
