import { errorTable, type Fault } from "./errors.ts";

/** Something an operator can act on; what needs no action is no finding. */
export interface Finding {
  /** Stable, e.g. `account-refused`. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What it is about: `accounts.support-bot`, a delivery's id. With `code` it names the finding. */
  readonly subject: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/**
 * What may have something to say: asked every few seconds, so it must be cheap. The same finding keeps its code and
 * subject while it lasts; its message may change (a count).
 */
export type FindingSource = () => readonly Finding[] | Promise<readonly Finding[]>;

/** An account that doesn't work: a person must act, or it is tried again by itself. */
export function accountFinding(id: string, { code, message }: Fault): Finding {
  const { retryable, hint } = errorTable[code];
  return {
    code: retryable ? "account-unreachable" : "account-refused",
    severity: retryable ? "warning" : "error",
    subject: `accounts.${id}`,
    message,
    hint,
  };
}

/** A part of an account that doesn't work, while the rest of it does. */
export function partFinding(id: string, part: string, { code, message }: Fault): Finding {
  const { hint } = errorTable[code];
  return { code: "account-part-failing", severity: "warning", subject: `accounts.${id}.${part}`, message, hint };
}
