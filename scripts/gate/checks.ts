import { type Outcome, step, testStep } from "./steps.ts";
import { testFiles } from "./tests.ts";

/** The one gate, the same here and in CI: format, lint, types, pages, dead code, architecture and unit tests. */
export async function checks(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  outcomes.push(await step("format and lint", "biome", ["check", "--error-on-warnings"]));
  outcomes.push(await step("types", "tsc", ["-p", "."]));
  // Declarations have rules of their own: what a plugin author gets must build, too.
  outcomes.push(await step("types of the package", "tsc", ["-p", "tsconfig.build.json", "--noEmit"]));
  outcomes.push(await step("types of the widget", "tsc", ["-p", "src/http/widget"]));
  outcomes.push(await step("types of the web app", "tsc", ["-p", "ui"]));
  outcomes.push(await step("generated pages", process.execPath, ["scripts/docs.ts", "--check"]));
  outcomes.push(await step("dead code", "knip", ["--no-progress"]));
  outcomes.push(await testStep("architecture and unit tests", testFiles().unit, { together: 2, timeoutMs: 120_000 }));
  return outcomes;
}
