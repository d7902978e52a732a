import { locale } from "./language.ts";

const cents = new Intl.NumberFormat(locale, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" });
/** Single calls cost less than a cent. */
const fine = new Intl.NumberFormat(locale, {
  style: "currency",
  currency: "USD",
  currencyDisplay: "narrowSymbol",
  maximumSignificantDigits: 2,
});
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });

export const usd = (amount: number) => (amount > 0 && amount < 0.1 ? fine : cents).format(amount);

/** A large count in a few letters: 12.3K. */
export const shortCount = (n: number) => short.format(n);
