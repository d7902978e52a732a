import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { testCli } from "../../test/support/cli.ts";
import type { AgentId } from "../core/ids.ts";
import { defaultTenant } from "../core/ids.ts";

const file = `{ agents: { main: {
  instructions: "You help {{user}} on {{channel}} {{tim}}.", examples: [{ user: "Hi", answer: "Hello." }],
  style: { telegram: { length: "short" } },
} } }`;

test("what an agent would be told is shown as a model reads it, and what it was told is kept", async () => {
  const cli = await testCli({});
  await writeFile(join(cli.home, "polylogue.json5"), file);
  const { out } = await cli.run(["agents", "preview", "main", "--channel", "telegram", "--user", "Ada"]);
  assert.match(
    out,
    /about \d\d tokens:\n\nYou help Ada on telegram \{\{tim\}\}\.\n\nAnswer in at most three sentences.*\n\n> Hi\nHello\.\n$/,
  );
  const listed = (await cli.run(["agents", "list", "--json"])).json<{ id: string; version: string }[]>();
  assert.match(listed[0]?.version ?? "", /^[0-9a-f]{12}$/);
  assert.match((await cli.run(["doctor"])).out, /`\{\{tim\}\}` in the instructions of main stands for nothing/);
  assert.match((await cli.run(["agents", "preview", "mian"])).err, /Did you mean `main`/);
  assert.match((await cli.run(["agents", "versions", "main"])).out, /has not run with an agent main/);
});

test("an agent's steps are shown with its preview", async () => {
  const cli = await testCli({});
  const steps = `[{ role: "classify", models: ["demo/demo"], choices: { risky: {}, harmless: {} } }, { role: "generate" },
    { role: "review", models: ["demo/demo"], when: "risky", whenFails: "stop" }]`;
  await writeFile(
    join(cli.home, "polylogue.json5"),
    `{ agents: { main: { steps: ${steps}, handTo: { billing: "Invoices." } }, billing: {} } }`,
  );
  const shown =
    /1\. classify risky or harmless: demo\/demo\n2\. generate: demo\/demo\n3\. review at most 1 more answer: demo\/demo, only for risky, or no answer\n\nMay hand over:\n- billing: Invoices\.\n/;
  assert.match((await cli.run(["agents", "preview", "main"])).out, shown);
});

test("versions are listed newest first, each in full", async () => {
  const cli = await testCli({});
  const opened = await cli.door.openStore();
  assert.ok(opened.ok);
  const told = (instructions: string) => ({ instructions, examples: [], style: {} });
  const agent = "main" as AgentId;
  const { records } = opened.value;
  await records.noteAgents(defaultTenant, [{ agent, version: "aaa", told: told("first") }], 1_000);
  await records.noteAgents(defaultTenant, [{ agent, version: "bbb", told: told("second") }], 2_000);
  await records.noteAgents(defaultTenant, [{ agent, version: "aaa", told: told("other") }], 3_000);
  await opened.value.close();
  const versions = (await cli.run(["agents", "versions", "main", "--json"])).json<{ version: string; at: number }[]>();
  assert.deepEqual(
    versions.map(({ version, at }) => [version, at]),
    [
      ["bbb", 2_000],
      ["aaa", 1_000],
    ],
  );
  assert.match((await cli.run(["agents", "versions", "main", "aaa"])).out, /"instructions": "first"/);
  assert.equal((await cli.run(["agents", "versions", "main", "ccc"])).exit, 1);
});
