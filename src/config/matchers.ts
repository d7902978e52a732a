import type { Matchers } from "../core/matcher.ts";
import type { Instant } from "../core/terms.ts";

export interface MatcherSettings {
  readonly text?: string | undefined;
  readonly language?: readonly string[] | undefined;
  readonly time?: TimeSettings | undefined;
}

export interface TimeSettings {
  readonly days: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Characters of a message that are looked at. */
const reach = 10_000;

/** Compiles what has to be; throws with a sentence about what is wrong with it. Loads a library only for what is there. */
export async function compileMatchers({ text, language, time }: MatcherSettings): Promise<Matchers | undefined> {
  if (text === undefined && language === undefined && time === undefined) return undefined;
  return {
    ...(text !== undefined && { text: await textMatcher(text) }),
    ...(language !== undefined && { language: await languageMatcher(language) }),
    ...(time !== undefined && { time: timeMatcher(time) }),
  };
}

/** RE2: its time is linear, whatever is written (https://github.com/google/re2/wiki/Syntax). */
export async function textMatcher(pattern: string): Promise<(text: string) => boolean> {
  const { RE2JS } = await import("re2js");
  const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  return (text) => compiled.matcher(text.slice(0, reach)).find();
}

/** The smallest of its tables: 33 of our 34 short sentences in 20 languages. */
async function languageMatcher(languages: readonly string[]): Promise<(text: string) => boolean> {
  const { eld } = await import("eld/extrasmall");
  return (text) => {
    const found = eld.detect(text.slice(0, 500));
    return found.isReliable() && languages.includes(found.language);
  };
}

function timeMatcher({ days, from, to, zone }: TimeSettings): (at: Instant) => boolean {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const isDay = (day: string) => days.length === 0 || days.includes(day);
  const before = (day: string) => weekdays[(weekdays.indexOf(day as (typeof weekdays)[number]) + 6) % 7] as string;
  return (at) => {
    const parts = format.formatToParts(at);
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
    const day = of("weekday").toLowerCase();
    const now = `${of("hour")}:${of("minute")}`;
    if (from <= to) return isDay(day) && now >= from && now < to;
    // Over midnight: what is after it belongs to the day before.
    return (now >= from && isDay(day)) || (now < to && isDay(before(day)));
  };
}
