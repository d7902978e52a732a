import assert from "node:assert/strict";
import { test } from "node:test";
import { toolContext } from "../../test/support/tool-context.ts";
import type { Result } from "../core/errors.ts";
import currentTime from "./current-time.ts";

function at(iso: string, zone?: string): Result<string> {
  const call = toolContext({ clock: { now: () => Date.parse(iso), elapsed: () => 0, after: () => () => {} } });
  return currentTime.run(currentTime.input.parse(zone === undefined ? {} : { zone }), call) as Result<string>;
}

const cases: [string, string | undefined, string][] = [
  ["2026-11-22T10:15:30Z", undefined, "2026-11-22T10:15:30+00:00 (Sunday, UTC)"],
  ["2026-11-22T10:15:30Z", "Europe/Berlin", "2026-11-22T11:15:30+01:00 (Sunday, Europe/Berlin)"],
  ["2026-07-01T22:30:00Z", "Europe/Berlin", "2026-07-02T00:30:00+02:00 (Thursday, Europe/Berlin)"],
  ["2026-11-22T20:00:00Z", "Asia/Kolkata", "2026-11-23T01:30:00+05:30 (Monday, Asia/Kolkata)"],
  ["2026-11-22T02:00:00Z", "America/New_York", "2026-11-21T21:00:00-05:00 (Saturday, America/New_York)"],
];
for (const [iso, zone, text] of cases) {
  test(`${zone ?? "no zone"} at ${iso}`, () => assert.deepEqual(at(iso, zone), { ok: true, value: text }));
}

test("an unknown zone is said so", () => {
  const result = at("2026-11-22T10:15:30Z", "Mars/Olympus");
  assert.ok(!result.ok);
  assert.match(result.fault.message, /Mars\/Olympus/);
});
