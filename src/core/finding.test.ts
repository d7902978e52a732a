import assert from "node:assert/strict";
import { test } from "node:test";
import { fault } from "./errors.ts";
import { accountFinding, finding } from "./finding.ts";
import { say } from "./say.ts";

test("a finding takes no cause along: what it says can be written down, whatever failed", () => {
  const cause: { loop?: unknown } = {};
  cause.loop = cause;
  const failed = fault("channel-unreachable", "no route to host", cause);
  const about = { code: "account-failing", severity: "warning", subject: "accounts.bot" } as const;
  for (const found of [finding(about, say`it fails: ${failed}`, say`wait`), accountFinding("bot", failed)]) {
    const written = JSON.stringify(found);
    assert.ok(written.includes("no route to host"));
    assert.ok(!written.includes("loop"));
  }
});
