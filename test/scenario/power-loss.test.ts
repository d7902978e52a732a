import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { losePower } from "./power-loss/run.ts";

const canTrace = spawnSync("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]).status === 0;
const skip = canTrace ? false : "there is no strace, or it may not trace here (Debian: apt-get install strace)";

test("the power goes at 200 moments: whatever the disk did with unflushed writes, no acknowledged message is missing", {
  skip,
  timeout: 10 * 60_000,
}, async (context) => {
  const verdict = await losePower({ messages: 800, cuts: 200, seed: 7 });
  context.diagnostic(JSON.stringify(verdict));
  assert.deepEqual(verdict.damaged, []);
  assert.deepEqual(verdict.lost, []);
  assert.deepEqual(verdict.unintended, []);
  assert.equal(verdict.acknowledged, 800);
  assert.ok(verdict.owed > 10_000, "the cuts had something to lose");
  assert.ok(verdict.loose > 500, "and unflushed writes to lose it with");
  assert.ok(verdict.checkpoints > 3, "over checkpoints too");
});

test("the same judge catches a build that doesn't wait for the disk", { skip, timeout: 10 * 60_000 }, async (context) => {
  const verdict = await losePower({ messages: 200, cuts: 24, seed: 7, broken: "no-fsync" });
  context.diagnostic(JSON.stringify({ ...verdict, lost: verdict.lost.length, unintended: verdict.unintended.length }));
  assert.ok(verdict.lost.length > 0);
  assert.deepEqual(verdict.damaged, [], "the files stay whole: only what was promised is gone");
});
