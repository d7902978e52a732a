import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { vaultRecords } from "../../test/support/vault-records.ts";
import { defaultTenant } from "../core/ids.ts";
import { keyFile, nextKeyFile } from "./key-file.ts";
import type { Keychain } from "./keychain.ts";
import { createVault, type VaultOptions } from "./vault.ts";

const none = async () => "there is no OS keychain here";
const newKey = () => randomBytes(32).toString("base64");

async function begin(options: Partial<VaultOptions> = {}) {
  const home = await mkdtemp(join(tmpdir(), "polylogue-vault-"));
  const held = vaultRecords();
  const open = (more: Partial<VaultOptions> = {}) =>
    createVault({
      home,
      environment: {},
      keychain: none,
      tenant: defaultTenant,
      clock: { now: () => 0 },
      records: held.records,
      ...options,
      ...more,
    });
  return { home, open, vault: open(), ...held };
}

async function code(call: Promise<{ ok: boolean; fault?: { code: string; message: string } }>): Promise<string> {
  const result = await call;
  return result.ok ? "ok" : (result.fault?.code ?? "");
}

/** A keychain that may be filled, broken and read by the test. */
function fakeKeychain(refuses = false) {
  const slots = new Map<string, Uint8Array>();
  const keychain: Keychain = {
    read: async (slot) => slots.get(slot),
    async write(slot, key) {
      slots.set(slot, key);
    },
    async remove(slot) {
      slots.delete(slot);
    },
    probe: async () => (refuses ? "the OS keychain doesn't give back what is put in" : undefined),
  };
  return { slots, keychain: async () => keychain };
}

describe("the vault", () => {
  it("gives back what was put in, counts versions, and survives a restart", async () => {
    const { vault, open, audit } = await begin();
    const first = await vault.write("a", "älpha\n", "op_1");
    assert.equal(first.ok && first.value.version, 1);
    const second = await vault.write("a", "beta-secret", "op_1");
    assert.equal(second.ok && second.value.version, 2);
    const read = await open().read("a");
    assert.equal(read.ok && read.value, "beta-secret");
    assert.deepEqual(
      audit.map(({ action, subject, actor }) => [action, subject, actor]),
      [
        ["secret-set", "a", "op_1"],
        ["secret-set", "a", "op_1"],
      ],
    );
    assert.equal(JSON.stringify(audit).includes("beta"), false);
    assert.equal(await vault.remove("a", "op_1"), true);
    assert.equal(await vault.remove("a", "op_1"), false);
    assert.equal(await code(vault.read("a")), "secret-missing");
  });

  it("makes a key file for its user alone, at the first write and not before", async () => {
    const { vault, home } = await begin();
    assert.equal(await code(vault.check()), "ok");
    assert.equal(await code(vault.read("a")), "secret-missing");
    assert.deepEqual(await readdir(home), []);
    const written = await vault.write("a", "secret-a", "cli");
    assert.ok(written.ok);
    assert.equal(written.value.key.source, "file");
    assert.match(written.value.key.note ?? "", /no OS keychain/);
    assert.deepEqual(await readdir(home), ["vault.key"]);
    assert.equal((await stat(keyFile(home))).mode & 0o777, 0o600);
  });

  it("lets two processes that begin at once agree on one key", async () => {
    const { open } = await begin();
    const vaults = [open(), open(), open(), open()];
    await Promise.all(vaults.map((vault, index) => vault.write(`s${index}`, `secret-${index}`, "cli")));
    assert.equal(await code(open().check()), "ok");
  });

  it("refuses names and values that can't be", async () => {
    const { vault } = await begin();
    for (const name of ["", "a/b", "../a", "a b", "x".repeat(129), "-a"])
      assert.equal(await code(vault.write(name, "secret", "cli")), "request-invalid", name);
    assert.equal(await code(vault.write("a", "", "cli")), "request-invalid");
    assert.equal(await code(vault.write("a", "x".repeat(65_537), "cli")), "request-invalid");
  });
});

describe("the master key", () => {
  it("is the environment's when that has one", async () => {
    const { open, home } = await begin();
    const key = newKey();
    const vault = open({ environment: { POLYLOGUE_MASTER_KEY: key } });
    assert.equal(await code(vault.write("a", "secret-a", "cli")), "ok");
    assert.deepEqual(await readdir(home), []);
    await writeFile(join(home, "k"), `${key}\n`);
    assert.equal(await code(open({ environment: { POLYLOGUE_MASTER_KEY_FILE: join(home, "k") } }).read("a")), "ok");
  });

  it("is kept in the OS keychain when that proves itself", async () => {
    const { slots, keychain } = fakeKeychain();
    const { vault, open, home } = await begin({ keychain });
    const written = await vault.write("a", "secret-a", "cli");
    assert.equal(written.ok && written.value.key.source, "keychain");
    assert.equal(slots.get("current")?.length, 32);
    assert.deepEqual(await readdir(home), []);
    assert.equal(await code(open().read("a")), "ok");
  });

  it("goes into a file when the keychain forgets, and says so", async () => {
    const { vault } = await begin(fakeKeychain(true));
    const written = await vault.write("a", "secret-a", "cli");
    assert.deepEqual(written.ok && [written.value.key.source, written.value.key.note], [
      "file",
      "the OS keychain doesn't give back what is put in",
    ]);
  });

  const wrong: readonly { name: string; spoil: (home: string) => Promise<Partial<VaultOptions>> }[] = [
    { name: "another key in the environment", spoil: async () => ({ environment: { POLYLOGUE_MASTER_KEY: newKey() } }) },
    { name: "no key in base64", spoil: async () => ({ environment: { POLYLOGUE_MASTER_KEY: "hunter2" } }) },
    { name: "a key of 31 bytes", spoil: async () => ({ environment: { POLYLOGUE_MASTER_KEY: randomBytes(31).toString("base64") } }) },
    { name: "a key file that isn't there", spoil: async (home) => ({ environment: { POLYLOGUE_MASTER_KEY_FILE: join(home, "nope") } }) },
    { name: "a lost key file", spoil: async (home) => rm(keyFile(home)).then(() => ({})) },
    { name: "a lost key file and an empty keychain", spoil: async (home) => rm(keyFile(home)).then(() => fakeKeychain()) },
    { name: "another key file", spoil: async (home) => writeFile(keyFile(home), newKey(), { mode: 0o600 }).then(() => ({})) },
    { name: "a key file with something else in it", spoil: async (home) => writeFile(keyFile(home), "x").then(() => ({})) },
    { name: "a key file that the group can read", spoil: async (home) => chmod(keyFile(home), 0o640).then(() => ({})) },
    { name: "a key file that everybody can read", spoil: async (home) => chmod(keyFile(home), 0o604).then(() => ({})) },
  ];
  for (const { name, spoil } of wrong) {
    it(`locks the vault: ${name}; nothing is overwritten`, async () => {
      const { vault, open, home, sealed } = await begin();
      await vault.write("a", "secret-a", "cli");
      const before = Buffer.from(sealed.get("a") as Uint8Array);
      const options = await spoil(home);
      const file = await readFile(keyFile(home), "utf8").catch(() => undefined);
      const locked = open(options);
      for (const call of [
        locked.read("a"),
        locked.write("a", "other", "cli"),
        locked.write("b", "other", "cli"),
        locked.check(),
        locked.rotateMasterKey("cli"),
      ]) {
        const result = await call;
        assert.equal(result.ok ? "ok" : result.fault.code, "vault-locked");
        if (!result.ok) assert.doesNotMatch(result.fault.message, /secret-a|hunter2/);
      }
      assert.deepEqual(Buffer.from(sealed.get("a") as Uint8Array), before);
      assert.equal(sealed.size, 1);
      assert.equal(await readFile(keyFile(home), "utf8").catch(() => undefined), file);
    });
  }
});

describe("a new master key", () => {
  for (const place of ["file", "keychain", "environment"] as const) {
    it(`in the ${place}: everything opens with the new one, nothing with the old`, async () => {
      const [old, next] = [newKey(), newKey()];
      const environment = { POLYLOGUE_MASTER_KEY: old, POLYLOGUE_NEXT_MASTER_KEY: next };
      const { vault, open, sealed } = await begin(place === "keychain" ? fakeKeychain() : place === "environment" ? { environment } : {});
      await vault.write("a", "secret-a", "cli");
      await vault.write("b", "secret-b", "cli");
      const before = new Map(sealed);
      const rotated = await vault.rotateMasterKey("op_1");
      assert.deepEqual(rotated.ok && [rotated.value.secrets, rotated.value.source], [2, place]);
      const after = open(place === "environment" ? { environment: { POLYLOGUE_MASTER_KEY: next } } : {});
      const read = await after.read("b");
      assert.equal(read.ok && read.value, "secret-b");
      for (const [name, bytes] of before) sealed.set(name, bytes);
      assert.equal(
        await code(open(place === "environment" ? { environment: { POLYLOGUE_MASTER_KEY: next } } : {}).read("a")),
        "vault-locked",
      );
    });
  }

  it("needs the next key where the current one comes from the environment", async () => {
    const { vault } = await begin({ environment: { POLYLOGUE_MASTER_KEY: newKey() } });
    await vault.write("a", "secret-a", "cli");
    assert.equal(await code(vault.rotateMasterKey("cli")), "vault-locked");
    assert.equal(await code(vault.read("a")), "ok");
  });

  it("that dies before the commit leaves the old key in use", async () => {
    const { vault, open, records, home } = await begin();
    await vault.write("a", "secret-a", "cli");
    const dying = open({ records: { ...records, replaceSecrets: () => Promise.reject(new Error("killed")) } });
    assert.equal(await code(dying.rotateMasterKey("cli")), "internal");
    assert.ok(await stat(nextKeyFile(home)));
    assert.equal(await code(open().read("a")), "ok");
    assert.equal(await code(open().rotateMasterKey("cli")), "ok");
    assert.equal(await code(open().read("a")), "ok");
    await assert.rejects(stat(nextKeyFile(home)));
  });

  it("that dies after the commit is taken up by the next start", async () => {
    const { vault, open, records, home } = await begin();
    await vault.write("a", "secret-a", "cli");
    const commitThenDie: typeof records.replaceSecrets = async (...args) => {
      await records.replaceSecrets(...args);
      throw new Error("killed");
    };
    assert.equal(await code(open({ records: { ...records, replaceSecrets: commitThenDie } }).rotateMasterKey("cli")), "internal");
    const read = await open().read("a");
    assert.equal(read.ok && read.value, "secret-a");
    await assert.rejects(stat(nextKeyFile(home)), "the new key has its name now");
    assert.equal(await code(vault.read("a")), "ok", "a gateway that runs finds the new key too");
  });

  it("that dies after the commit with the key in the keychain, too", async () => {
    const { slots, keychain } = fakeKeychain();
    const { vault, open, records } = await begin({ keychain });
    await vault.write("a", "secret-a", "cli");
    const commitThenDie: typeof records.replaceSecrets = async (...args) => {
      await records.replaceSecrets(...args);
      throw new Error("killed");
    };
    await open({ records: { ...records, replaceSecrets: commitThenDie } }).rotateMasterKey("cli");
    assert.equal(await code(open().read("a")), "ok");
    assert.deepEqual([...slots.keys()], ["current"]);
  });

  it("loses nothing that is written while it goes on", async () => {
    const { vault, open } = await begin();
    await vault.write("a", "secret-a", "cli");
    const results = await Promise.all([
      vault.rotateMasterKey("cli"),
      vault.write("b", "secret-b", "cli"),
      vault.write("a", "secret-2", "cli"),
      vault.rotateMasterKey("cli"),
    ]);
    assert.ok(results.every(({ ok }) => ok));
    const [a, b] = [await open().read("a"), await open().read("b")];
    assert.deepEqual([a.ok && a.value, b.ok && b.value], ["secret-2", "secret-b"]);
  });

  it("changes nothing when one secret is damaged", async () => {
    const { vault, open, sealed, home } = await begin();
    await vault.write("a", "secret-a", "cli");
    await vault.write("b", "secret-b", "cli");
    const bytes = sealed.get("b") as Uint8Array;
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    assert.equal(await code(open().rotateMasterKey("cli")), "vault-damaged");
    assert.equal(await code(open().read("a")), "ok");
    assert.deepEqual(await readdir(home), ["vault.key"]);
  });
});
