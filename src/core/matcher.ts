import type { Instant } from "./terms.ts";

/** Conditions of a route that are compiled once: each says whether it holds. */
export interface Matchers {
  /** Whether the pattern is found in the text; in time that grows with its length, whatever the pattern. */
  readonly text?: (text: string) => boolean;
  /** Whether the text is in one of the languages; one that can't be told is in none. */
  readonly language?: (text: string) => boolean;
  /** Whether the moment is in one of the times. */
  readonly time?: (at: Instant) => boolean;
}
