/** An amount of money in 10⁻⁹ US dollars: an integer, so that sums are exact up to nine million dollars. */
export type NanoUsd = number;

const nanosPerDollar = 1e9;

export function nanoUsd(dollars: number): NanoUsd {
  return Math.round(dollars * nanosPerDollar);
}

export function dollars(amount: NanoUsd): number {
  return amount / nanosPerDollar;
}

/** For people: two digits from a dollar on, and below as many as say something. */
export function showUsd(amount: NanoUsd): string {
  const value = Math.abs(dollars(amount));
  const sign = amount < 0 ? "-" : "";
  if (value === 0) return "$0";
  if (value >= 1) return `${sign}$${value.toFixed(2)}`;
  return `${sign}$${Number(value.toPrecision(2)).toFixed(Math.min(9, 1 - Math.floor(Math.log10(value))))}`;
}
