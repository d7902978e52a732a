import { hintOf } from "../core/errors.ts";
import { type Finding, finding, hintIfKnown, type SaidFinding } from "../core/finding.ts";
import type { Text } from "../core/say.ts";
import { type Path, showPath } from "./tree.ts";

/** The findings of one load. The same code and subject is told once. */
export interface Notes {
  add(code: string, severity: Finding["severity"], subject: Path | string, message: Text, hint?: Text): void;
  /** What is said already. */
  take(finding: SaidFinding): void;
  readonly findings: readonly SaidFinding[];
}

export function createNotes(): Notes {
  const byName = new Map<string, SaidFinding>();

  function take(one: SaidFinding): void {
    const name = `${one.code} ${one.subject}`;
    if (!byName.has(name)) byName.set(name, one);
  }

  return {
    add(code, severity, subject, message, hint = hintIfKnown(code) ?? hintOf("config-invalid")) {
      take(finding({ code, severity, subject: typeof subject === "string" ? subject : showPath(subject) }, message, hint));
    },
    take,
    get findings() {
      return [...byName.values()];
    },
  };
}
