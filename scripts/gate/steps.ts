import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestCount } from "./count.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What one step came to. Steps that run no tests count nothing. */
export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly tests?: TestCount;
  /** Why it wasn't run at all. */
  readonly left?: string;
}

/** Runs one program with our own tools first on the path, its output shown as it comes. Resolves with its exit code. */
export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(process.platform === "win32" ? ";" : ":");
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, PATH: path, ...env } });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** A step that is right when its program ends with 0. */
export async function step(name: string, command: string, args: readonly string[]): Promise<Outcome> {
  const started = Date.now();
  console.log(`\n── ${name}`);
  const ok = (await run(command, args)) === 0;
  console.log(`${ok ? "✔" : "✖"} ${name} (${seconds(started)})`);
  return { name, ok };
}

/** A step that runs test files. No file is no failure: the kind has no tests yet. */
export async function testStep(
  name: string,
  files: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly together: number; readonly timeoutMs: number },
): Promise<Outcome> {
  if (files.length === 0) return { name, ok: true };
  const started = Date.now();
  console.log(`\n── ${name}: ${files.length} files`);
  const folder = mkdtempSync(join(tmpdir(), "polylogue-tests-"));
  try {
    const result = join(folder, "count.json");
    const args = [
      "--test",
      `--test-concurrency=${options.together}`,
      `--test-timeout=${options.timeoutMs}`,
      `--test-reporter=${process.env.CI ? "spec" : "dot"}`,
      "--test-reporter-destination=stdout",
      `--test-reporter=${fileURLToPath(new URL("count.ts", import.meta.url))}`,
      `--test-reporter-destination=${result}`,
      ...files,
    ];
    const code = await run(process.execPath, args, options.env);
    const tests = readCount(result);
    const ok = code === 0 && tests !== undefined;
    console.log(
      `${ok ? "✔" : "✖"} ${name}: ${tests ? `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped.length} skipped` : "broke off"} (${seconds(started)})`,
    );
    return { name, ok, tests: tests ?? { passed: 0, failed: 1, failures: [], skipped: [] } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCount(file: string): TestCount | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestCount;
  } catch {
    return undefined;
  }
}

function seconds(started: number): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
