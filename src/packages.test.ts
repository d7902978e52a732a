import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { createPackages } from "./packages.ts";

const wanted = { name: "@somebody/model", version: "1.2.3" };

/** An npm that does what `script` says; it is found on the path, as the real one is. */
async function place(script: string) {
  const root = await mkdtemp(join(tmpdir(), "polylogue-packages-"));
  const npm = join(root, "npm");
  await writeFile(npm, `#!/bin/sh\n${script}\n`);
  await chmod(npm, 0o755);
  return createPackages(join(root, "packages"), { PATH: [root, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter) });
}

const works = `
echo "$@" > called
mkdir -p node_modules/@somebody/model
printf '{"name":"@somebody/model","version":"1.2.3","type":"module","exports":"./index.js"}' > node_modules/@somebody/model/package.json
echo 'export const answer = 42;' > node_modules/@somebody/model/index.js`;

test("a package is loaded from the folder once it is installed there, at its version and without its scripts", async () => {
  const packages = await place(works);
  assert.equal(await packages.installed(wanted.name), undefined);
  const before = await packages.load(wanted);
  assert.ok(!before.ok && before.fault.code === "package-missing");
  assert.deepEqual(await packages.install(wanted), { ok: true, value: undefined });
  assert.equal(await packages.installed(wanted.name), "1.2.3");
  assert.match(await readFile(join(packages.folder, "called"), "utf8"), /^install .*--ignore-scripts.* @somebody\/model@1\.2\.3$/m);
  const loaded = await packages.load(wanted);
  assert.ok(loaded.ok && (loaded.value as { answer: number }).answer === 42);
});

test("an installation that fails says why", async () => {
  const packages = await place("echo 'npm error code E404' >&2\nexit 1");
  const installed = await packages.install(wanted);
  assert.ok(!installed.ok && installed.fault.code === "package-missing");
  assert.match(installed.fault.message, /@somebody\/model@1\.2\.3: npm error code E404/);
});

test("a machine without npm is told so", async () => {
  const folder = join(await mkdtemp(join(tmpdir(), "polylogue-packages-")), "packages");
  const installed = await createPackages(folder, { PATH: folder }).install(wanted);
  assert.ok(!installed.ok);
  assert.match(installed.fault.message, /no npm on the path/);
});

test("a package that breaks at its beginning is a fault", async () => {
  const packages = await place(works.replace("export const answer = 42;", 'throw new Error("too old");'));
  await packages.install(wanted);
  const loaded = await packages.load(wanted);
  assert.ok(!loaded.ok);
  assert.match(loaded.fault.message, /too old/);
});
