import { locale } from "../../words/language.ts";

const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });

/** A share in percent; a dash where there is nothing to take a share of. */
export function share(part: number, whole: number): string {
  return whole === 0 ? "–" : percent.format(part / whole);
}
