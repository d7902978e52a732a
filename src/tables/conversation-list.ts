import type { ConversationCounts, ConversationFilter, ReadMark } from "../core/conversation-list.ts";
import type { AccountId, ConversationId, OperatorId, TenantId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import { previewOf } from "../core/preview.ts";
import { type ConversationSummary, mostUnread } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import { type ConversationRow, conversationColumns, conversationOf } from "./conversations.ts";
import type { FindWriters } from "./search.ts";
import { each, type Prepare, type Statement, unserved, type Value, type Work } from "./work.ts";

/** The conversations as a shared inbox, and what each operator has seen of them. */
export interface ConversationList {
  list(tenant: TenantId, filter: ConversationFilter): Work<readonly ConversationSummary[]>;
  /** See `Records.exportConversations`. */
  inOrder(
    tenant: TenantId,
    filter: { readonly after?: ConversationId; readonly account?: AccountId; readonly limit: number },
  ): Work<readonly ConversationSummary[]>;
  counts(tenant: TenantId, reader: OperatorId | undefined): Work<ConversationCounts>;
  /** Writes that the operator has seen what there is now. False when that was written already. */
  seen(mark: ReadMark): Work<boolean>;
}

interface SummaryRow extends ConversationRow {
  readonly last_event: number;
  readonly cursor: number;
  readonly unread: number;
  readonly mark: number | null;
  readonly trouble: number;
}

/** Stories that are looked through for the newest conversations before all conversations are. */
const reach = 5000;
const last = Number.MAX_SAFE_INTEGER;
/** Stories back from the newest one in which unread messages are counted: some have none, such as a button that was pressed. */
const countReach = 2 * mostUnread;

const handed = "SELECT h.conversation FROM handovers h WHERE h.tenant = ?1 AND h.ended_at IS NULL";
/** What waits for an operator's word: the partial indices hold it. */
const stuck = `
  SELECT d.conversation FROM deliveries d WHERE d.tenant = ?1 AND d.state IN ('unknown', 'failed', 'dead') AND d.error_code IS NOT NULL
  UNION SELECT p.conversation FROM events p WHERE p.tenant = ?1 AND p.reason = 'poison'
  UNION SELECT f.conversation FROM events f JOIN conversations fc ON fc.id = f.conversation AND fc.last_event = f.seq
    WHERE f.tenant = ?1 AND f.state = 'failed' AND f.ended_at >= 0`;
const mark = "(SELECT r.story FROM read_marks r WHERE r.tenant = ?1 AND r.operator = ?2 AND r.conversation = c.id)";
const unread = `c.last_event > ?3 AND c.last_event > coalesce(${mark}, 0)`;
const saidIn = "CASE WHEN e.message IS NULL AND e.answer IS NULL THEN 0 ELSE 1 END";

/** Conditions by state. */
const states = {
  agent: "c.control = 'agent'",
  human: `c.id IN (${handed})`,
  waiting: `c.id IN (${handed} AND h.assignee IS NULL)`,
  mine: `c.id IN (${handed} AND h.assignee = ?2)`,
  paused: "c.control = 'paused'",
} as const;

export function conversationList(prepare: Prepare, writers: FindWriters): ConversationList {
  const columns = `c.tenant, c.id, c.account, c.channel, ${conversationColumns}, c.last_event, CAST(?2 AS TEXT) IS NOT NULL AND ${unread} AS unread, ${mark} AS mark`;
  // Unread messages are counted along the conversation's list of stories, each found by its row, back to the mark ?2: what was read costs
  // nothing, however long the past is.
  const standing = prepare<{ trouble: number; said: number }>(`
    WITH RECURSIVE walk (before, said, step) AS (
      SELECT e.before, ${saidIn}, 1 FROM events e WHERE e.seq = ?1 AND e.seq > ?2
      UNION ALL
      SELECT e.before, walk.said + ${saidIn}, walk.step + 1 FROM walk CROSS JOIN events e
      WHERE e.seq = walk.before AND walk.before > ?2 AND walk.said < ${mostUnread} AND walk.step < ${countReach})
    SELECT EXISTS (SELECT 1 FROM deliveries d WHERE d.trace = e.id AND d.state IN ('unknown', 'failed', 'dead')) OR e.state = 'failed' AS trouble,
      coalesce((SELECT max(walk.said) FROM walk), 0) AS said
    FROM events e WHERE e.seq = ?1`);
  const newest = prepare<{ seq: number }>("SELECT coalesce(max(seq), 0) AS seq FROM events");
  const lastSaid = prepare<{ parts: string; at: Instant }>(`
    SELECT m.parts, m.at FROM events e JOIN messages m ON m.seq IN (e.message, e.answer) WHERE e.seq = ? ORDER BY m.seq DESC LIMIT 1`);
  const happened = prepare<{ at: Instant }>("SELECT received_at AS at FROM events WHERE seq = ?");
  const allSeen = prepare<{ story: number }>("SELECT story FROM read_marks WHERE tenant = ? AND operator = ? AND conversation = ''");
  const markSeen = prepare(`
    INSERT INTO read_marks (tenant, operator, conversation, story)
      SELECT ?1, ?2, c.id, c.last_event FROM conversations c WHERE c.tenant = ?1 AND c.id = ?3 AND c.last_event > ?4
    ON CONFLICT (tenant, operator, conversation) DO UPDATE SET story = excluded.story WHERE read_marks.story < excluded.story`);
  const markAll = prepare(`
    INSERT INTO read_marks (tenant, operator, conversation, story) VALUES (?, ?, '', ?)
    ON CONFLICT (tenant, operator, conversation) DO UPDATE SET story = excluded.story`);
  const forgetMarks = prepare("DELETE FROM read_marks WHERE tenant = ? AND operator = ? AND conversation <> '' AND story <= ?");
  const total = prepare<{ n: number }>("SELECT coalesce((SELECT conversations FROM tenants WHERE tenant = ?), 0) AS n");
  const countUnread = prepare<{ n: number }>(`SELECT count(*) AS n FROM conversations c WHERE c.tenant = ?1 AND ${unread}`);
  const countHanded = prepare<{ human: number; waiting: number; mine: number }>(`
    SELECT count(*) AS human, count(*) FILTER (WHERE h.assignee IS NULL) AS waiting, count(*) FILTER (WHERE h.assignee = ?2) AS mine
    FROM handovers h WHERE h.tenant = ?1 AND h.ended_at IS NULL`);
  const countPaused = prepare<{ n: number }>("SELECT count(*) AS n FROM conversations WHERE tenant = ? AND control = 'paused'");
  const countStuck = prepare<{ n: number }>(`SELECT count(*) AS n FROM (${stuck}) s`);
  const statements = new Map<string, Statement<SummaryRow>>();

  function statementOf(sql: string): Statement<SummaryRow> {
    const made = statements.get(sql) ?? prepare<SummaryRow>(sql);
    statements.set(sql, made);
    return made;
  }

  /** ?1 the tenant, ?2 the reader, ?3 up to where he has seen all, ?4 the page's beginning, ?5 its length; then as they come. */
  function* conditionsOf(tenant: TenantId, filter: ConversationFilter) {
    const where: string[] = [];
    const values: Value[] = [];
    const value = (one: Value) => `?${5 + values.push(one)}`;
    if (filter.account !== undefined) where.push(`c.account = ${value(filter.account)}`);
    if (filter.channel !== undefined) where.push(`c.channel = ${value(filter.channel)}`);
    if (filter.state) where.push(states[filter.state]);
    if (filter.unread) where.push(filter.reader === undefined ? "FALSE" : unread);
    if (filter.trouble) where.push(`c.id IN (${stuck})`);
    if (filter.name) {
      const { letters, words } = filter.name;
      const like = value(`%${letters.replace(/[\\%_]/g, "\\$&")}%`);
      const named = words ? yield* writers(tenant, words) : [];
      const wrote = named.length > 0 ? ` OR c.id IN (${named.map(value).join(", ")})` : "";
      // One database tells large letters from small ones there, the other doesn't.
      const holds = (column: string) => `lower(${column}) LIKE lower(${like}) ESCAPE '\\'`;
      where.push(`(${holds("c.title")} OR ${holds("c.chat")}${wrote})`);
    }
    return { where: where.map((one) => ` AND ${one}`).join(""), values };
  }

  function* rowsOf(tenant: TenantId, filter: ConversationFilter, seen: number): Work<readonly SummaryRow[]> {
    const { reader, limit, sort = "last" } = filter;
    const { where, values } = yield* conditionsOf(tenant, filter);
    const from = [tenant, reader ?? null, seen];
    if (sort === "waiting") {
      return yield* statementOf(`
        SELECT ${columns}, h.seq AS cursor FROM handovers h CROSS JOIN conversations c
        WHERE c.id = h.conversation AND h.tenant = ?1 AND h.ended_at IS NULL AND c.last_event IS NOT NULL
          AND (CAST(?4 AS BIGINT) IS NULL OR (h.assigned_at, h.seq) > (SELECT o.assigned_at, o.seq FROM handovers o WHERE o.seq = ?4))${where}
        ORDER BY h.assigned_at, h.seq LIMIT ?5`).all(...from, filter.before ?? null, limit, ...values);
    }
    const end = filter.before ?? ((yield* newest.get())?.seq ?? 0) + 1;
    // What few fit is found by its own index sooner than by walking back.
    if (!(filter.trouble || filter.name || (filter.state && filter.state !== "agent"))) {
      const found = yield* statementOf(`
        SELECT ${columns}, c.last_event AS cursor FROM events e CROSS JOIN conversations c
        WHERE c.id = e.conversation AND c.last_event = e.seq AND e.seq < ?4 AND e.seq >= ?4 - ${reach} AND ${unserved("e.tenant")} = ?1${where} ORDER BY e.seq DESC LIMIT ?5`).all(
        ...from,
        end,
        limit,
        ...values,
      );
      if (found.length === limit) return found;
    }
    return yield* statementOf(`
      SELECT ${columns}, c.last_event AS cursor FROM conversations c
      WHERE c.tenant = ?1 AND c.last_event < ?4${where} ORDER BY c.last_event DESC LIMIT ?5`).all(...from, end, limit, ...values);
  }

  function* seenBy(tenant: TenantId, reader: OperatorId | undefined): Work<number> {
    return reader === undefined ? last : ((yield* allSeen.get(tenant, reader))?.story ?? 0);
  }

  function* summaryOf(row: SummaryRow, seen: number): Work<ConversationSummary> {
    const said = yield* lastSaid.get(row.last_event);
    const state = yield* standing.get(row.last_event, Math.max(seen, row.mark ?? 0));
    return {
      ...conversationOf(row),
      cursor: row.cursor,
      lastAt: said?.at ?? (yield* happened.get(row.last_event))?.at ?? 0,
      lastPreview: said ? previewOf(JSON.parse(said.parts) as readonly Part[]) : "",
      unread: row.unread === 1,
      unreadCount: state?.said ?? 0,
      trouble: state?.trouble === 1,
    };
  }

  return {
    *list(tenant, filter) {
      const seen = yield* seenBy(tenant, filter.reader);
      return yield* each(yield* rowsOf(tenant, filter, seen), (row) => summaryOf(row, seen));
    },
    *inOrder(tenant, { after = "", account, limit }) {
      const only = account === undefined ? "" : " AND c.account = ?6";
      const rows = statementOf(`
        SELECT ${columns}, c.last_event AS cursor FROM conversations c
        WHERE c.id > ?4 AND ${unserved("c.tenant")} = ?1 AND c.last_event IS NOT NULL${only} ORDER BY c.id LIMIT ?5`);
      const found = yield* rows.all(tenant, null, last, after, limit, ...(account === undefined ? [] : [account]));
      return yield* each(found, (row) => summaryOf(row, last));
    },
    *counts(tenant, reader) {
      const { human = 0, waiting = 0, mine = 0 } = (yield* countHanded.get(tenant, reader ?? null)) ?? {};
      return {
        all: (yield* total.get(tenant))?.n ?? 0,
        unread: reader === undefined ? 0 : ((yield* countUnread.get(tenant, reader, yield* seenBy(tenant, reader)))?.n ?? 0),
        human,
        waiting,
        mine,
        paused: (yield* countPaused.get(tenant))?.n ?? 0,
        trouble: (yield* countStuck.get(tenant))?.n ?? 0,
      };
    },
    *seen({ tenant, operator, conversation }) {
      if (conversation !== undefined)
        return Number((yield* markSeen.run(tenant, operator, conversation, yield* seenBy(tenant, operator))).changes) > 0;
      const story = (yield* newest.get())?.seq ?? 0;
      yield* markAll.do(tenant, operator, story);
      yield* forgetMarks.do(tenant, operator, story);
      return true;
    },
  };
}
