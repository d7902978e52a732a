import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FaultError } from "../../src/core/errors.ts";
import { defaultTenant, type FileId, type TenantId } from "../../src/core/ids.ts";
import type { FileStore } from "../../src/core/store.ts";

export interface OpenedFiles {
  readonly files: FileStore;
  /** How many pieces of files there are, whole or not. */
  pieces(): Promise<number>;
}

const tenant = defaultTenant;

export async function* chunks(...parts: readonly (Uint8Array | string)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

export const code = (expected: string) => (thrown: unknown) => thrown instanceof FaultError && thrown.fault.code === expected;

/** What every store of attachments keeps. `open` gives an empty one each time. */
export function fileStoreContract(name: string, open: () => Promise<OpenedFiles>): void {
  describe(`files: ${name}`, () => {
    const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    const types: readonly [string, Uint8Array | string, string][] = [
      ["an image", png, "image/png"],
      ["words", "Grüße\n\tan alle", "text/plain"],
      ["a page that claims nothing", "<script>alert(1)</script>", "text/plain"],
      ["bytes", Uint8Array.of(1, 2, 3, 0, 255), "application/octet-stream"],
      ["text that is cut in the middle of a character at the head's end", "é".repeat(5000), "text/plain"],
      ["text in no known encoding", Uint8Array.of(72, 233, 72), "application/octet-stream"],
      ["nothing", "", "text/plain"],
      ["what is larger than any piece", Buffer.alloc(3_000_001, 7), "application/octet-stream"],
    ];
    for (const [what, bytes, mediaType] of types) {
      test(`${what}: the type is told from the bytes`, async () => {
        const { files } = await open();
        const whole = Buffer.from(bytes as string);
        const stored = await files.put(tenant, chunks(whole.subarray(0, 3), whole.subarray(3)), 4_000_000);
        assert.deepEqual([stored.at, stored.mediaType, stored.size], ["store", mediaType, whole.length]);
        assert.ok(whole.equals(await files.read(tenant, stored.id)));
      });
    }

    test("what is too large, or breaks off, leaves nothing behind", async () => {
      const { files, pieces } = await open();
      assert.equal((await files.put(tenant, chunks("12345"), 5)).size, 5);
      const before = await pieces();
      await assert.rejects(files.put(tenant, chunks("123", "456"), 5), code("file-refused"));
      await assert.rejects(files.put(tenant, chunks(Buffer.alloc(2_000_000), Buffer.alloc(2_000_000)), 3_000_000), code("file-refused"));
      const broken = new FaultError({ code: "http-cut", message: "cut" });
      const cut = async function* () {
        yield Buffer.from("1");
        throw broken;
      };
      await assert.rejects(files.put(tenant, cut(), 5), (thrown) => thrown === broken);
      assert.equal(await pieces(), before);
    });

    test("files belong to their tenant, and no id leads elsewhere", async () => {
      const { files } = await open();
      const hostile = "../../etc" as TenantId;
      const stored = await files.put(hostile, chunks("mine"), 9);
      assert.deepEqual((await files.read(hostile, stored.id)).toString(), "mine");
      await assert.rejects(files.read(tenant, stored.id), code("not-found"));
      for (const id of ["", "../secret", "fl_../../../../etc/passwd", `${stored.id}/..`]) {
        await assert.rejects(files.read(hostile, id as FileId), code("not-found"));
      }
    });

    test("lists what is there, of one tenant, and takes it away; what is gone stays gone", async () => {
      const { files } = await open();
      const all = async () => {
        const found: FileId[] = [];
        for await (const ids of files.list(tenant)) found.push(...ids);
        return found.sort();
      };
      assert.deepEqual(await all(), []);
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
}
