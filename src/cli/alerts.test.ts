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

test("what an alert would say, to whom, and whether it would fire now; nothing is sent unless that is asked for", async () => {
  const cli = await testCli();
  await cli.run(["config", "set", "limits.concurrentTurns", "8"]);
  const rules = {
    now: { measure: "received", below: 1, minutes: 5, forMinutes: 0, to: [{ account: "web", chat: "ops" }] },
    soon: { measure: "received", below: 1, forMinutes: 5, to: [] },
    calm: { measure: "received", above: 1 },
    down: { measure: "accounts-down", above: 0 },
    muted: { measure: "received", below: 1, forMinutes: 0, mutedUntil: "2100-01-01T00:00:00Z" },
  };
  await writeFile(configurationFile(cli.door.home), JSON.stringify({ alerts: rules, accounts: { web: { channel: "webchat" } } }));
  const told = await cli.run(["alerts", "test", "now"]);
  assert.equal(told.exit, 0);
  assert.match(
    told.out,
    /^now: messages received: 0, less than 1, in this minute and 5 before it\.\nIt would fire now\.\nIn the last 24 hours it would have fired once\.\nTold: web\/ops\./,
  );
  assert.match(told.out, /^ {2}! alerts\.now: The alert now fires: messages received: 0, less than 1/m);
  assert.match(told.out, /Nothing was sent/);
  assert.deepEqual((await cli.run(["queue", "list", "--json"])).json<unknown[]>(), []);

  const soon = await cli.run(["alerts", "test", "soon"]);
  assert.match(
    soon.out,
    /It is over its threshold, and would fire on \d{4}-.*\nIn the last seven days it would have fired once\.\nNobody is told/,
  );
  assert.match((await cli.run(["alerts", "test", "calm"])).out, /It wouldn't fire now/);
  assert.match((await cli.run(["alerts", "test", "down"])).out, /Only the running gateway knows/);
  assert.match((await cli.run(["alerts", "test", "muted"])).out, /It would fire now\.\n.*\nIt is muted until 2100/);
  const json = (await cli.run(["alerts", "test", "now", "--json"])).json<{ fires: boolean; value: number; to: string[] }>();
  assert.deepEqual([json.fires, json.value, json.to], [true, 0, ["web/ops"]]);
  const lost = await cli.run(["alerts", "test", "nwo"]);
  assert.equal(lost.exit, 1);
  assert.match(lost.err, /There is no alert nwo\. Did you mean/);

  assert.match((await cli.run(["alerts", "test", "soon", "--send"])).err, /Nobody is to be told of the alert soon/);
  assert.match((await cli.run(["alerts", "test", "now", "--send"])).err, /No gateway runs/);
  cli.kept.running = true;
  const sent = await cli.run(["alerts", "test", "now", "--send", "--wait", "1"]);
  assert.equal(sent.exit, 1);
  assert.match(sent.out, /✗ web\/ops: it isn't sent after 1 s \(queued\)/);
  const [delivery] = (await cli.run(["queue", "list", "--json"])).json<{ id: string }[]>();
  assert.ok(delivery, "it waits for a gateway that sends");
});
