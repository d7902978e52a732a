import type { LaneKind } from "../core/engine.ts";
import type { AccountId, ConversationId, EventId, TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import { type DeliveryRow, selectDelivery } from "./deliveries.ts";
import type { Drafts } from "./drafts.ts";
import { entryOf } from "./entries.ts";
import type { Joins } from "./joins.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import { lostCalls } from "./lost-calls.ts";
import type { ModelCalls } from "./model-calls.ts";
import type { OutboxTable } from "./outbox.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { Prepare, Work } from "./work.ts";

/** What `Store.recover` counts. */
export interface Recovered {
  readonly turns: number;
  readonly repeated: number;
  readonly unknown: number;
}

/**
 * Puts back what is under way by its state while nobody holds its lane: a dead owner's work at the start, later that of
 * a worker which gave up because the disk didn't take its outcome.
 */
export interface Recovery {
  /** Whether there is anything: reads only. */
  needed(): Work<boolean>;
  run(now: Instant): Work<Recovered>;
}

interface Parts {
  readonly leases: Leases;
  readonly calls: ModelCalls;
  readonly drafts: Drafts;
  readonly joins: Joins;
  readonly outbox: OutboxTable;
  readonly own: OwnCalls;
  readonly ledger: Ledger;
}

interface RunningRow {
  readonly tenant: TenantId;
  readonly id: EventId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly tries: number;
  readonly crashes: number;
  readonly seq: number;
  readonly joined: number | null;
  readonly ledger: string;
}

/**
 * A turn that was under way when the process died begins again at once; one that was so again and again may be what kills
 * it, and lets the others go first: 1, 2, 4 … 30 seconds.
 */
function pauseAfter(crashes: number): number {
  return crashes <= 3 ? 0 : Math.min(30_000, 1_000 * 2 ** (crashes - 4));
}

export function recovery(prepare: Prepare, { leases, calls, drafts, joins, outbox, own, ledger }: Parts): Recovery {
  // Those that had joined go back with the one whose turn it was.
  const running = prepare<RunningRow>(`
    SELECT tenant, id, account, conversation, tries, crashes, seq, joined, ledger FROM events
    WHERE state = 'running' AND ended_at IS NULL AND turn_of IS NULL`);
  const queueAgain = prepare(
    "UPDATE events SET state = 'queued', crashes = crashes + 1, due_at = ?, put_off_at = ?, ledger = ledger || ? WHERE tenant = ? AND id = ?",
  );
  const sending = prepare<DeliveryRow>(`${selectDelivery} WHERE d.state = 'sending' AND d.ended_at IS NULL`);
  const streaming = prepare<DeliveryRow>(`${selectDelivery} WHERE d.state = 'streaming' AND d.ended_at IS NULL AND d.receipt IS NULL`);

  const lose = lostCalls(calls, ledger);
  const left =
    (kind: LaneKind) =>
    ({ account, conversation }: { readonly account: AccountId; readonly conversation: ConversationId }) =>
      leases.owns(account) && !leases.taken(`${kind}:${conversation}`);

  function* deadTurns() {
    return (yield* running.all()).filter(left("turn"));
  }
  function* deadSends() {
    return (yield* sending.all()).filter(left("send"));
  }
  /** A visible one waits for its turn to begin again. */
  function* lostDrafts() {
    return (yield* streaming.all()).filter(left("turn"));
  }

  return {
    *needed() {
      return (
        (yield* deadTurns()).length > 0 || (yield* deadSends()).length > 0 || (yield* lostDrafts()).length > 0 || (yield* own.abandoned())
      );
    },

    *run(now) {
      yield* own.lose();
      const lost = yield* lostDrafts();
      for (const draft of lost) yield* drafts.lose(draft, "gateway-stopped-while-sending", now);
      const turns = yield* deadTurns();
      for (const turn of turns) {
        const { tenant, id, conversation, tries } = turn;
        const dueAt = now + pauseAfter(turn.crashes + 1);
        yield* lose(turn);
        const entry = entryOf({ tenant, trace: id }, "turn-retry", now, { try: tries, dueAt }, "gateway-stopped");
        yield* queueAgain.do(dueAt, now, ledger.append([entry]), tenant, id);
        yield* joins.release({ tenant, event: id, conversation }, turn, "gateway-stopped", now);
      }
      const sends = yield* deadSends();
      let repeated = 0;
      for (const row of sends) if ((yield* outbox.abandon(row, now)).repeated) repeated += 1;
      return { turns: turns.length, repeated, unknown: lost.length + sends.length - repeated };
    },
  };
}
