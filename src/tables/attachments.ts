import type { FileId, TenantId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import type { Prepare, Work } from "./work.ts";

/** Which message holds which stored attachment. Bytes go after the rows; a crash between leaves them on the list. */
export interface Attachments {
  hold(tenant: TenantId, message: number, parts: readonly Part[]): Work<void>;
  /** The message goes: what no other one holds is to go too. */
  release(message: number): Work<void>;
  dropped(limit: number): Work<readonly { readonly tenant: TenantId; readonly id: FileId }[]>;
  forget(ids: readonly FileId[]): Work<void>;
  /** Those that no message holds. */
  stray(tenant: TenantId, ids: readonly FileId[]): Work<readonly FileId[]>;
}

export function attachmentTable(prepare: Prepare): Attachments {
  const hold = prepare("INSERT INTO files (message, id, tenant) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const release = prepare<{ id: FileId; tenant: TenantId }>("DELETE FROM files WHERE message = ? RETURNING id, tenant");
  const holder = prepare("SELECT 1 FROM files WHERE id = ? AND tenant = ? LIMIT 1");
  const drop = prepare("INSERT INTO dropped_files (id, tenant) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const dropped = prepare<{ tenant: TenantId; id: FileId }>("SELECT tenant, id FROM dropped_files LIMIT ?");
  const forget = prepare("DELETE FROM dropped_files WHERE id = ?");

  return {
    *hold(tenant, message, parts) {
      for (const part of parts) if ("source" in part && part.source.at === "store") yield* hold.do(message, part.source.id, tenant);
    },
    *release(message) {
      for (const { id, tenant } of yield* release.all(message)) if (!(yield* holder.get(id, tenant))) yield* drop.do(id, tenant);
    },
    dropped: (limit) => dropped.all(limit),
    *forget(ids) {
      for (const id of ids) yield* forget.do(id);
    },
    *stray(tenant, ids) {
      const strays: FileId[] = [];
      for (const id of ids) if (!(yield* holder.get(id, tenant))) strays.push(id);
      return strays;
    },
  };
}
