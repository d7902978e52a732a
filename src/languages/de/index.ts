import type { Language } from "../language.ts";
import { configuration } from "./configuration.ts";
import { errors } from "./errors.ts";
import { faults, rules } from "./faults.ts";
import { findings } from "./findings.ts";
import { settings } from "./settings.ts";

export const german: Language = { errors, sentences: { ...faults, ...rules, ...configuration, ...findings }, settings };
