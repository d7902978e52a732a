import { type ErrorCode, errorTable, type Fault, hintOf } from "./errors.ts";
import { inEnglish, type Refusal, refusalOf, type Text } from "./say.ts";

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
  /** The two, as any language can say them. Absent: it came out of the store, or is for the command line. */
  readonly said?: { readonly message: Text | Refusal; readonly hint: Text };
}

/** A finding as the web app shows it. */
export type SaidFinding = Finding & Required<Pick<Finding, "said">>;

/**
 * What may have something to say: asked every few seconds, so it must be cheap. The same finding keeps its code and
 * subject while it lasts; its message may change (a count).
 */
export type FindingSource = () => readonly SaidFinding[] | Promise<readonly SaidFinding[]>;

/** What is wrong is a sentence, or what something else said of itself. */
export function finding(about: Pick<Finding, "code" | "severity" | "subject">, message: Text | Fault, hint: Text): SaidFinding {
  const said = "code" in message ? refusalOf(message) : message;
  return { ...about, message: inEnglish(said), hint: String(hint), said: { message: said, hint } };
}

/** An account that doesn't work: a person must act, or it is tried again by itself. */
export function accountFinding(id: string, fault: Fault): SaidFinding {
  const { retryable } = errorTable[fault.code];
  const code = retryable ? "account-unreachable" : "account-refused";
  return finding({ code, severity: retryable ? "warning" : "error", subject: `accounts.${id}` }, fault, hintOf(fault.code));
}

/** A part of an account that doesn't work, while the rest of it does. */
export function partFinding(id: string, part: string, fault: Fault): SaidFinding {
  return finding({ code: "account-part-failing", severity: "warning", subject: `accounts.${id}.${part}` }, fault, hintOf(fault.code));
}

/** Of whatever code there is in a table or a log: nothing for one that isn't an error's. */
export function hintIfKnown(code: string): Text | undefined {
  return Object.hasOwn(errorTable, code) ? hintOf(code as ErrorCode) : undefined;
}
