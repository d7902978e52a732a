import type { DueLane, DuePage, LaneKind } from "../core/engine.ts";
import type { PlatformEvent, Sender } from "../core/event.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import type { ReplicaId } from "../core/replica.ts";
import type { Instant } from "../core/terms.ts";
import type { Leases } from "./leases.ts";
import type { Prepare, Work } from "./work.ts";

/** See `Store.due`. Lanes of paused accounts are passed over: they would stand in front of all others. */
export type Due = (kind: LaneKind, now: Instant, limit: number, after?: string, shut?: ReadonlySet<AccountId>) => Work<DuePage>;

interface Place {
  readonly due_at: Instant;
  readonly seq: number;
}

interface Row extends Place {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly conversation: string;
}

interface TurnRow extends Row {
  /** Of a message. */
  readonly sender: string | null;
  /** Of an event that is none. */
  readonly payload: string | null;
}

interface SendRow extends Row {
  readonly first: 0 | 1;
}

const beginning: Place = { due_at: -1, seq: 0 };
const leastReach = 2_000;

/** `replica`: of a gateway among others, which looks for what its accounts have. */
export function dueLanes(prepare: Prepare, leases: Leases, replica?: ReplicaId): Due {
  // Only the first of a conversation counts: behind one that waits for its retry nothing is due.
  const queued = (mine: string) => `
    SELECT e.seq, e.tenant, e.account, e.conversation, e.due_at, m.sender, CASE WHEN m.seq IS NULL THEN e.payload END AS payload
    FROM events e LEFT JOIN messages m ON m.seq = e.message
    WHERE e.state = 'queued' AND e.ended_at IS NULL AND e.due_at BETWEEN ? AND ? AND (e.due_at > ? OR e.seq > ?)
      AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.tenant = e.tenant AND p.account = e.account)${mine}
      AND NOT EXISTS (SELECT 1 FROM events f WHERE f.conversation = e.conversation AND f.ended_at IS NULL AND f.seq < e.seq)
    ORDER BY e.due_at, e.seq LIMIT ?`;
  const events = prepare<TurnRow>(queued(""));
  // Others' lanes would fill the page.
  const own = prepare<TurnRow>(
    queued(" AND EXISTS (SELECT 1 FROM account_owners o WHERE o.tenant = e.tenant AND o.account = e.account AND o.replica = ?)"),
  );
  const account = prepare<{ account: AccountId | null }>(
    "SELECT min(d.account) AS account FROM deliveries d WHERE d.state = 'queued' AND d.ended_at IS NULL AND d.account > ?",
  );
  const deliveries = prepare<SendRow>(`
    SELECT d.tenant, d.account, d.conversation, d.due_at, d.seq, NOT EXISTS (
        SELECT 1 FROM deliveries f WHERE f.conversation = d.conversation AND f.ended_at IS NULL AND f.seq < d.seq
          AND (f.state <> 'streaming' OR f.receipt IS NULL)) AS first
    FROM deliveries d
    WHERE d.state = 'queued' AND d.ended_at IS NULL AND d.account = ? AND d.due_at <= ? AND (d.due_at, d.seq) > (?, ?)
      AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.tenant = d.tenant AND p.account = d.account)
    ORDER BY d.due_at, d.seq LIMIT ?`);
  /** How far an account was looked through, where a look didn't reach its end. */
  const reached = new Map<AccountId, Place>();

  /**
   * The firsts among an account's next so many: a hundred thousand behind one that waits must not cost every look a tenth of
   * a second. `after`: those of a later page.
   */
  function* firsts(account: AccountId, now: Instant, most: number, after: Place | undefined): Work<readonly Row[]> {
    const { due_at: at, seq } = after ?? reached.get(account) ?? beginning;
    const reach = Math.max(leastReach, 2 * most);
    const rows = yield* deliveries.all(account, now, at, seq, reach);
    const found = rows.filter(({ first }) => first === 1);
    if (after) return found;
    const last = rows.at(-1);
    // Those found are sent and make way; where too few are, the rest is looked through with the next looks.
    if (last && rows.length === reach && found.length < most) reached.set(account, last);
    else reached.delete(account);
    return found;
  }

  function* sends(now: Instant, most: number, after: Place | undefined, shut: ReadonlySet<AccountId> | undefined): Work<readonly Row[]> {
    const found: Row[] = [];
    for (let of = (yield* account.get(""))?.account; typeof of === "string"; of = (yield* account.get(of))?.account) {
      if (!shut?.has(of) && leases.owns(of)) found.push(...(yield* firsts(of, now, most, after)));
    }
    return found.sort((a, b) => a.due_at - b.due_at || a.seq - b.seq).slice(0, most);
  }

  function* turns(now: Instant, most: number, { due_at: from, seq } = beginning): Work<readonly Row[]> {
    return replica === undefined ? yield* events.all(from, now, from, seq, most) : yield* own.all(from, now, from, seq, replica, most);
  }

  return function* (kind, now, limit, after, shut) {
    const from = after === undefined ? undefined : readCursor(after);
    const most = limit + leases.size;
    const rows = kind === "turn" ? yield* turns(now, most, from) : yield* sends(now, most, from, shut);
    const lanes: DueLane[] = [];
    let last: Row | undefined;
    for (const row of rows) {
      if (lanes.length === limit) break;
      last = row;
      const lane = `${kind}:${row.conversation}` as const;
      if (!leases.taken(lane) && leases.owns(row.account)) lanes.push({ lane, owner: ownerOf(row) });
    }
    const end = rows.length < most && last === rows.at(-1);
    return end || !last ? { lanes } : { lanes, next: `${last.due_at}/${last.seq}` };
  };
}

function ownerOf(row: Row | TurnRow): DueLane["owner"] {
  const { tenant, account } = row;
  if (!("sender" in row)) return { tenant, account };
  if (row.sender !== null) return { tenant, account, sender: (JSON.parse(row.sender) as Sender).id };
  return row.payload === null ? { tenant, account } : { tenant, account, sender: (JSON.parse(row.payload) as PlatformEvent).sender.id };
}

function readCursor(text: string): Place {
  const [at, seq] = text.split("/");
  return { due_at: Number(at), seq: Number(seq) };
}
