import type { Lane } from "../../core/engine.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Instant } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";
import type { Leases } from "./leases.ts";

/** See `Store.due`. Lanes of paused accounts are passed over: they would stand in front of all others. */
export type Due = (now: Instant, limit: number, shut?: ReadonlySet<AccountId>) => readonly Lane[];

interface Row {
  readonly conversation: string;
  readonly due_at: Instant;
}

export function dueLanes(prepare: Prepare, leases: Leases): Due {
  // Only the first of a conversation counts: behind one that waits for its retry nothing is due.
  const events = prepare<Row>(`
    SELECT e.conversation, e.due_at FROM events e
    WHERE e.state = 'queued' AND e.ended_at IS NULL AND e.due_at <= ?
      AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.tenant = e.tenant AND p.account = e.account)
      AND NOT EXISTS (SELECT 1 FROM events f WHERE f.conversation = e.conversation AND f.ended_at IS NULL AND f.seq < e.seq)
    ORDER BY e.due_at LIMIT ?`);
  const account = prepare<{ account: AccountId | null }>(
    "SELECT min(d.account) AS account FROM deliveries d WHERE d.state = 'queued' AND d.ended_at IS NULL AND d.account > ?",
  );
  const deliveries = prepare<Row>(`
    SELECT d.conversation, d.due_at FROM deliveries d
    WHERE d.state = 'queued' AND d.ended_at IS NULL AND d.account = ? AND d.due_at <= ?
      AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.tenant = d.tenant AND p.account = d.account)
      AND NOT EXISTS (SELECT 1 FROM deliveries f WHERE f.conversation = d.conversation AND f.ended_at IS NULL AND f.seq < d.seq
        AND (f.state <> 'streaming' OR f.receipt IS NULL))
    ORDER BY d.due_at LIMIT ?`);

  function* accounts(): Generator<AccountId> {
    for (let last = account.get("")?.account; typeof last === "string"; last = account.get(last)?.account) yield last;
  }

  return (now, limit, shut) => {
    const most = limit + leases.size;
    const found = events.all(now, most).map((row) => ({ lane: `turn:${row.conversation}` as Lane, at: row.due_at }));
    for (const of of accounts()) {
      if (shut?.has(of)) continue;
      for (const row of deliveries.all(of, now, most)) found.push({ lane: `send:${row.conversation}` as Lane, at: row.due_at });
    }
    return found
      .filter(({ lane }) => !leases.taken(lane))
      .sort((a, b) => a.at - b.at)
      .slice(0, limit)
      .map(({ lane }) => lane);
  };
}
