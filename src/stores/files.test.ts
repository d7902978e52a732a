import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { FaultError } from "../core/errors.ts";
import { defaultTenant, type FileId, type TenantId } from "../core/ids.ts";
import { openFileStore } from "./files.ts";

const tenant = defaultTenant;
const folder = mkdtempSync(join(tmpdir(), "files-"));
after(() => rmSync(folder, { recursive: true }));

async function* chunks(...parts: readonly (Uint8Array | string)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

function filesIn(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const code = (expected: string) => (thrown: unknown) => thrown instanceof FaultError && thrown.fault.code === expected;

describe("files", () => {
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const types: readonly [string, Uint8Array | string, string][] = [
    ["an image", png, "image/png"],
    ["words", "Grüße\n\tan alle", "text/plain"],
    ["a page that claims nothing", "<script>alert(1)</script>", "text/plain"],
    ["bytes", Uint8Array.of(1, 2, 3, 0, 255), "application/octet-stream"],
    ["text that is cut in the middle of a character at the head's end", "é".repeat(5000), "text/plain"],
    ["text in no known encoding", Uint8Array.of(72, 233, 72), "application/octet-stream"],
  ];
  for (const [what, bytes, mediaType] of types) {
    test(`${what}: the type is told from the bytes`, async () => {
      const files = openFileStore(join(folder, "types"));
      const whole = Buffer.from(bytes as string);
      const stored = await files.put(tenant, chunks(whole.subarray(0, 3), whole.subarray(3)), 20_000);
      assert.deepEqual([stored.at, stored.mediaType, stored.size], ["store", mediaType, whole.length]);
      assert.deepEqual(await files.read(tenant, stored.id), whole);
    });
  }

  test("what is too large, or breaks off, leaves nothing behind", async () => {
    const place = join(folder, "refused");
    const files = openFileStore(place);
    assert.equal((await files.put(tenant, chunks("12345"), 5)).size, 5);
    const before = filesIn(place);
    await assert.rejects(files.put(tenant, chunks("123", "456"), 5), code("file-refused"));
    const broken = new FaultError({ code: "http-cut", message: "cut" });
    const cut = async function* () {
      yield Buffer.from("1");
      throw broken;
    };
    await assert.rejects(files.put(tenant, cut(), 5), (thrown) => thrown === broken);
    assert.deepEqual(filesIn(place), before);
  });

  test("files belong to their tenant, are the owner's alone, and no id leads elsewhere", async () => {
    const place = join(folder, "tenants");
    const files = openFileStore(place);
    const hostile = "../../etc" as TenantId;
    const stored = await files.put(hostile, chunks("mine"), 9);
    assert.deepEqual((await files.read(hostile, stored.id)).toString(), "mine");
    for (const path of filesIn(folder)) {
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
    assert.equal(filesIn(place).length, 1, "it stayed inside");
    await assert.rejects(files.read(tenant, stored.id), code("not-found"));
    for (const id of ["", "../secret", "fl_../../../../etc/passwd", `${stored.id}/..`]) {
      await assert.rejects(files.read(hostile, id as FileId), code("not-found"));
    }
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

  test("lists what is there, of one tenant, and takes it away; what is gone stays gone", async () => {
    const files = openFileStore(join(folder, "listed"));
    const all = async () => {
      const found: FileId[] = [];
      for await (const ids of files.list(tenant)) found.push(...ids);
      return found.sort();
    };
    assert.deepEqual(await all(), [], "there is no folder yet");
    const stored = await Promise.all(["a", "b", "c"].map((text) => files.put(tenant, chunks(text), 10)));
    await files.put("other" as TenantId, chunks("d"), 10);
    const ids = stored.map(({ id }) => id);
    assert.deepEqual(await all(), ids.toSorted());
    const [first = "" as FileId] = ids;
    await files.remove(tenant, first);
    await files.remove(tenant, first);
    await files.remove(tenant, "../../../etc/passwd" as FileId);
    assert.deepEqual(await all(), ids.slice(1).toSorted());
    await assert.rejects(files.read(tenant, first), code("not-found"));
  });
});
