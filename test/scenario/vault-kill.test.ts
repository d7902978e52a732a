import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { defaultTenant } from "../../src/core/ids.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { createVault } from "../../src/vault/vault.ts";

const script = fileURLToPath(new URL("../support/rotate-forever.ts", import.meta.url));
const kills = 10;

async function withVault<Value>(home: string, work: (vault: ReturnType<typeof createVault>) => Promise<Value>): Promise<Value> {
  const opened = await openSqliteStore({ file: join(home, "polylogue.db"), role: "guest" });
  assert.ok(opened.ok);
  try {
    return await work(
      createVault({
        home,
        environment: {},
        keychain: async () => "none here",
        tenant: defaultTenant,
        clock: Date,
        records: opened.value.records,
      }),
    );
  } finally {
    await opened.value.close();
  }
}

it(`a rotation of the master key that is killed ${kills} times, at any moment, leaves every secret open`, async () => {
  const home = await mkdtemp(join(tmpdir(), "polylogue-vault-kill-"));
  const secrets = Array.from({ length: 20 }, (_, index) => [`s${index}`, `secret-${index}`] as const);
  await withVault(home, async (vault) => {
    for (const [name, text] of secrets) assert.ok((await vault.write(name, text, "test")).ok);
  });
  let rotations = 0;
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(process.execPath, [script, home], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.on("data", (dots: Buffer) => {
      rotations += dots.length;
    });
    await once(child.stdout, "data");
    await wait(Math.random() * 40);
    child.kill("SIGKILL");
    await once(child, "exit");
    await withVault(home, async (vault) => {
      for (const [name, text] of secrets)
        assert.deepEqual(await vault.read(name), { ok: true, value: text }, `${name} after kill ${kill + 1}`);
    });
  }
  assert.ok(rotations >= kills);
});
