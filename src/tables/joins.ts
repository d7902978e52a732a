import type { ConversationId, EventId, TenantId, TurnId } from "../core/ids.ts";
import type { JoinReason, LedgerEntry, Stage } from "../core/ledger.ts";
import type { Instant, Json } from "../core/terms.ts";
import { turnOfEvent } from "./derived-ids.ts";
import type { Ledger } from "./ledger.ts";
import { each, type Prepare, type Work } from "./work.ts";

/** The event whose turn it is. */
export interface Lead {
  readonly tenant: TenantId;
  readonly event: EventId;
  readonly conversation: ConversationId;
}

/** As its row knows it: its number, and that of the last event that joined. */
export interface LeadRow {
  readonly seq: number;
  readonly joined: number | null;
}

/** How a turn ended for the events that had joined it. */
export interface JoinedEnd {
  readonly state: "done" | "failed" | "cancelled";
  readonly reason: string | null;
  /** The row of the answer. */
  readonly answer?: number | null;
  readonly at: Instant;
  readonly detail?: { readonly [key: string]: Json };
}

/** Events that are part of an earlier event's turn. They share its end, in its transaction, each with its own story. */
export interface Joins {
  /** Those that still wait become part of the turn. Gives the entries, those of the turn's own event first. */
  add(lead: Lead, events: readonly EventId[], reason: JoinReason, at: Instant): Work<readonly LedgerEntry[]>;
  end(lead: Lead, row: LeadRow, end: JoinedEnd): Work<readonly LedgerEntry[]>;
  /** They wait in the lane again, behind the turn's own event. */
  release(lead: Lead, row: LeadRow, reason: string, at: Instant): Work<readonly LedgerEntry[]>;
}

const endings = { done: "turn-done", failed: "turn-fail", cancelled: "turn-cancel" } as const satisfies { [state: string]: Stage };

export function joinTable(prepare: Prepare, ledger: Ledger): Joins {
  const leadRow = prepare<LeadRow & { readonly agent: string | null }>("SELECT seq, joined, agent FROM events WHERE tenant = ? AND id = ?");
  const waiting = prepare<{ seq: number }>(`
    SELECT seq FROM events WHERE tenant = ? AND id = ? AND conversation = ? AND state = 'queued' AND ended_at IS NULL AND seq > ?`);
  const take = prepare("UPDATE events SET state = 'running', turn_of = ?, agent = ?, ledger = ledger || ? WHERE seq = ?");
  const mark = prepare("UPDATE events SET joined = ?, ledger = ledger || ? WHERE seq = ?");
  const members = prepare<{ seq: number; id: EventId }>(`
    SELECT seq, id FROM events WHERE conversation = ? AND ended_at IS NULL AND seq > ? AND turn_of = ? ORDER BY seq`);
  const end = prepare("UPDATE events SET state = ?, reason = ?, ended_at = ?, answer = ?, ledger = ledger || ? WHERE seq = ?");
  const release = prepare("UPDATE events SET state = 'queued', turn_of = NULL, ledger = ledger || ? WHERE seq = ?");
  const forget = prepare("UPDATE events SET joined = NULL WHERE seq = ?");

  function* membersOf({ conversation }: Lead, { seq, joined }: LeadRow): Work<readonly { seq: number; id: EventId }[]> {
    return joined === null ? [] : yield* members.all(conversation, seq, seq);
  }

  return {
    *add(lead, events, reason, at) {
      const own = yield* leadRow.get(lead.tenant, lead.event);
      const found = own
        ? (yield* each(events, function* (id) {
            return (yield* waiting.all(lead.tenant, id, lead.conversation, own.seq)).map(({ seq }) => ({ seq, id }));
          })).flat()
        : [];
      const last = found.at(-1);
      if (!own || !last) return [];
      const turn = turnOfEvent(lead.event);
      const told = {
        tenant: lead.tenant,
        trace: lead.event,
        stage: "turn-join",
        at,
        reason,
        detail: { turn, events: found.map(({ id }) => id) },
      } as const;
      yield* mark.do(last.seq, ledger.append([told]), own.seq);
      const entries = yield* each(found, function* ({ seq, id }) {
        const entry = entryOf(lead, id, "joined", at, reason, { turn, into: lead.event });
        yield* take.do(own.seq, own.agent, ledger.append([entry]), seq);
        return entry;
      });
      return [told, ...entries];
    },

    *end(lead, row, { state, reason, answer = null, at, detail }) {
      return yield* each(yield* membersOf(lead, row), function* ({ seq, id }) {
        const entry = entryOf(lead, id, endings[state], at, reason, { turn: turnOfEvent(lead.event), into: lead.event, ...detail });
        yield* end.do(state, reason, at, seq === row.joined ? answer : null, ledger.append([entry]), seq);
        return entry;
      });
    },

    *release(lead, row, reason, at) {
      const found = yield* membersOf(lead, row);
      if (row.joined !== null) yield* forget.do(row.seq);
      return yield* each(found, function* ({ seq, id }) {
        const entry = entryOf(lead, id, "turn-retry", at, reason, { turn: turnOfEvent(lead.event), into: lead.event });
        yield* release.do(ledger.append([entry]), seq);
        return entry;
      });
    },
  };
}

function entryOf(
  { tenant }: Lead,
  trace: EventId,
  stage: Stage,
  at: Instant,
  reason: string | null,
  detail: { readonly [key: string]: Json } & { readonly turn: TurnId },
): LedgerEntry {
  return { tenant, trace, stage, at, detail, ...(reason !== null && { reason }) };
}
