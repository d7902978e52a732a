import type { ErrorCode } from "../core/errors.ts";

/** What the gateway says in one more language. */
export interface Language {
  readonly errors: Readonly<Record<ErrorCode, ErrorWords>>;
  /** By the English, with the same numbered gaps: what is marked with `say`, and messages of faults that have no gaps. */
  readonly sentences: Readonly<Record<string, string>>;
  /** What each setting of the configuration is, by the English description. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface ErrorWords {
  /** What is wrong, without a full stop: where the message itself is said in English only, it stands behind this. */
  readonly wrong: string;
  /** What to do, as the hint in the table of errors says. */
  readonly hint: string;
}
