import { english } from "./en/index.ts";

/** The shape that every language fills. */
export type Words = Widen<typeof english>;

type Widen<T> = T extends string
  ? string
  : T extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { [Key in keyof T]: Widen<T[Key]> };

/** What the app says. A language is one more folder of this shape, chosen here by `navigator.languages`. */
export const words: Words = english;

/** The word for a code that the server sends; a code without one stands for itself, readable. */
export function wordFor(table: { readonly [code: string]: string }, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] as string) : code.replaceAll("-", " ");
}
