import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { chunks, code, fileStoreContract } from "../../test/contract/files.ts";
import { defaultTenant } from "../core/ids.ts";
import { openFileStore } from "./files.ts";

const tenant = defaultTenant;
const folder = mkdtempSync(join(tmpdir(), "files-"));
after(() => rmSync(folder, { recursive: true }));

function filesIn(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

fileStoreContract("a folder", async () => {
  const place = mkdtempSync(join(folder, "contract-"));
  return { files: openFileStore(place), pieces: async () => filesIn(place).length };
});

describe("files in a folder", () => {
  test("they are the owner's alone, and stay inside", async () => {
    const place = join(folder, "tenants");
    await openFileStore(place).put("../../etc" as typeof tenant, chunks("mine"), 9);
    assert.equal(filesIn(place).length, 1);
    for (const path of filesIn(place)) assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test("a start takes away what a crash left unfinished", async () => {
    const place = join(folder, "unfinished");
    const over = Promise.withResolvers<void>();
    const endless = async function* () {
      yield Buffer.from("begun");
      await over.promise;
    };
    // Held to the end: a file that nobody holds any more is an error of its own to Node when it collects garbage.
    const unfinished = openFileStore(place).put(tenant, endless(), 99);
    while (filesIn(folder).filter((path) => path.includes("incoming")).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await openFileStore(place).put(tenant, chunks("whole"), 99);
    assert.deepEqual(
      filesIn(place).filter((path) => path.includes("incoming")),
      [],
    );
    over.resolve();
    await assert.rejects(unfinished, code("store-unavailable"));
  });

  test("a place that can't be written is a fault of the store", async () => {
    const file = (await openFileStore(join(folder, "blocked")).put(tenant, chunks("x"), 9)).id;
    const blocked = filesIn(join(folder, "blocked")).find((path) => path.endsWith(file)) as string;
    await assert.rejects(openFileStore(join(blocked, "below")).put(tenant, chunks("x"), 9), code("store-unavailable"));
  });
});
