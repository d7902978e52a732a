import type { LoadFigures } from "./load/tally.ts";
import type { Machine } from "./machine.ts";

/** One figure over several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Both sides, and gateway ÷ yardstick round by round. */
export interface Pair {
  readonly gateway: Spread;
  readonly yardstick: Spread;
  readonly ratio: Spread;
}

export interface PathFigures {
  readonly perSecond: Pair;
  readonly cpuMicros: Pair;
  readonly residentMb: { readonly gateway: number; readonly yardstick: number };
  /** Each answered once and in order, or there would be no figures. */
  readonly messages: { readonly gateway: number; readonly yardstick: number };
}

export interface RateFigures {
  readonly rate: number;
  readonly acknowledge: Readonly<Record<"p50" | "p95" | "p99", Pair>>;
  readonly answer: Readonly<Record<"p50" | "p95" | "p99", Pair>>;
  /** Milliseconds that the load itself was late, p99. */
  readonly lateMs: number;
}

export interface GrowthFigures {
  readonly stored: number;
  readonly conversations: number;
  readonly fileMb: number;
  readonly cpuMicros: Spread;
  /** ÷ that of the smallest store, round by round. */
  readonly ratio: Spread;
}

export interface ProfileFigures {
  readonly messages: number;
  /** Shares of the time in which the thread wasn't idle. */
  readonly rooms: readonly { readonly name: string; readonly share: number }[];
  readonly functions: readonly { readonly name: string; readonly place: string; readonly share: number }[];
}

/** What each part of the benchmark finds. */
export interface Findings {
  readonly path: PathFigures;
  readonly http: PathFigures;
  readonly latency: readonly RateFigures[];
  readonly memory: { readonly restMb: number; readonly loadMb: number; readonly streaming: number; readonly streamingMb: number };
  readonly partial: { readonly turns: number; readonly p50: number; readonly p95: number; readonly max: number };
  readonly start: { readonly firstMs: number; readonly readyMs: Spread };
  readonly recovery: { readonly pending: number; readonly readyMs: Spread; readonly drainSeconds: number; readonly perSecond: number };
  readonly growth: readonly GrowthFigures[];
  readonly install: {
    readonly mb: number;
    readonly mbWithoutNode: number;
    readonly packages: number;
    readonly firstMs: number;
    readonly readyMs: Spread;
  };
  readonly profile: ProfileFigures;
}

export type PartName = keyof Findings;

/** What a part found, where it comes from, and when it can be had again. */
export interface Measured<Name extends PartName = PartName> {
  readonly at: string;
  readonly commit: string;
  readonly command: string;
  readonly tookSeconds: number;
  readonly machine: Machine;
  readonly found: Findings[Name];
}

export type Results = { readonly [Name in PartName]?: Measured<Name> };

/** How much of everything. */
export interface Effort {
  /** Of one slice of load. */
  readonly seconds: number;
  readonly rounds: number;
  /** V8 takes some ten thousand messages to compile all of the path. */
  readonly warmSeconds: number;
  readonly rates: readonly number[];
  readonly streaming: number;
  /** Milliseconds between two of their 50 words. */
  readonly wordMs: number;
  /** Milliseconds after a start until a process counts as at rest. */
  readonly restMs: number;
  readonly partials: number;
  readonly starts: number;
  readonly pending: number;
  /** Stored messages and their conversations, the smallest store first. */
  readonly stores: readonly (readonly [stored: number, conversations: number])[];
}

export const full: Effort = {
  seconds: 6,
  rounds: 5,
  warmSeconds: 10,
  rates: [100, 500, 1000, 2000],
  streaming: 500,
  // An answer takes five seconds, so that all of the turns run at the same time.
  wordMs: 100,
  restMs: 3_000,
  partials: 40,
  starts: 7,
  pending: 100_000,
  stores: [
    [1_000, 10],
    [10_000, 100],
    [100_000, 10_000],
    [1_000_000, 100_000],
  ],
};

/** Shows that everything runs; its figures say nothing. */
export const quick: Effort = {
  seconds: 0.5,
  rounds: 1,
  warmSeconds: 0.5,
  rates: [100],
  streaming: 20,
  wordMs: 10,
  restMs: 100,
  partials: 2,
  starts: 1,
  pending: 1_000,
  stores: [
    [100, 10],
    [1_000, 100],
  ],
};

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

export function pair(gateway: readonly number[], yardstick: readonly number[]): Pair {
  const ratios = gateway.map((value, round) => value / (yardstick[round] ?? Number.NaN));
  return { gateway: spread(gateway), yardstick: spread(yardstick), ratio: spread(ratios) };
}

/** One slice of load with what it cost the process under it. */
export interface Slice {
  readonly load: LoadFigures;
  readonly cpuMicros: number;
}
