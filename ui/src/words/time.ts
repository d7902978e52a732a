import { useSyncExternalStore } from "react";
import { locale } from "./language.ts";
import { words } from "./words.ts";

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortClock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const utcDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const dayTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "narrow" });
const number = new Intl.NumberFormat(locale);
const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** All of these take milliseconds since 1970 and speak in the viewer's own time zone. */
export const timeOfDay = (at: number) => clock.format(at);
export const hourAndMinute = (at: number) => shortClock.format(at);
export const dayName = (at: number) => day.format(at);
/** Of a day of UTC, given by its first moment. */
export const shortDayOf = (at: number) => utcDay.format(at);
export const dayAndTime = (at: number) => dayTime.format(at);
export const fullTime = (at: number) => full.format(at);
export const count = (value: number) => number.format(value);

export function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** The time today, else the day. */
export function briefTime(at: number, now: number): string {
  return sameDay(at, now) ? shortClock.format(at) : shortDay.format(at);
}

export function ago(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  if (Math.abs(seconds) < 45) return relative.format(Math.min(0, seconds), "second");
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

/** A duration in milliseconds, as short as it can be said. */
export function duration(ms: number): string {
  if (ms < 1000) return words.time.milliseconds(Math.max(0, Math.round(ms)));
  if (ms < 60_000) return words.time.seconds((ms < 10_000 ? hundredths : tenths).format(ms / 1000));
  if (ms < 3_600_000) return words.time.minutes(Math.floor(ms / 60_000), Math.round((ms % 60_000) / 1000));
  return words.time.hours(Math.floor(ms / 3_600_000), Math.round((ms % 3_600_000) / 60_000));
}

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, renewed every ten seconds: one timer for all that shows "2 min ago". */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
