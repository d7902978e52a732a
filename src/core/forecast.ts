import type { NanoUsd } from "./money.ts";

/** What a month may come to in the end. */
export interface Forecast {
  readonly spent: NanoUsd;
  readonly expected: NanoUsd;
  /** Four of five months like the days before end between these. */
  readonly low: NanoUsd;
  readonly high: NanoUsd;
  /** Whole days that it rests on. */
  readonly days: number;
}

const dayMs = 86_400_000;
/** Whole days of the past that count. */
const most = 28;
/** With fewer nothing can be said of weekdays. */
const enoughForWeekdays = 14;
/** Of a normal distribution: 80 % lie within so many standard deviations. */
const band = 1.2816;

/**
 * From the whole days before: each day that is left counts as those of its weekday did (with fewer than two weeks: as all
 * did), and the band widens with the root of how many are left, as days are taken to be independent. `amounts`: what was
 * spent on each day (`2026-11-26`); days without an entry are days without spending. Nothing when there is no whole day.
 */
export function forecastMonth(amounts: ReadonlyMap<string, NanoUsd>, today: string): Forecast | undefined {
  const month = today.slice(0, 7);
  const now = Date.parse(today);
  const first = [...amounts.keys()].sort()[0];
  if (first === undefined) return undefined;
  const known: { readonly weekday: number; readonly amount: NanoUsd }[] = [];
  for (let day = now - dayMs; day >= Date.parse(first) && known.length < most; day -= dayMs) {
    known.push({ weekday: new Date(day).getUTCDay(), amount: amounts.get(dayName(day)) ?? 0 });
  }
  if (known.length === 0) return undefined;
  const all = known.map(({ amount }) => amount);
  const of = (weekday: number) => {
    const same = known.filter((day) => day.weekday === weekday).map(({ amount }) => amount);
    return known.length < enoughForWeekdays ? mean(all) : mean(same);
  };
  const errors = known.map(({ weekday, amount }) => amount - of(weekday));
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / Math.max(1, known.length - 1));
  const spent = [...amounts].reduce((sum, [day, amount]) => (day.startsWith(month) ? sum + amount : sum), 0);
  // Today isn't over: what it came to so far is part of what it is expected to come to.
  let left = Math.max(0, of(new Date(now).getUTCDay()) - (amounts.get(today) ?? 0));
  let days = 1;
  for (let day = now + dayMs; dayName(day).startsWith(month); day += dayMs, days++) left += of(new Date(day).getUTCDay());
  const expected = Math.round(spent + left);
  const spread = Math.round(band * deviation * Math.sqrt(days));
  return { spent, expected, low: Math.max(spent, expected - spread), high: expected + spread, days: known.length };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function dayName(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
