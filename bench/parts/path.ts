import { type Effort, type PathFigures, pair } from "../figures.ts";
import { residentMb, root } from "../machine.ts";
import { start } from "../processes.ts";
import { alternate, checkAll, runSlice, type Slice, withBoth } from "./slice.ts";

/** As many messages as each takes: 128 connections, 1,000 conversations. */
export function measurePath(effort: Effort, model?: string): Promise<PathFigures> {
  return withBoth(model === undefined ? {} : { model }, async (both) => {
    for (const side of ["yardstick", "gateway"] as const) await runSlice(side, both[side], { seconds: effort.warmSeconds });
    const { gateway, yardstick } = await alternate(both, effort.rounds, { seconds: effort.seconds });
    const held = { gateway: residentMb(both.gateway.pid), yardstick: residentMb(both.yardstick.pid) };
    const messages = {
      gateway: await checkAll("gateway", both.gateway),
      yardstick: await checkAll("yardstick", both.yardstick),
    };
    const of = (pick: (slice: Slice) => number) => pair(gateway.map(pick), yardstick.map(pick));
    return {
      perSecond: of(({ perSecond }) => perSecond),
      cpuMicros: of(({ cpuMicros }) => cpuMicros),
      residentMb: held,
      messages,
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
