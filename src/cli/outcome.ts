import { type ErrorCode, errorTable, type Fault } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { Json } from "../core/terms.ts";

/** What a command comes to: the same for people (`text`) and for machines (`json`). */
export interface Outcome {
  /** 0: done. 1: there are findings, or it was refused. 2: it was called wrongly. */
  readonly exit: 0 | 1 | 2;
  readonly json: Json;
  /** Lines without the last line's end. */
  readonly text: string;
}

/** Something a command needs, or the outcome with which it ends without it. */
export type Needed<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly outcome: Outcome };

export function without(outcome: Outcome): { ok: false; outcome: Outcome } {
  return { ok: false, outcome };
}

export function done(json: Json, text: string): Outcome {
  return { exit: 0, json, text };
}

/** One line says what is wrong and where, one what to do; machines get the code too. */
export function refused(fault: Pick<Fault, "code" | "message">, hint: string = errorTable[fault.code].hint): Outcome {
  const exit = fault.code === "usage" ? 2 : 1;
  return { exit, json: { error: { code: fault.code, message: fault.message, hint } }, text: `polylogue: ${fault.message}\n  → ${hint}` };
}

export function refuse(code: ErrorCode, message: string, hint?: string): Outcome {
  return refused({ code, message }, hint);
}

export function showFinding(finding: Finding): string {
  return `${finding.severity === "error" ? "✗" : "!"} ${finding.message}\n  → ${finding.hint}`;
}

export function findingJson({ code, severity, subject, message, hint }: Finding): Json {
  return { code, severity, subject, message, hint };
}

/** Columns for people: as wide as their widest cell, two blanks apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  "))
    .join("\n");
}

export function moment(at: number): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}
