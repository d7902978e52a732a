import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { postgresMissing, startPostgres } from "../servers/postgres.ts";

const http = fileURLToPath(new URL("../../src/http/", import.meta.url));

/** What is asked of the store by the API alone has no case of its own in the store's contract: its own tests hold it, over the other database. */
test("everything that the API's tests hold is so over a real PostgreSQL, too", { skip: postgresMissing(), timeout: 600_000 }, async (t) => {
  await using server = await startPostgres();
  const files = readdirSync(http).filter((name) => name.endsWith(".test.ts"));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--test", "--test-reporter=tap", ...files.map((name) => http + name)], {
    env: { ...env, POLYLOGUE_TEST_POSTGRES: await server.database() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = await once(child, "close");
  const failed = said.split("\n").filter((line) => /^\s*not ok /.test(line));
  assert.deepEqual({ code, failed }, { code: 0, failed: [] }, said.slice(-5_000));
  const passed = Number(/^# pass (\d+)$/m.exec(said)?.[1]);
  t.diagnostic(`${passed} tests in ${files.length} files`);
  assert.ok(passed > 300, said.slice(-2_000));
});
