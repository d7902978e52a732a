import type { Spread } from "../figures.ts";

/** 12345.6 → 12,346 */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function round(value: number): string {
  return value >= 100 ? count(value) : String(Math.round(value * 10) / 10);
}

export function ratio(value: number): string {
  return value.toFixed(2);
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value >= 100 ? Math.round(value) : value.toFixed(1)} ms`;
}

/** The median, and what the rounds lay between. */
export function between({ median, least, most }: Spread, show: (value: number) => string, unit = ""): string {
  return show(median) + unit + (least === most ? "" : ` (${show(least)}–${show(most)})`);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
}
