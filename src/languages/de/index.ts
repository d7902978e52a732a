import type { Language } from "../language.ts";
import { errors } from "./errors.ts";
import { faults, rules } from "./faults.ts";

export const german: Language = { errors, sentences: { ...faults, ...rules } };
