import type { LoadSlice } from "../load/generator.ts";
import { faultsOf, type LoadFigures } from "../load/tally.ts";
import { cpuSeconds } from "../machine.ts";
import { type Side, type Stand, type StandOptions, startStand } from "../processes.ts";

/** One slice of load, with what it cost the process under it. */
export interface Slice extends LoadFigures {
  /** Of the processor, user and system, for each message. */
  readonly cpuMicros: number;
}

/** The figures of a run that lost, repeated or reordered a message say nothing. */
export class VoidRun extends Error {}

export async function runSlice(what: string, stand: Stand, slice: LoadSlice): Promise<Slice> {
  const before = cpuSeconds(stand.pid);
  const figures = await stand.load.run(slice);
  const cpuMicros = ((cpuSeconds(stand.pid) - before) * 1e6) / figures.delivered;
  const faults = faultsOf(figures);
  if (faults) throw new VoidRun(`${what}: ${faults} of ${figures.acknowledged} messages`);
  return { ...figures, cpuMicros };
}

/** Counts once more over everything: what came late, or twice, after its slice. Gives how many were answered. */
export async function checkAll(what: string, stand: Stand): Promise<number> {
  const counts = await stand.load.counts();
  const faults = faultsOf(counts);
  if (faults) throw new VoidRun(`${what}: ${faults} of ${counts.acknowledged} messages`);
  return counts.delivered;
}

/** A gateway for a piece of work; it ends with it, whatever comes of it. */
export async function withGateway<Found>(options: StandOptions, work: (stand: Stand) => Promise<Found>): Promise<Found> {
  const stand = await startStand("gateway", options);
  try {
    return await work(stand);
  } finally {
    await stand.stop();
  }
}

export interface Both {
  readonly gateway: Stand;
  readonly yardstick: Stand;
}

/** Gateway and yardstick side by side; only one of them is under load at a time. */
export function withBoth<Found>(options: StandOptions, work: (both: Both) => Promise<Found>): Promise<Found> {
  return withGateway(options, async (gateway) => {
    const yardstick = await startStand("yardstick", options);
    try {
      return await work({ gateway, yardstick });
    } finally {
      await yardstick.stop();
    }
  });
}

/** A B A B …: what else the machine does meanwhile hits both. */
export async function alternate(both: Both, rounds: number, slice: LoadSlice): Promise<Readonly<Record<Side, readonly Slice[]>>> {
  const runs: Record<Side, Slice[]> = { yardstick: [], gateway: [] };
  for (let round = 0; round < rounds; round++) {
    for (const side of ["yardstick", "gateway"] as const) runs[side].push(await runSlice(side, both[side], slice));
  }
  return runs;
}
