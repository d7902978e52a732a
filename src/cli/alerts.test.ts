import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { testCli } from "../../test/support/cli.ts";
import { configurationFile } from "../config/disk.ts";

test("alerts are listed with what is measured now", async () => {
  const cli = await testCli();
  assert.match((await cli.run(["alerts", "list"])).out, /There are no alerts/);
  await cli.run(["config", "set", "limits.concurrentTurns", "8"]);
  await writeFile(configurationFile(cli.door.home), `{ alerts: { quiet: { measure: "received", below: 1 } } }`);
  assert.match((await cli.run(["alerts", "list"])).out, /quiet pending: messages received: 0, less than 1, in this hour and 1 before it/);
  assert.deepEqual((await cli.run(["alerts", "list", "--json"])).json<object>(), {
    alerts: [{ id: "quiet", measure: "received", state: "pending", value: 0 }],
  });
});
