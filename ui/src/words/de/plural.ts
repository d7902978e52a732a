import { pluralsOf } from "../plural.ts";

const inGerman = pluralsOf("de");

export const plural = (n: number, one: string, other: string) => inGerman(n, { one, other });
