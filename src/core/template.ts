import { fail, ok, type Result } from "./errors.ts";
import type { Instant } from "./terms.ts";

/**
 * A text that the platform approved beforehand, with places for words: all that reaches somebody in WhatsApp who wrote more than 24 hours
 * ago, or never. https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
 */
export interface Template {
  readonly name: string;
  /** As the platform writes it: `en`, `pt_BR`. */
  readonly language?: string;
  /** What stands in its places, by their names; those of numbered places are `1`, `2`, … */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A template as the platform lists it. */
export interface KnownTemplate {
  readonly name: string;
  /** Names it as well, where names needn't be unique. */
  readonly id?: string;
  readonly language: string;
  /** The platform's word in lower case; only an `approved` one can be sent. */
  readonly status: string;
  readonly category?: string;
  /** Its body, with the places in it. */
  readonly text?: string;
  /** The names of its places. */
  readonly parameters: readonly string[];
}

/** What a message is for, where the account names a template for each. */
export type Purpose = "answer" | "message" | "reminder" | "notice";

/** Characters of one parameter. */
const longest = 1_024;

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, 131008 and 132012 */
export function checkTemplate({ name, parameters }: Template): Result<undefined> {
  if (!/^[\w ./-]{1,512}$/.test(name)) return fail("template-refused", "a template's name has letters, digits and underscores");
  for (const [place, text] of Object.entries(parameters)) {
    const named = `the template's parameter ${JSON.stringify(place)}`;
    if (!/^\w{1,100}$/.test(place)) return fail("template-refused", `${named} is no name of a place`);
    if (text.trim() === "") return fail("template-refused", `${named} is empty`);
    if (text.length > longest) return fail("template-refused", `${named} has more than ${longest} characters`);
    if (/[\r\n\t]| {5}/.test(text))
      return fail("template-refused", `${named} has a line break, a tab or more than four blanks in a row, which WhatsApp refuses`);
  }
  return ok(undefined);
}

/** By name; a list's are `1`, `2`, … */
export function parametersOf(given: readonly string[] | Readonly<Record<string, string>>): Template["parameters"] {
  return Array.isArray(given)
    ? Object.fromEntries(given.map((text: string, index) => [String(index + 1), text]))
    : (given as Template["parameters"]);
}

/** For history, logs and models, who never see the template's own words. */
export function templateWords({ name, parameters }: Template): string {
  return [`[template ${name}]`, ...Object.values(parameters)].join(" ");
}

/** Milliseconds after somebody's last message in which anything may be written to them. */
export const windowMs = 86_400_000;

/** Whether the platform takes nothing but templates, or nothing at all: of whom nobody knows when they wrote, the platform decides. */
export function windowClosed(heardAt: Instant | undefined, now: Instant, lasts = windowMs): boolean {
  return heardAt !== undefined && now - heardAt >= lasts;
}
