import type pg from "pg";
import { FaultError, fault } from "../../core/errors.ts";
import { measured } from "../../core/file-bytes.ts";
import { type FileId, newId, type TenantId } from "../../core/ids.ts";
import type { StoredFile } from "../../core/message.ts";
import type { FileStore } from "../../core/store.ts";
import { rejection } from "./connection.ts";

/** Bytes of a row: large enough to make its own cost small, small enough to be in memory for many files at once. */
const chunkBytes = 262_144;
const idsAtATime = 1_000;

const sql = {
  addChunk: "INSERT INTO file_chunks (tenant, id, n, bytes) VALUES ($1, $2, $3, $4)",
  add: "INSERT INTO stored_files (tenant, id, size) VALUES ($1, $2, $3)",
  size: "SELECT size FROM stored_files WHERE tenant = $1 AND id = $2",
  chunks: "SELECT bytes FROM file_chunks WHERE tenant = $1 AND id = $2 ORDER BY n",
  drop: "DELETE FROM stored_files WHERE tenant = $1 AND id = $2",
  dropChunks: "DELETE FROM file_chunks WHERE tenant = $1 AND id = $2",
  ids: "SELECT DISTINCT id FROM file_chunks WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3",
} as const;

/**
 * Files in the database. Their row comes after their bytes: until then there is no such file, and what a crash leaves is listed like
 * any file that no message holds. A file of no bytes has one chunk, too.
 */
export function fileTable(pool: pg.Pool): FileStore {
  async function ask<Row extends pg.QueryResultRow>(name: keyof typeof sql, ...values: unknown[]): Promise<Row[]> {
    try {
      return (await pool.query<Row>({ name: `file-${name}`, text: sql[name], values })).rows;
    } catch (thrown) {
      throw rejection(thrown);
    }
  }

  async function remove(tenant: TenantId, id: FileId): Promise<void> {
    await ask("drop", tenant, id);
    await ask("dropChunks", tenant, id);
  }

  return {
    remove,

    async put(tenant, bytes, maxBytes) {
      const id = newId("file", Date.now());
      let waiting: Uint8Array[] = [];
      let held = 0;
      let n = 0;
      const write = async () => {
        await ask("addChunk", tenant, id, n++, Buffer.concat(waiting));
        waiting = [];
        held = 0;
      };
      try {
        const { size, mediaType } = await measured(bytes, maxBytes, async (chunk) => {
          for (let from = 0; from < chunk.byteLength; ) {
            const part = chunk.subarray(from, from + chunkBytes - held);
            waiting.push(part);
            held += part.byteLength;
            from += part.byteLength;
            if (held === chunkBytes) await write();
          }
        });
        if (held > 0 || n === 0) await write();
        await ask("add", tenant, id, size);
        return { at: "store", id, mediaType, size } satisfies StoredFile;
      } catch (thrown) {
        await remove(tenant, id).catch(() => {});
        throw thrown;
      }
    },

    async read(tenant, id) {
      const [file] = await ask<{ size: number }>("size", tenant, id);
      const chunks = file && (await ask<{ bytes: Uint8Array }>("chunks", tenant, id));
      const whole = chunks && Buffer.concat(chunks.map(({ bytes }) => bytes));
      // It may be taken away between the two questions.
      if (!whole || whole.byteLength !== file.size) throw new FaultError(fault("not-found", `There is no file ${id}.`));
      return whole;
    },

    async *list(tenant) {
      for (let last = ""; ; ) {
        const rows = await ask<{ id: FileId }>("ids", tenant, last, idsAtATime);
        if (rows.length > 0) yield rows.map(({ id }) => id);
        if (rows.length < idsAtATime) return;
        last = rows.at(-1)?.id ?? "";
      }
    },
  };
}
