import { type FigureKey, type FigureName, type FigureRow, figureNames, quantileOf } from "../core/figures.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";

type Counts = FigureRow["counts"];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** No zone is further from UTC, with something to spare. */
const farthestMs = 15 * hourMs;

/** Sums over some hours. `p50` and `p95` are milliseconds; absent where nothing was answered. */
export interface FigureSums extends Counts {
  readonly p50?: number;
  readonly p95?: number;
}

export interface Analysis {
  readonly behind: boolean;
  readonly total: FigureSums;
  /** Every day asked for, the oldest first. */
  readonly days: readonly (FigureSums & { readonly day: string })[];
  /** Messages received, by weekday (Monday first) and hour of the day. */
  readonly hours: readonly (readonly number[])[];
  /** Who received or answered most first. */
  readonly groups: readonly (FigureSums & { readonly of: string })[];
}

export interface AnalysisQuestion {
  /** Days of the zone, both included. */
  readonly from: string;
  readonly to: string;
  /** An IANA name, e.g. `Europe/Berlin`. */
  readonly zone: string;
  readonly by: FigureKey;
  readonly only?: { readonly [key in FigureKey]?: string | undefined };
}

/** How conversations went; docs/analytics.md says what each figure is. An hour belongs to the day in which it begins in the zone. */
export async function analyse(records: Pick<Records, "figures">, tenant: TenantId, question: AnalysisQuestion): Promise<Analysis> {
  const { from, to, zone, by, only = {} } = question;
  const placeOf = placesIn(zone);
  const first = Math.floor((Date.parse(from) - farthestMs) / hourMs);
  const last = Math.floor((Date.parse(to) + dayMs + farthestMs) / hourMs);
  const window = hoursOf(first, last, (hour) => {
    const { day } = placeOf(hour);
    return day >= from && day <= to;
  });
  const byHour = await records.figures(tenant, { ...window, by: "hour", only });
  const groups = await records.figures(tenant, { ...window, by, only });

  const days = new Map(eachDay(from, to).map((day) => [day, new Sums()]));
  const hours = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  const total = new Sums();
  for (const row of byHour.rows) {
    const { day, weekday, hour } = placeOf(Number(row.of));
    total.add(row);
    days.get(day)?.add(row);
    const line = hours[weekday];
    if (line) line[hour] = (line[hour] ?? 0) + row.counts.received;
  }
  const named = new Map<string, Sums>();
  for (const row of groups.rows) {
    const sums = named.get(row.of) ?? new Sums();
    named.set(row.of, sums);
    sums.add(row);
  }
  return {
    behind: byHour.behind,
    total: total.show(),
    days: [...days].map(([day, sums]) => ({ day, ...sums.show() })),
    hours,
    groups: [...named]
      // What came before any agent was chosen is no agent's.
      .filter(([of]) => by !== "agent" || of !== "")
      .map(([of, sums]) => ({ of, ...sums.show() }))
      .sort((one, other) => other.received - one.received || other.turns - one.turns || (one.of < other.of ? -1 : 1)),
  };
}

class Sums {
  readonly #counts = new Map<FigureName, number>();
  readonly #waits = new Map<number, number>();

  add({ counts, waits }: FigureRow): void {
    for (const name of figureNames) this.#counts.set(name, (this.#counts.get(name) ?? 0) + counts[name]);
    for (const [step, n] of waits) this.#waits.set(step, (this.#waits.get(step) ?? 0) + n);
  }

  show(): FigureSums {
    const counts = Object.fromEntries(figureNames.map((name) => [name, this.#counts.get(name) ?? 0])) as unknown as Counts;
    const [p50, p95] = [quantileOf(this.#waits, 0.5), quantileOf(this.#waits, 0.95)];
    return { ...counts, ...(p50 !== undefined && { p50 }), ...(p95 !== undefined && { p95 }) };
  }
}

interface PlaceInWeek {
  readonly day: string;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly hour: number;
}

/** Whether there is a time zone of that name. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Which day and hour it is there when an hour since 1970 begins. */
function placesIn(zone: string): (hour: number) => PlaceInWeek {
  const known = new Map<number, PlaceInWeek>();
  // Sweden writes dates as ISO 8601 does: 2026-11-27 13:00.
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return (hour) => {
    const place = known.get(hour) ?? read(format.format(hour * hourMs));
    known.set(hour, place);
    return place;
  };
}

function read(text: string): PlaceInWeek {
  const day = text.slice(0, 10);
  return { day, weekday: (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7, hour: Number(text.slice(11, 13)) };
}

/** The hours for which it holds, which are one run of them; none: an empty run. */
function hoursOf(first: number, last: number, holds: (hour: number) => boolean): { readonly from: number; readonly to: number } {
  let [from, to] = [first, last];
  while (from <= to && !holds(from)) from += 1;
  while (to >= from && !holds(to)) to -= 1;
  return { from, to };
}

function eachDay(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
