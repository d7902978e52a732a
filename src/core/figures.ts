import type { TenantId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/** What is counted, hour by hour; docs/analytics.md says exactly what each is. */
export const figureNames = ["received", "turns", "answered", "people", "failed", "periods", "resolved", "handed", "reopened"] as const;
export type FigureName = (typeof figureNames)[number];

/** A conversation in which nobody wrote for so long is over; what is said after that begins a new period. */
export const quietMs = 24 * 3_600_000;
/** Who writes again so soon after a period's last message reopens it. */
export const reopenMs = 7 * 24 * 3_600_000;

/** Each step of a spread is so much wider than the one before, from a millisecond on: what is read out is off by a tenth at most. */
const growth = 1.2;
const mostSteps = 120;

/** The step that a duration falls into. Bounds never change: spreads of different hours add up. */
export function stepOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(mostSteps, Math.ceil(Math.log(ms) / Math.log(growth)));
}

/** What so large a share of them took at most, in milliseconds, from how many fell into each step; nothing while there is none. */
export function quantileOf(steps: ReadonlyMap<number, number>, share: number): number | undefined {
  const total = [...steps.values()].reduce((sum, n) => sum + n, 0);
  let left = Math.max(1, Math.ceil(total * share));
  for (const [step, n] of [...steps].sort(([one], [other]) => one - other)) {
    left -= n;
    if (left <= 0) return Math.round(growth ** (step - 0.5));
  }
  return undefined;
}

export const figureKeys = ["account", "channel", "agent"] as const;
export type FigureKey = (typeof figureKeys)[number];

/** Hours since 1970; or minutes, of which those of the last 27 hours are kept. */
export type FigureUnit = "hour" | "minute";

export interface FigureFilter {
  /** What `from` and `to` are in; hours if absent. */
  readonly unit?: FigureUnit;
  /** Both included. */
  readonly from: number;
  readonly to: number;
  /** `hour` of hours alone, `minute` of minutes. */
  readonly by: FigureKey | FigureUnit | undefined;
  readonly only?: { readonly [key in FigureKey]?: string | undefined };
}

export interface FigureRow {
  /** Of what `by` says: a name, or an hour. Empty where nothing is said. */
  readonly of: string;
  readonly counts: { readonly [name in FigureName]: number };
  /** From a message to the beginning of its answer: how many fell into each step (`stepOf`). */
  readonly waits: ReadonlyMap<number, number>;
}

export interface FigureStore {
  /**
   * One small step of counting what the ledger has since the last one, and of closing periods that are over: whether there is
   * more to do, or that was all. Nothing where nothing was to be done.
   */
  countFigures(now: Instant): Promise<"more" | "all" | undefined>;
  /** Everything that the ledger still has is counted again by the next steps; what is older stays as it was counted. */
  recountFigures(): Promise<void>;
}

/** See `Records.figures`. */
export type Figures = (
  tenant: TenantId,
  filter: FigureFilter,
) => Promise<{
  readonly rows: readonly FigureRow[];
  /** Not all that is stored is in it yet. */
  readonly behind: boolean;
}>;
