import { english } from "../en/index.ts";
import type { Widen } from "../widen.ts";
import { home } from "./home.ts";

/** German, as far as it goes; the rest is said in English. */
export const german: Widen<typeof english> = { ...english, locale: "de", home };
