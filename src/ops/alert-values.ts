import type { AccountStatus } from "../core/account-status.ts";
import { type Alert, type AlertMeasure, isCounted, isOver } from "../core/alert.ts";
import { windowOf } from "../core/budget.ts";
import { type FigureRow, quantileOf } from "../core/figures.ts";
import type { TenantId } from "../core/ids.ts";
import { dollars } from "../core/money.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";

/** What alerts are measured by. */
export interface Measured {
  readonly tenant: TenantId;
  readonly records: Pick<Records, "counts" | "waitingHandovers" | "figures" | "usage">;
  /** How accounts are. Absent where no gateway runs that would know. */
  readonly accounts?: () => readonly AccountStatus[];
}

type Watched = Omit<Alert, "id">;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const previewDays = 7;
const previewHours = previewDays * 24;
/** Conversations that wait are counted up to here. */
const mostWaiting = 1_000;

/** What an alert watches, as it is now; nothing where there is nothing to take a share or a time of. */
export async function measure({ records, tenant, accounts }: Measured, alert: Watched, now: Instant): Promise<number | undefined> {
  if (isCounted(alert.measure)) {
    const { minutes, hours } = alert;
    const [unit, unitMs] = minutes === undefined ? (["hour", hourMs] as const) : (["minute", minuteMs] as const);
    const to = Math.floor(now / unitMs);
    const { rows } = await records.figures(tenant, { unit, from: to - (minutes ?? hours), to, by: undefined, only: onlyOf(alert) });
    return figureOf(alert.measure, rows);
  }
  switch (alert.measure) {
    case "queued":
      return (await records.counts(tenant)).deliveries.queued;
    case "undelivered": {
      const { unknown, failed, dead } = (await records.counts(tenant)).deliveries;
      return unknown + failed + dead;
    }
    case "waiting":
      return (await records.waitingHandovers(tenant, mostWaiting)).length;
    case "accounts-down":
      return accounts?.().filter((account) => isDown(account) && isMeant(alert, account)).length;
    case "cost-today":
      return (await costByDay({ records, tenant }, alert, now, 1)).get(windowOf("day", now)) ?? 0;
    default: {
      const [first] = await records.waitingHandovers(tenant, 1);
      return first ? Math.max(0, Math.floor((now - first.assignedAt) / 60_000)) : 0;
    }
  }
}

/** It doesn't reach its platform, or what it sends fails. Paused by somebody isn't down. */
function isDown({ state, failing }: AccountStatus): boolean {
  return state === "retrying" || state === "refused" || (state === "ready" && failing !== undefined);
}

function isMeant({ account, channel }: Watched, of: AccountStatus): boolean {
  return (account === undefined || account === of.id) && (channel === undefined || channel === of.channel);
}

/** In US dollars, of so many days of UTC up to today. */
async function costByDay({ records, tenant }: Measured, alert: Watched, now: Instant, days: number): Promise<Map<string, number>> {
  const [from, to] = [windowOf("day", now - (days - 1) * dayMs), windowOf("day", now)];
  const rows = await records.usage(tenant, { from, to, by: ["day"], only: onlyOf(alert), limit: days });
  return new Map(rows.map(({ of, amount }) => [of.day ?? "", Number(dollars(amount).toFixed(6))]));
}

export interface AlertPreview {
  /** How it stood at the end of each of the last 168 hours, or 7 days, the oldest first. */
  readonly points: readonly { readonly at: Instant; readonly value?: number; readonly over: boolean }[];
  /** How often it went over the threshold. */
  readonly times: number;
}

/** What it would have said in the last seven days; nothing of what is as it stands now, or of minutes: no past is kept of it. */
export async function previewAlert(measured: Measured, alert: Watched, now: Instant): Promise<AlertPreview | undefined> {
  if (alert.measure === "cost-today") return previewCost(measured, alert, now);
  if (!isCounted(alert.measure) || alert.minutes !== undefined) return undefined;
  const { records, tenant } = measured;
  const last = Math.floor(now / hourMs);
  const first = last - previewHours;
  const { rows } = await records.figures(tenant, { from: first - alert.hours, to: last, by: "hour", only: onlyOf(alert) });
  const byHour = new Map(rows.map((row) => [Number(row.of), row]));
  const points = Array.from({ length: previewHours }, (_, index) => {
    const hour = first + 1 + index;
    const within = Array.from({ length: alert.hours + 1 }, (_, back) => byHour.get(hour - back)).filter((row) => row !== undefined);
    const value = figureOf(alert.measure, within);
    return { at: (hour + 1) * hourMs, ...(value !== undefined && { value }), over: isOver(alert, value) };
  });
  return { points, times: points.filter(({ over }, index) => over && !points[index - 1]?.over).length };
}

/** Each day begins at nothing: one over the threshold is one time. */
async function previewCost(measured: Measured, alert: Watched, now: Instant): Promise<AlertPreview> {
  const byDay = await costByDay(measured, alert, now, previewDays);
  const points = Array.from({ length: previewDays }, (_, index) => {
    const day = windowOf("day", now - (previewDays - 1 - index) * dayMs);
    const value = byDay.get(day) ?? 0;
    return { at: Math.min(now, Date.parse(day) + dayMs), value, over: isOver(alert, value) };
  });
  return { points, times: points.filter(({ over }) => over).length };
}

function onlyOf({ account, channel, agent }: Watched) {
  return { account, channel, agent };
}

function figureOf(measure: AlertMeasure, rows: readonly FigureRow[]): number | undefined {
  const sum = (name: keyof FigureRow["counts"]) => rows.reduce((all, { counts }) => all + counts[name], 0);
  const share = (part: number, whole: number) => (whole === 0 ? undefined : Math.round((part / whole) * 1000) / 10);
  switch (measure) {
    case "received":
      return sum("received");
    case "failed":
      return sum("failed");
    case "failed-share":
      return share(sum("failed"), sum("turns"));
    case "answered-share":
      return share(sum("answered"), sum("turns"));
    case "handed-share":
      return share(sum("handed"), sum("periods"));
    default: {
      const steps = new Map<number, number>();
      for (const { waits } of rows) for (const [step, n] of waits) steps.set(step, (steps.get(step) ?? 0) + n);
      const ms = quantileOf(steps, 0.95);
      return ms === undefined ? undefined : Math.round(ms / 100) / 10;
    }
  }
}
