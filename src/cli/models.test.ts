import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { testCli } from "../../test/support/cli.ts";
import { fail, ok } from "../core/errors.ts";
import { defineProvider, type Provider } from "../core/provider.ts";
import { secret } from "../core/secret.ts";
import { allKinds } from "../kinds.ts";
import type { CliPackages } from "./door.ts";

const wanted = { name: "@somebody/model", version: "1.2.3" };
const hosted: Provider = defineProvider<{ apiKey: string }>({
  kind: "hosted",
  name: "Hosted",
  package: wanted,
  settings: z.strictObject({ apiKey: secret("The key.") }),
  async *stream() {},
  models: async ({ settings }) =>
    settings.apiKey === "good" ? ok(["small", "large"]) : fail("provider-auth", "Hosted refused the call with 401"),
}) as Provider;

async function start(file = "{}") {
  const there = new Map<string, string>();
  const packages: CliPackages = {
    folder: "/data/packages",
    load: async () => fail("package-missing", "not here"),
    installed: async (name) => there.get(name),
    async install({ name, version }) {
      there.set(name, version);
      return ok(undefined);
    },
  };
  const kinds = { channel: allKinds().channel, provider: async (kind: string) => (kind === "hosted" ? hosted : undefined) };
  const cli = await testCli({ packages, kinds: { ...kinds, channels: ["matrix", "irc"], providers: ["hosted"], tools: [] } });
  await writeFile(join(cli.home, "polylogue.json5"), file);
  return { ...cli, there };
}

const configured = (key: string) =>
  `{ providers: { one: { kind: "hosted", apiKey: "${key}" } }, agents: { main: { models: ["one/smal"] } } }`;

test("a package is installed when a person says yes, or a script does, and never otherwise", async () => {
  const cli = await start();
  assert.match((await cli.run(["models", "list"])).out, /hosted +Hosted +needs @somebody\/model@1\.2\.3, which isn't installed/);
  assert.equal((await cli.run(["models", "add", "hosted"])).exit, 2);
  assert.equal((await cli.run(["models", "add", "hosted"], { typed: ["no"] })).exit, 1);
  assert.equal(cli.there.size, 0);
  assert.equal((await cli.run(["models", "add", "hosted"], { typed: ["y"] })).exit, 0);
  assert.equal(cli.there.get(wanted.name), "1.2.3");
  assert.match((await cli.run(["models", "add", "hosted", "--yes"])).out, /is installed/);
  const kinds = (await cli.run(["models", "list", "--json"])).json<{ kinds: object[] }>().kinds;
  assert.deepEqual(kinds, [{ kind: "hosted", name: "Hosted", package: "@somebody/model@1.2.3", installed: "1.2.3" }]);
  assert.match((await cli.run(["models", "add", "hostd"])).err, /Did you mean `hosted`/);
});

test("what a channel's setting needs is installed the same way", async () => {
  const cli = await start();
  assert.equal((await cli.run(["channels", "install", "matrix"])).exit, 2);
  assert.equal((await cli.run(["channels", "install", "matrix"], { typed: ["no"] })).exit, 1);
  assert.equal(cli.there.size, 0);
  assert.equal((await cli.run(["channels", "install", "matrix", "--yes"])).exit, 0);
  assert.deepEqual([...cli.there.keys()].sort(), ["@matrix-org/matrix-sdk-crypto-wasm", "fake-indexeddb"]);
  assert.match((await cli.run(["channels", "install", "irc"])).out, /needs nothing more/);
  assert.equal((await cli.run(["channels", "install", "nowhere"])).exit, 1);
});

test("a test names what is wrong: the package, the key, the model, the name", async () => {
  const cli = await start(configured("good"));
  const code = async (...words: string[]) =>
    (await cli.run(["models", "test", ...words, "--json"])).json<{ error?: { code: string } }>().error?.code;
  assert.equal(await code("one"), "package-missing");
  cli.there.set(wanted.name, wanted.version);
  const listed = (await cli.run(["models", "test", "one", "--json"])).json<{ models: string[]; findings: { code: string }[] }>();
  assert.deepEqual(listed.models, ["small", "large"]);
  assert.deepEqual(
    listed.findings.map((finding) => finding.code),
    ["model-absent"],
  );
  assert.equal((await cli.run(["models", "test", "one/large"])).exit, 0);
  assert.match((await cli.run(["models", "test", "one/smal"])).err, /doesn't list the model smal\. Did you mean `small`/);
  assert.equal(await code("two"), "not-found");
  const refused = await start(configured("bad"));
  refused.there.set(wanted.name, wanted.version);
  assert.match((await refused.run(["models", "test", "one"])).err, /refused the call with 401/);
});
