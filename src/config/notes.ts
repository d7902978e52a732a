import { type ErrorCode, errorTable } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { type Path, showPath } from "./tree.ts";

/** The findings of one load. The same code and subject is told once. */
export interface Notes {
  add(code: string, severity: Finding["severity"], subject: Path | string, message: string, hint?: string): void;
  readonly findings: readonly Finding[];
}

export function createNotes(): Notes {
  const byName = new Map<string, Finding>();
  return {
    add(code, severity, subject, message, hint) {
      const about = typeof subject === "string" ? subject : showPath(subject);
      const name = `${code} ${about}`;
      if (byName.has(name)) return;
      const advice = hint ?? (code in errorTable ? errorTable[code as ErrorCode].hint : errorTable["config-invalid"].hint);
      byName.set(name, { code, severity, subject: about, message, hint: advice });
    },
    get findings() {
      return [...byName.values()];
    },
  };
}
