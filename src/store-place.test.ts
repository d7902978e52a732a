import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testCli } from "../test/support/cli.ts";
import { storePlace } from "./store-place.ts";

test("the store is in the data folder, or where the environment says", async () => {
  const home = await mkdtemp(join(tmpdir(), "polylogue-place-"));
  try {
    const shown = (environment: Record<string, string>) => {
      const place = storePlace(home, environment);
      return place.ok ? place.value.shown : place.fault.code;
    };
    assert.equal(shown({}), join(home, "polylogue.db"));
    assert.equal(shown({ POLYLOGUE_STORE: "postgres://me:pass@db:5432/chat?sslmode=require" }), "postgres://me@db:5432/chat");
    assert.equal(shown({ POLYLOGUE_STORE: "mysql://db/chat" }), "config-invalid");
    assert.equal(shown({ POLYLOGUE_STORE: "db.example" }), "config-invalid");
    const file = join(home, "address");
    assert.equal(shown({ POLYLOGUE_STORE_FILE: file }), "config-invalid");
    await writeFile(file, "postgresql://me:pass@db/chat\n");
    assert.equal(shown({ POLYLOGUE_STORE_FILE: file }), "postgresql://me@db/chat");
  } finally {
    await rm(home, { recursive: true });
  }
});

test("a database that isn't there is told of with its address, and without its password", async () => {
  const place = storePlace("/nowhere", { POLYLOGUE_STORE: "postgres://me:hunter2@127.0.0.1:1/chat" });
  assert.ok(place.ok);
  const opened = await place.value.open("owner");
  assert.equal(!opened.ok && opened.fault.code, "store-unavailable");
  const cli = await testCli({ store: place.value, openStore: () => place.value.open("guest"), gatewayRuns: () => place.value.hasOwner() });
  const { exit, out } = await cli.run(["doctor"]);
  assert.equal(exit, 1);
  assert.match(out, /postgres:\/\/me@127\.0\.0\.1:1\/chat/);
  assert.doesNotMatch(out, /hunter2/);
});

test("a store is prepared without a start; one that can't be reached is told of", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "polylogue-place-"));
  t.after(() => rm(home, { recursive: true }));
  const run = async (environment: Record<string, string>) => {
    const place = storePlace(home, environment);
    assert.ok(place.ok);
    const cli = await testCli({ store: place.value, openStore: () => place.value.open("guest") });
    return { place: place.value, ...(await cli.run(["store", "prepare", "--json"])) };
  };
  const made = await run({});
  assert.deepEqual([made.exit, made.json(), made.place.exists()], [0, { store: join(home, "polylogue.db") }, true]);
  const away = await run({ POLYLOGUE_STORE: "postgres://me:hunter2@127.0.0.1:1/chat" });
  assert.equal(away.exit, 1);
  assert.match(away.out, /store-unavailable/);
  assert.doesNotMatch(away.out, /hunter2/);
});
