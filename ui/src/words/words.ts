import { english } from "./en/index.ts";
import { type LanguageCode, language } from "./language.ts";
import type { Widen } from "./widen.ts";

/** The shape that every language fills. */
export type Words = Widen<typeof english>;

/** English is at hand; another language comes when it is chosen. */
const load: { readonly [code in LanguageCode]: () => Words | Promise<Words> } = {
  en: () => english,
  de: () => import("./de/index.ts").then(({ german }) => german),
};

/** What the app says, in the language of this window. One that can't be loaded is English. */
export const words: Words = await Promise.resolve(load[language]()).catch(() => english);

/** The word for a code that the server sends; a code without one stands for itself, readable. */
export function wordFor(table: { readonly [code: string]: string }, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] as string) : code.replaceAll("-", " ");
}
