import type { Outcome } from "./steps.ts";

/** Reasons for which a test may be skipped even in CI. Each entry names its decision in docs/decisions. */
export const allowedSkips: readonly RegExp[] = [];

export interface Verdict {
  readonly ok: boolean;
  /** For people, before the closing line. */
  readonly remarks: readonly string[];
  /** `N passed, N failed, N skipped`. */
  readonly closing: string;
}

/** Adds everything up. In CI nothing may be left out. */
export function verdictOf(outcomes: readonly Outcome[], inCi: boolean): Verdict {
  const remarks: string[] = [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const { name, ok, tests, left } of outcomes) {
    passed += tests?.passed ?? 0;
    failed += tests?.failed ?? 0;
    // A step without tests, or whose runner failed though no test did, is a failure of its own.
    if (!ok && !tests?.failed) failed++;
    for (const failure of tests?.failures ?? []) remarks.push(`✖ ${failure}`);
    if (!ok) remarks.push(`failed: ${name}`);
    const aside = [...(tests?.skipped ?? []), ...(left ? [`${name}: ${left}`] : [])];
    skipped += aside.length;
    for (const one of aside) {
      const forbidden = inCi && !allowedSkips.some((allowed) => allowed.test(one));
      if (forbidden) failed++;
      remarks.push(`skipped${forbidden ? ", which CI doesn't allow" : ""}: ${one}`);
    }
  }
  if (inCi && passed === 0) {
    failed++;
    remarks.push("failed: no test was run");
  }
  return { ok: failed === 0, remarks, closing: `${passed} passed, ${failed} failed, ${skipped} skipped` };
}

export function conclude(outcomes: readonly Outcome[]): void {
  const { ok, remarks, closing } = verdictOf(outcomes, Boolean(process.env.CI) && process.env.CI !== "false");
  console.log(["", ...remarks, closing].join("\n"));
  process.exitCode = ok ? 0 : 1;
}
