import { locale } from "./language.ts";

/** A word in the forms that its language has: `one` and `other` in English and German, more elsewhere. */
export type Forms = { readonly [form in Exclude<Intl.LDMLPluralRule, "other">]?: string } & { readonly other: string };

const number = new Intl.NumberFormat(locale);

/** "1,234 messages": the number as the viewer writes it, the word in the form that the language asks for. */
export function pluralsOf(language: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  return (n, forms) => `${number.format(n)} ${forms[rules.select(n)] ?? forms.other}`;
}
