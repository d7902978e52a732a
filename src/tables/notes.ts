import type { Note } from "../core/handover.ts";
import type { ConversationId, TenantId } from "../core/ids.ts";
import type { Prepare, Work } from "./work.ts";

/** What operators write for each other. */
export interface Notes {
  add(tenant: TenantId, note: Note): Work<void>;
  list(
    tenant: TenantId,
    conversation: ConversationId,
    page: { before?: number; limit: number },
  ): Work<readonly (Note & { readonly seq: number })[]>;
}

export function noteTable(prepare: Prepare): Notes {
  const add = prepare(
    "INSERT INTO notes (tenant, id, conversation, by, text, at, story) VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM events))",
  );
  const list = prepare<Note & { readonly seq: number }>(`
    SELECT seq, id, conversation, by, text, at FROM notes WHERE conversation = ? AND tenant = ? AND seq < ? ORDER BY seq DESC LIMIT ?`);
  return {
    *add(tenant, { id, conversation, by, text, at }) {
      yield* add.do(tenant, id, conversation, by, text, at);
    },
    list: (tenant, conversation, { before = Number.MAX_SAFE_INTEGER, limit }) => list.all(conversation, tenant, before, limit),
  };
}
