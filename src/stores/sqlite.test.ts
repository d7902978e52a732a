import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Opened } from "../../test/contract/store/fixture.ts";
import { storeContract } from "../../test/contract/store.ts";
import type { Store } from "../core/store.ts";
import { openSqliteStore } from "./sqlite.ts";

async function opened(file: string, role: "owner" | "guest"): Promise<Store> {
  const result = await openSqliteStore({ file, role });
  assert.ok(result.ok, `it opens: ${JSON.stringify(result)}`);
  return result.value;
}

storeContract("sqlite", async (): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), "store-contract-"));
  const file = join(folder, "store.sqlite");
  const store = await opened(file, "owner");
  const stores = [store];
  const keep = async (made: Promise<Store>) => {
    stores.push(await made);
    return made;
  };
  return {
    store,
    guest: () => keep(opened(file, "guest")),
    async crash() {
      // What is on disk at this moment is what a killed process leaves. Another process copies it: closing the files in
      // this one would drop the locks that it holds on them.
      const copy = join(folder, `crashed-${stores.length}`);
      execFileSync("cp", [file, copy]);
      execFileSync("cp", [`${file}-wal`, `${copy}-wal`]);
      return keep(opened(copy, "owner"));
    },
    async close() {
      for (const one of stores) await one.close();
      rmSync(folder, { recursive: true });
    },
  };
});

test("a probe writes to the disk, so that whoever asks for health by it hears of a full one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-sweep-"));
  const file = join(folder, "store.sqlite");
  const store = await opened(file, "owner");
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
