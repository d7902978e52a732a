import type { AccountId, TenantId } from "../core/ids.ts";
import type { ExportedMessage, ExportFilter } from "../core/records.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import { type Prepare, unserved, type Work } from "./work.ts";

export interface Exports {
  messages(tenant: TenantId, filter: ExportFilter): Work<{ readonly messages: readonly ExportedMessage[]; readonly next?: number }>;
}

interface Row extends MessageRow {
  readonly trace: string;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: string;
  readonly title: string | null;
}

/** Rows of messages that one step looks through: whatever a filter leaves of them, a step takes as long. */
const stride = 2_000;

export function exportTables(prepare: Prepare): Exports {
  const newest = prepare<{ seq: number }>("SELECT coalesce(max(seq), 0) AS seq FROM messages");
  const page = prepare<Row>(`
    SELECT ${messageColumns}, m.trace, c.account, c.channel, c.chat, c.title FROM messages m JOIN conversations c ON c.id = m.conversation
    WHERE m.seq > ?1 AND m.seq <= ?2 AND ${unserved("m.tenant")} = ?3 AND m.at >= ?4 AND m.at <= ?5 AND (CAST(?6 AS TEXT) IS NULL OR c.account = ?6)
    ORDER BY m.seq`);
  return {
    *messages(tenant, { after = 0, from = 0, to = Number.MAX_SAFE_INTEGER, account }) {
      const end = Math.min(after + stride, (yield* newest.get())?.seq ?? 0);
      const rows = yield* page.all(after, end, tenant, from, to, account ?? null);
      const messages = rows.map((row) => {
        const { trace, channel, chat, title } = row;
        return { ...messageOf(row), trace, account: row.account, channel, chat, ...(title !== null && { title }) };
      });
      return { messages, ...(end > after && { next: end }) };
    },
  };
}
