import type { AccountStatus } from "../core/account-status.ts";
import { type Alert, type AlertMeasure, type AlertState, isCounted, isOver, stepAlert } from "../core/alert.ts";
import { windowOf } from "../core/budget.ts";
import { type FigureRow, type FigureUnit, quantileOf } from "../core/figures.ts";
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
const hoursBack = previewDays * 24;
const minutesBack = 24 * 60;
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
  /**
   * How it stood at the end of each of the last 168 hours, or 7 days, the oldest first; of a rule over minutes at the end of each minute of the
   * last 24 hours at which the value changed.
   */
  readonly points: readonly { readonly at: Instant; readonly value?: number; readonly over: boolean }[];
  /** How often it would have fired; of `cost-today` on how many days it went over the threshold, since when in a day isn't known. */
  readonly times: number;
  /** Since when that is known. */
  readonly from: Instant;
}

/** What it would have said in the last seven days, or of minutes in the last day; nothing of what is as it stands now: no past is kept of it. */
export async function previewAlert(measured: Measured, alert: Watched, now: Instant): Promise<AlertPreview | undefined> {
  if (alert.measure === "cost-today") return previewCost(measured, alert, now);
  if (!isCounted(alert.measure)) return undefined;
  return alert.minutes === undefined ? previewHours(measured, alert, now) : previewMinutes(measured, alert, alert.minutes, now);
}

/** As `stepAlert` would have gone through the hours, of which only the end is known: it counts as if it had been so for the whole hour. */
async function previewHours({ records, tenant }: Measured, alert: Watched, now: Instant): Promise<AlertPreview> {
  const last = Math.floor(now / hourMs);
  const first = last - hoursBack;
  const { rows } = await records.figures(tenant, { from: first - alert.hours, to: last, by: "hour", only: onlyOf(alert) });
  const byHour = new Map(rows.map((row) => [Number(row.of), row]));
  const points = Array.from({ length: hoursBack }, (_, index) => {
    const hour = first + 1 + index;
    const value = figureOf(alert.measure, within(byHour, hour, alert.hours));
    return { at: (hour + 1) * hourMs, ...(value !== undefined && { value }), over: isOver(alert, value) };
  });
  const firings = countFirings(alert);
  for (const { at, value } of points) {
    firings.step(value, at - hourMs);
    firings.step(value, Math.min(now, at));
  }
  return { points, times: firings.times, from: (first + 1) * hourMs };
}

/** As `stepAlert` would have gone through the minutes, `forMinutes` and all. */
async function previewMinutes(measured: Measured, alert: Watched, minutes: number, now: Instant): Promise<AlertPreview> {
  const last = Math.floor(now / minuteMs);
  const wanted = last - minutesBack + 1;
  const firstHour = Math.floor(((wanted - minutes) * minuteMs) / hourMs);
  // What is counted between the two questions is in the minutes, and isn't missed there.
  const byHour = await rowsBy("hour", measured, alert, firstHour, Math.floor(now / hourMs));
  const byMinute = await rowsBy("minute", measured, alert, (firstHour * hourMs) / minuteMs, last + 1);
  const first = Math.max(wanted, wholeFrom(byMinute, byHour) + minutes);
  const points: AlertPreview["points"][number][] = [];
  const firings = countFirings(alert);
  for (let minute = first; minute <= last; minute++) {
    const at = Math.min(now, (minute + 1) * minuteMs);
    const value = figureOf(alert.measure, within(byMinute, minute, minutes));
    firings.step(value, at);
    if (minute === first || value !== points.at(-1)?.value)
      points.push({ at, ...(value !== undefined && { value }), over: isOver(alert, value) });
  }
  return { points, times: firings.times, from: first * minuteMs };
}

/** How often the alert fires while it is measured at one moment after the other. */
function countFirings(alert: Watched) {
  let state: AlertState | undefined;
  let times = 0;
  return {
    step(value: number | undefined, at: Instant) {
      const next = stepAlert({ ...alert, id: "" }, state, value, at);
      if (next.firing && !state?.firing) times += 1;
      state = next;
    },
    get times() {
      return times;
    },
  };
}

async function rowsBy(unit: FigureUnit, { records, tenant }: Measured, alert: Watched, from: number, to: number) {
  const { rows } = await records.figures(tenant, { unit, from, to, by: unit, only: onlyOf(alert) });
  return new Map(rows.map((row) => [Number(row.of), row]));
}

/** That hour or minute, and so many before it. */
function within(rows: ReadonlyMap<number, FigureRow>, last: number, before: number): readonly FigureRow[] {
  return Array.from({ length: before + 1 }, (_, back) => rows.get(last - back)).filter((row) => row !== undefined);
}

/**
 * The first minute from which on all that the hours have is in the minutes, too: those of an older gateway went sooner, and what was counted long
 * after it happened has none. 0: all of them.
 */
function wholeFrom(minutes: ReadonlyMap<number, FigureRow>, hours: ReadonlyMap<number, FigureRow>): number {
  const left = new Map<number, number>();
  for (const [hour, row] of hours) left.set(hour, weightOf(row));
  for (const [minute, row] of minutes) {
    const hour = Math.floor((minute * minuteMs) / hourMs);
    left.set(hour, (left.get(hour) ?? 0) - weightOf(row));
  }
  const torn = [...left].filter(([, weight]) => weight > 0).map(([hour]) => hour);
  return torn.length === 0 ? 0 : ((Math.max(...torn) + 1) * hourMs) / minuteMs;
}

/** Of what minutes are asked for; periods end a day after their last message, and count in its hour. */
function weightOf({ counts: { received, turns, answered, failed } }: FigureRow): number {
  return received + turns + answered + failed;
}

/** Each day begins at nothing: one over the threshold is one time. */
async function previewCost(measured: Measured, alert: Watched, now: Instant): Promise<AlertPreview> {
  const byDay = await costByDay(measured, alert, now, previewDays);
  const points = Array.from({ length: previewDays }, (_, index) => {
    const day = windowOf("day", now - (previewDays - 1 - index) * dayMs);
    const value = byDay.get(day) ?? 0;
    return { at: Math.min(now, Date.parse(day) + dayMs), value, over: isOver(alert, value) };
  });
  return { points, times: points.filter(({ over }) => over).length, from: Date.parse(windowOf("day", now - (previewDays - 1) * dayMs)) };
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
