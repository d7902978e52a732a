import { globSync } from "node:fs";
import { root } from "./steps.ts";

/** Every test file of the tree is of exactly one kind; a new one is never forgotten. */
export type TestKind = "unit" | "contract" | "scenario" | "browser";

export function kindOf(path: string): TestKind {
  if (/(^|\/)browser(\/|[.-])/.test(path)) return "browser";
  if (path.startsWith("test/scenario/")) return "scenario";
  if (path.startsWith("test/architecture")) return "unit";
  return path.startsWith("test/") ? "contract" : "unit";
}

export function testFiles(): Readonly<Record<TestKind, readonly string[]>> {
  const all = globSync("{src,ui,test,scripts,bench,bin}/**/*.test.ts", {
    cwd: root,
    exclude: (path) => String(path).includes("node_modules"),
  }).sort();
  const of = (kind: TestKind) => all.filter((path) => kindOf(path.replaceAll("\\", "/")) === kind);
  return { unit: of("unit"), contract: of("contract"), scenario: of("scenario"), browser: of("browser") };
}
