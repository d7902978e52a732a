import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { defaultTenant } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { openSqliteStore } from "../stores/sqlite.ts";
import { createBackups } from "./backups.ts";

const hour = 3_600_000;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };

async function start(settings: { everyHours: number; keep: number }) {
  const home = await mkdtemp(join(tmpdir(), "polylogue-backups-"));
  const opened = await openSqliteStore({ file: join(home, "polylogue.db"), role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  const store = opened.value;
  const clock = createHandClock();
  const backups = createBackups({
    ...{ home, store, clock, log: quiet, tenant: defaultTenant, version: "1.2.3", settings: () => settings },
    ...{ storeFile: join(home, "polylogue.db"), filesFolder: join(home, "files"), folder: join(home, "backups") },
  });
  return {
    ...{ home, clock, backups, settings },
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(home, { recursive: true });
    },
  };
}

test("backups are made when they are due, and the oldest automatic ones go; what somebody made stays", async () => {
  await using at = await start({ everyHours: 24, keep: 2 });
  const { backups, clock } = at;
  const own = await backups.make("op_1");
  assert.ok(own.ok);
  const ids = [];
  for (let day = 0; day < 4; day += 1) {
    clock.jump(1);
    await backups.makeDue();
    clock.jump(23 * hour);
    await backups.makeDue();
    ids.push((await backups.list())[0]?.id);
    clock.jump(hour);
  }
  assert.equal(new Set(ids).size, 4, "one a day");
  assert.deepEqual(
    (await backups.list()).map(({ automatic }) => automatic),
    [true, true, false],
  );
  assert.deepEqual(backups.findings(), []);
});

test("none is made by itself when the interval is 0", async () => {
  await using at = await start({ everyHours: 0, keep: 2 });
  await at.backups.makeDue();
  assert.deepEqual(await at.backups.list(), []);
});

test("a backup that fails is a finding until one succeeds", async () => {
  await using at = await start({ everyHours: 1, keep: 2 });
  await writeFile(join(at.home, "backups"), "a file stands where the folder should be");
  await at.backups.makeDue();
  assert.deepEqual(
    at.backups.findings().map(({ code }) => code),
    ["backup-fail"],
  );
  await rm(join(at.home, "backups"));
  await at.backups.makeDue();
  assert.deepEqual(at.backups.findings(), []);
  assert.equal((await at.backups.list()).length, 1);
});

test("two at once: one is made, the other is told; what a dead one left is cleared away", async () => {
  await using at = await start({ everyHours: 0, keep: 2 });
  await mkdir(join(at.home, "backups", "2026-01-01T00-00-00-000Z.unfinished"), { recursive: true });
  const both = await Promise.all([at.backups.make("op_1"), at.backups.make("op_2")]);
  assert.deepEqual(both.map((made) => made.ok || made.fault.code).toSorted(), ["busy", true]);
  assert.equal((await readdir(join(at.home, "backups"))).length, 1);
});
