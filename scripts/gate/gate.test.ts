import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { kindOf } from "./tests.ts";
import { verdictOf } from "./verdict.ts";

const tests = (passed: number, failed = 0, skipped: string[] = [], failures: string[] = []) => ({ passed, failed, skipped, failures });

test("the closing line adds up all runs", () => {
  const verdict = verdictOf(
    [
      { name: "types", ok: true },
      { name: "unit", ok: true, tests: tests(3) },
      { name: "browser", ok: true, tests: tests(4, 0, ["x: no server"]) },
    ],
    false,
  );
  assert.equal(verdict.closing, "7 passed, 0 failed, 1 skipped");
  assert.equal(verdict.ok, true);
});

test("a step that fails without a failed test counts as one", () => {
  assert.equal(verdictOf([{ name: "types", ok: false }], false).closing, "0 passed, 1 failed, 0 skipped");
  assert.equal(verdictOf([{ name: "unit", ok: false, tests: tests(3) }], false).closing, "3 passed, 1 failed, 0 skipped");
  assert.equal(verdictOf([{ name: "unit", ok: false, tests: tests(3, 2) }], false).closing, "3 passed, 2 failed, 0 skipped");
});

test("what failed is told once more where a log ends", () => {
  const { remarks } = verdictOf([{ name: "unit", ok: false, tests: tests(3, 1, [], ["a.test.ts:2 bad\n  Error: x"]) }], false);
  assert.deepEqual(remarks, ["✖ a.test.ts:2 bad\n  Error: x", "failed: unit"]);
});

test("in CI nothing may be skipped, left out, or not be there", () => {
  assert.equal(verdictOf([{ name: "unit", ok: true, tests: tests(3, 0, ["x: later"]) }], true).ok, false);
  assert.equal(verdictOf([{ name: "browser", ok: true, left: "no Chromium" }], true).ok, false);
  assert.equal(verdictOf([{ name: "browser", ok: true, left: "no Chromium" }], false).ok, true);
  assert.equal(verdictOf([{ name: "types", ok: true }], true).ok, false);
});

test("each test file is of one kind", () => {
  assert.equal(kindOf("src/core/ids.test.ts"), "unit");
  assert.equal(kindOf("test/architecture.test.ts"), "unit");
  assert.equal(kindOf("test/contract/store.test.ts"), "contract");
  assert.equal(kindOf("test/scenario/crash.test.ts"), "scenario");
  assert.equal(kindOf("test/browser/setup.test.ts"), "browser");
});

test("counts come from the runner: passed, failed, skipped with its reason, suites aside", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "polylogue-count-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, "a.test.mjs"),
    `import { describe, test } from "node:test";
     describe("suite", () => { test("good", () => {}); test("bad", () => { throw new Error("x"); }); });
     test("later", { skip: "no server" }, () => {});
     test("some day", { todo: true }, () => {});`,
  );
  const reporter = fileURLToPath(new URL("count.ts", import.meta.url));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  spawnSync(
    process.execPath,
    ["--test", `--test-reporter=${reporter}`, `--test-reporter-destination=${join(folder, "out")}`, join(folder, "a.test.mjs")],
    { env },
  );
  const { failures, ...counts } = JSON.parse(readFileSync(join(folder, "out"), "utf8"));
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: ["later: no server", "some day: no reason given"] });
  assert.equal(failures.length, 1);
  assert.match(failures[0], /a\.test\.mjs:2 bad\n {2}Error: x/);
});
