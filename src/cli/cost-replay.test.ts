import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { testCli } from "../../test/support/cli.ts";

const call = (at: string, more = {}) =>
  JSON.stringify({ at, provider: "demo", model: "demo", agent: "main", input: 100, output: 50, ...more });

test("a log of calls is replayed under the configuration, or under another file; what is wrong in it is named by its line", async () => {
  const prices = async () => ({
    cost: ({ model }: { model: string }) => ({ amount: (model === "big" ? 5 : 1) * 1e9, price: { source: "test", perMillion: {} } }),
  });
  const cli = await testCli({ prices });
  const file = (name: string) => join(cli.home, name);
  const agent = { models: ["demo/big"], scale: [{ budget: "month", above: 0.5, models: ["demo/small"] }] };
  await writeFile(file("polylogue.json5"), JSON.stringify({ agents: { main: agent }, budgets: { month: { usd: 20 } } }));
  await writeFile(file("other.json5"), JSON.stringify({ agents: { main: { ...agent, scale: [] } } }));
  const days = Array.from({ length: 6 }, (_, n) => call(`2026-06-0${n + 1}T10:00:00Z`));
  await writeFile(file("log.jsonl"), `${days.join("\n")}\n\n`);

  const { exit, out } = await cli.run(["cost", "replay", "--log", file("log.jsonl")]);
  assert.equal(exit, 0);
  assert.match(out, /^6 calls of 6 turns, 2026-06-01 10:00:00Z to 2026-06-06 10:00:00Z\n/);
  assert.match(out, /without `scale` +\$20\.00 +4 +2 +0 +0 +2026-06-05 10:00:00Z +demo\/big 66\.7 %\n/);
  assert.match(
    out,
    /with it +\$14\.00 +6 +0 +0 +0 +– +demo\/small 66\.7 %, demo\/big 33\.3 %\n30\.0 % saved\.\n.*\n {2}main, rule 1: 4 turns \(66\.7 %\)/,
  );
  type Sides = { without: { usd: number; refused: number }; with: { usd: number } };
  const json = (await cli.run(["--json", "cost", "replay", "--log", file("log.jsonl"), "--policy", file("other.json5")])).json<Sides>();
  assert.deepEqual([json.without.usd, json.with.usd, json.without.refused], [30, 30, 0]);
  assert.match((await cli.run(["cost", "replay"])).out, /There are no calls to replay/);
  assert.match((await cli.run(["cost", "replay", "--log", file("none")])).err, /none can't be read/);

  for (const [line, why] of [
    ["{", /line 2: it: /],
    [call("yesterday"), /line 2: at: /],
    [call("2026-06-01T00:00:00Z", { input: -1 }), /line 2: input: /],
    [call("2026-06-01T00:00:00Z", { tokens: 1 }), /line 2: it: .*tokens/],
  ] as const) {
    await writeFile(file("bad.jsonl"), `${days[0]}\n${line}\n`);
    const refused = await cli.run(["cost", "replay", "--log", file("bad.jsonl")]);
    assert.equal(refused.exit, 2);
    assert.match(refused.err, why);
  }
});
