import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testCli } from "../test/support/cli.ts";
import { enginePlace } from "./engine-place.ts";

const store = { POLYLOGUE_STORE: "postgres://db/polylogue" };

test("without an engine a gateway is alone", () => {
  assert.deepEqual(enginePlace({}), { ok: true, value: undefined });
});

test("the address comes from the environment or a file, and is shown without its password", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "polylogue-engine-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "address");
  await writeFile(file, "rediss://polly:hunter2@redis.example:6380/1\n");
  for (const environment of [
    { POLYLOGUE_ENGINE_FILE: file },
    { POLYLOGUE_ENGINE: "rediss://polly:hunter2@redis.example:6380/1", POLYLOGUE_ENGINE_FILE: "/nowhere" },
  ]) {
    const place = enginePlace({ ...store, ...environment });
    assert.ok(place.ok && place.value);
    assert.equal(place.value.url, "rediss://polly:hunter2@redis.example:6380/1");
    assert.equal(place.value.shown, "rediss://polly@redis.example:6380/1");
  }
});

for (const [what, environment, told] of [
  ["no address", { ...store, POLYLOGUE_ENGINE: "bullmq" }, /isn't an address/],
  ["another kind of server", { ...store, POLYLOGUE_ENGINE: "amqp://queue" }, /isn't an address/],
  ["a file that isn't there", { ...store, POLYLOGUE_ENGINE_FILE: "/nowhere" }, /ENOENT/],
  ["a store that can't be shared", { POLYLOGUE_ENGINE: "redis://127.0.0.1" }, /POLYLOGUE_STORE must name/],
] as const) {
  test(`refused: ${what}`, () => {
    const place = enginePlace(environment);
    assert.equal(!place.ok && place.fault.code, "config-invalid");
    assert.match((!place.ok && place.fault.message) || "", told);
  });
}

test("doctor says what is wrong with it", async () => {
  const of = async (environment: Record<string, string>) => {
    const cli = await testCli({ engine: enginePlace({ ...store, ...environment }), environment });
    const { findings } = (await cli.run(["doctor", "--offline", "--json"])).json<{ findings: { code: string; subject: string }[] }>();
    return findings.filter(({ subject }) => /ENGINE|MASTER/.test(subject)).map(({ code }) => code);
  };
  assert.deepEqual(await of({ POLYLOGUE_ENGINE: "nonsense" }), ["config-invalid"]);
  // Nobody listens on port 1.
  assert.deepEqual(await of({ POLYLOGUE_ENGINE: "redis://127.0.0.1:1" }), ["engine-unreachable", "master-key-local"]);
});
