import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { storeContract } from "../../test/contract/store.ts";
import { openSqlite, sqliteInstallations } from "../../test/support/sqlite-store.ts";

storeContract("sqlite", sqliteInstallations());

test("a probe writes to the disk, so that whoever asks for health by it hears of a full one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-sweep-"));
  const file = join(folder, "store.sqlite");
  const store = await openSqlite(file, "owner");
  // The file may have been made larger before; what counts is how many of its pages are others now.
  const written = () => readFileSync(`${file}-wal`);
  const changed = (one: Buffer, other: Buffer) => {
    const ends = Math.max(one.length, other.length);
    return Array.from({ length: Math.ceil(ends / 4096) }, (_, page) => page * 4096).filter((at) => {
      return !one.subarray(at, at + 4096).equals(other.subarray(at, at + 4096));
    }).length;
  };
  const before = written();
  await store.probe();
  assert.ok(changed(before, written()) >= 16, "it takes 64 KiB for a moment");
  const database = new DatabaseSync(file, { readOnly: true });
  assert.deepEqual(database.prepare("SELECT key FROM dedupe").all(), [], "what it wrote for that is gone again");
  database.close();
  await store.close();
  rmSync(folder, { recursive: true });
});
