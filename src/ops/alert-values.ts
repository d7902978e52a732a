import { type Alert, type AlertMeasure, isCounted, isOver } from "../core/alert.ts";
import { type FigureRow, quantileOf } from "../core/figures.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";

export type MeasuredRecords = Pick<Records, "counts" | "waitingHandovers" | "figures">;
type Watched = Omit<Alert, "id">;

const hourMs = 3_600_000;
const previewHours = 7 * 24;
/** Conversations that wait are counted up to here. */
const mostWaiting = 1_000;

/** What an alert watches, as it is now; nothing where there is nothing to take a share or a time of. */
export async function measure(records: MeasuredRecords, tenant: TenantId, alert: Watched, now: Instant): Promise<number | undefined> {
  if (isCounted(alert.measure)) {
    const to = Math.floor(now / hourMs);
    const { rows } = await records.figures(tenant, { from: to - alert.hours, to, by: undefined, only: onlyOf(alert) });
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
    default: {
      const [first] = await records.waitingHandovers(tenant, 1);
      return first ? Math.max(0, Math.floor((now - first.assignedAt) / 60_000)) : 0;
    }
  }
}

export interface AlertPreview {
  /** How it stood at the end of each of the last 168 hours, the oldest first. */
  readonly points: readonly { readonly at: Instant; readonly value?: number; readonly over: boolean }[];
  /** How often it went over the threshold. */
  readonly times: number;
}

/** What a counted measure would have said in the last seven days; nothing of the others, of which no past is kept. */
export async function previewAlert(
  records: MeasuredRecords,
  tenant: TenantId,
  alert: Watched,
  now: Instant,
): Promise<AlertPreview | undefined> {
  if (!isCounted(alert.measure)) return undefined;
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
