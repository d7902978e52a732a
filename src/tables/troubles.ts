import type { ErrorCode } from "../core/errors.ts";
import type { AccountId, TenantId, TraceId } from "../core/ids.ts";
import type { Trouble } from "../core/notice.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Read } from "./work.ts";

/** See `Records.troubles`. */
export type CountTroubles = (tenant: TenantId, failedSince: Instant) => Promise<readonly Trouble[]>;

interface Row {
  readonly account: AccountId;
  readonly count: number;
  readonly newest: TraceId;
}

const waiting = ["unknown", "failed", "dead"] as const;
/** Rows looked at, so that a flood doesn't hold up the path. */
const most = 10_000;

export function troubleCounts(prepare: Prepare, read: Read): CountTroubles {
  // What is a notice is one of its place, not one of the account.
  const deliveries = prepare<Row & { readonly chat: string | null; readonly thread: string | null }>(`
    SELECT g.account, g.n AS count, newest.trace AS newest, c.chat, c.thread
    FROM (
        SELECT w.account, CASE WHEN e.kind = 'notice' THEN w.conversation END AS place, count(*) AS n, max(w.seq) AS seq
        FROM (
            SELECT seq, account, conversation, trace FROM deliveries
            WHERE state = ? AND error_code IS NOT NULL AND tenant = ? ORDER BY seq DESC LIMIT ${most}
          ) w
          LEFT JOIN events e ON e.id = w.trace
        GROUP BY w.account, place
      ) g
      JOIN deliveries newest ON newest.seq = g.seq
      LEFT JOIN conversations c ON c.id = g.place`);
  const poison = prepare<Row>(`
    SELECT g.account, g.n AS count, newest.id AS newest
    FROM (
        SELECT w.account, count(*) AS n, max(w.seq) AS seq
        FROM (SELECT seq, account FROM events WHERE tenant = ? AND reason = 'poison' ORDER BY seq DESC LIMIT ${most}) w
        GROUP BY w.account
      ) g
      JOIN events newest ON newest.seq = g.seq`);
  const loops = prepare<Row>(`
    SELECT g.account, g.n AS count, newest.id AS newest
    FROM (
        SELECT w.account, count(*) AS n, max(w.seq) AS seq
        FROM (SELECT seq, account, conversation, control_version FROM events WHERE tenant = ? AND reason = 'loop-guard' ORDER BY seq DESC LIMIT ${most}) w
          JOIN conversations c ON c.id = w.conversation AND c.control = 'paused' AND c.control_version = w.control_version
        GROUP BY w.account
      ) g
      JOIN events newest ON newest.seq = g.seq`);
  const failed = prepare<Row & { readonly code: ErrorCode }>(`
    SELECT g.account, g.reason AS code, g.n AS count, newest.id AS newest
    FROM (
        SELECT account, reason, count(*) AS n, max(seq) AS seq FROM events
        WHERE tenant = ? AND state = 'failed' AND ended_at >= ? GROUP BY account, reason
      ) g
      JOIN events newest ON newest.seq = g.seq`);

  return async (tenant, failedSince) => {
    const troubles: Trouble[] = [];
    // One after the other: the path goes on in between.
    for (const kind of waiting) {
      for (const { chat, thread, ...row } of await read(() => deliveries.all(kind, tenant))) {
        if (chat === null) troubles.push({ kind, ...row });
        else troubles.push({ kind: "notice", place: { account: row.account, chat, ...(thread && { thread }) }, ...row });
      }
    }
    for (const row of await read(() => poison.all(tenant))) troubles.push({ kind: "poison", ...row });
    for (const row of await read(() => loops.all(tenant))) troubles.push({ kind: "loop", ...row });
    for (const row of await read(() => failed.all(tenant, failedSince))) troubles.push({ kind: "turn-fail", ...row });
    return troubles;
  };
}
