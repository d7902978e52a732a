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

interface SendRow extends Row {
  readonly seq: number;
  readonly first: 0 | 1;
}

const leastReach = 2_000;

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
  const deliveries = prepare<SendRow>(`
    SELECT d.conversation, d.due_at, d.seq, NOT EXISTS (
        SELECT 1 FROM deliveries f WHERE f.conversation = d.conversation AND f.ended_at IS NULL AND f.seq < d.seq
          AND (f.state <> 'streaming' OR f.receipt IS NULL)) AS first
    FROM deliveries d
    WHERE d.state = 'queued' AND d.ended_at IS NULL AND d.account = ? AND d.due_at <= ? AND (d.due_at, d.seq) > (?, ?)
      AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.tenant = d.tenant AND p.account = d.account)
    ORDER BY d.due_at, d.seq LIMIT ?`);
  /** How far an account was looked through, where a look didn't reach its end. */
  const reached = new Map<AccountId, Pick<SendRow, "due_at" | "seq">>();

  /** The firsts among an account's next so many: a hundred thousand behind one that waits must not cost every look a tenth of a second. */
  function firsts(account: AccountId, now: Instant, most: number): readonly Row[] {
    const { due_at: at, seq } = reached.get(account) ?? { due_at: -1, seq: 0 };
    const reach = Math.max(leastReach, 2 * most);
    const rows = deliveries.all(account, now, at, seq, reach);
    const found = rows.filter(({ first }) => first === 1);
    const last = rows.at(-1);
    // Those found are sent and make way; where too few are, the rest is looked through with the next looks.
    if (last && rows.length === reach && found.length < most) reached.set(account, last);
    else reached.delete(account);
    return found;
  }

  function* accounts(): Generator<AccountId> {
    for (let last = account.get("")?.account; typeof last === "string"; last = account.get(last)?.account) yield last;
  }

  return (now, limit, shut) => {
    const most = limit + leases.size;
    const found = events.all(now, most).map((row) => ({ lane: `turn:${row.conversation}` as Lane, at: row.due_at }));
    for (const of of accounts()) {
      if (shut?.has(of)) continue;
      for (const row of firsts(of, now, most)) found.push({ lane: `send:${row.conversation}` as Lane, at: row.due_at });
    }
    return found
      .filter(({ lane }) => !leases.taken(lane))
      .sort((a, b) => a.at - b.at)
      .slice(0, limit)
      .map(({ lane }) => lane);
  };
}
