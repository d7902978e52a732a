import type { FigureKey } from "./figures.ts";
import type { AccountId, AgentId, TenantId } from "./ids.ts";
import type { NoticePlace } from "./notice.ts";
import type { Instant } from "./terms.ts";

/** What an alert can watch; docs/alerts.md says exactly what each is. Those of the first line are as things stand now, the others are counted over hours or minutes. */
export const alertMeasures = [
  ...(["queued", "undelivered", "waiting", "waiting-minutes", "accounts-down", "cost-today"] as const),
  ...(["received", "failed", "failed-share", "answered-share", "wait-p95", "handed-share"] as const),
] as const;
export type AlertMeasure = (typeof alertMeasures)[number];

const ofNow: ReadonlySet<AlertMeasure> = new Set(["queued", "undelivered", "waiting", "waiting-minutes", "accounts-down", "cost-today"]);

/** Whether it is counted over hours or minutes. */
export function isCounted(measure: AlertMeasure): boolean {
  return !ofNow.has(measure);
}

const ofPlaces: ReadonlySet<AlertMeasure> = new Set(["accounts-down", "received"]);

/** Of what it may be alone. A message that comes has no agent yet. */
export function narrowings(measure: AlertMeasure): readonly FigureKey[] {
  if (ofPlaces.has(measure)) return ["account", "channel"];
  return isCounted(measure) || measure === "cost-today" ? ["account", "channel", "agent"] : [];
}

/** Rules that a gateway takes: each is measured every ten seconds. */
export const mostAlerts = 50;

/** A rule of an operator's. Exactly one of `above` and `below` is there. */
export interface Alert {
  readonly id: string;
  readonly measure: AlertMeasure;
  /** It is over the threshold when it is more than this… */
  readonly above?: number | undefined;
  /** …or less than this. */
  readonly below?: number | undefined;
  /** Of measures that are counted: this hour and so many before it… */
  readonly hours: number;
  /** …or, where it is there, this minute and so many before it. */
  readonly minutes?: number | undefined;
  /** So long it must be over before the alert fires, and so long not over before that ends. */
  readonly forMinutes: number;
  readonly account?: AccountId | undefined;
  readonly channel?: string | undefined;
  readonly agent?: AgentId | undefined;
  /** Who is told. Absent: as of every finding; empty: nobody, it only stands among the findings. */
  readonly to?: readonly NoticePlace[] | undefined;
  readonly repeatHours?: number | undefined;
  readonly mutedUntil?: Instant | undefined;
}

/**
 * Where an alert stands. It turns when what is measured says the other for `forMinutes` on end; `turning` is since when it
 * does. So a calm alert that turns is pending, and a firing one that turns is about to be over.
 */
export interface AlertState {
  readonly alert: string;
  readonly firing: boolean;
  readonly since: Instant;
  readonly turning?: Instant;
}

export interface AlertFiring {
  readonly alert: string;
  readonly beganAt: Instant;
  /** Absent while it lasts. */
  readonly endedAt?: Instant;
  /** What was measured when it began. */
  readonly value: number;
}

/** What one look at the alerts changes. */
export interface AlertChange {
  readonly tenant: TenantId;
  readonly put: readonly AlertState[];
  /** Those whose rule is gone; what of it lasts ends. */
  readonly remove: readonly string[];
  readonly began: readonly AlertFiring[];
  /** They end at that moment. */
  readonly ended: readonly string[];
  readonly at: Instant;
}

/** Firings that are kept, the newest. */
export const mostFirings = 1_000;

/** Whether what was measured is over the threshold. No data never is. */
export function isOver({ above, below }: Pick<Alert, "above" | "below">, value: number | undefined): boolean {
  if (value === undefined) return false;
  return (above !== undefined && value > above) || (below !== undefined && value < below);
}

/** Where the alert stands after it was measured at that moment. Pure; the same state is answered where nothing changed. */
export function stepAlert(alert: Alert, before: AlertState | undefined, value: number | undefined, now: Instant): AlertState {
  const state = before ?? { alert: alert.id, firing: false, since: now };
  const { turning, ...stays } = state;
  if (isOver(alert, value) === state.firing) return turning === undefined ? state : stays;
  const from = turning ?? now;
  if (now - from >= alert.forMinutes * 60_000) return { alert: alert.id, firing: !state.firing, since: now };
  return turning === undefined ? { ...stays, turning: from } : state;
}
