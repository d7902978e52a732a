import { pluralsOf } from "../plural.ts";

const inEnglish = pluralsOf("en");

export const plural = (n: number, one: string, other: string) => inEnglish(n, { one, other });
