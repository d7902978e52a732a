import { errorTable, type Fault } from "../../core/errors.ts";
import type { Finding } from "../../core/finding.ts";

/** One thing that was looked at: what there is to say about it, and what is wrong with it. */
export interface Check {
  readonly name: string;
  readonly detail: string;
  readonly findings: readonly Finding[];
}

export function asFinding({ code, message }: Fault, subject: string): Finding {
  return { code, severity: "error", subject, message, hint: errorTable[code].hint };
}
