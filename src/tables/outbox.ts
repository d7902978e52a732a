import type { Delivery, OnUnknown } from "../core/delivery.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import { type AccountId, type ConversationId, type DeliveryId, newId, type TenantId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Attempt, AttemptEnd, EndedAttempt, EnqueuedMessage, NewOutbound } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { Conversations } from "./conversations.ts";
import { type Deliveries, type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { entryOf } from "./entries.ts";
import type { Handovers } from "./handovers.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { Receipts } from "./receipts.ts";
import type { Sequences } from "./sequences.ts";
import type { Tally } from "./tally.ts";
import { each, type Prepare, type Work } from "./work.ts";

export interface OutboxTable {
  /** See `OutboxStore.nextDelivery`. */
  next(conversation: ConversationId): Work<{ readonly tenant: TenantId; readonly account: AccountId; readonly dueAt: Instant } | undefined>;
  begin(conversation: ConversationId, at: Instant): Work<Exclude<Attempt, { kind: "fenced" }>>;
  end(delivery: Delivery, end: AttemptEnd): Work<Result<EndedAttempt>>;
  enqueue(outbound: NewOutbound): Work<EnqueuedMessage>;
  /** Its worker died between intent and outcome: what `onUnknown` says. The ledger entry is written too. */
  abandon(row: DeliveryRow, at: Instant): Work<{ readonly repeated: boolean; readonly entry: LedgerEntry }>;
}

interface Parts {
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly deliveries: Deliveries;
  readonly receipts: Receipts;
  readonly sequences: Sequences;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly handovers: Pick<Handovers, "spoke">;
}

/** A draft on its way holds the place; it gets its receipt within a send's time. */
const draftWaitMs = 250;

export function outboxTable(
  prepare: Prepare,
  { conversations, messages, deliveries, receipts, sequences, ledger, tally, handovers }: Parts,
): OutboxTable {
  // A visible draft has its place on the platform already: what comes after needn't wait for its final text.
  const first = "d.conversation = ? AND d.ended_at IS NULL AND (d.state <> 'streaming' OR d.receipt IS NULL) ORDER BY d.seq LIMIT 1";
  const head = prepare<DeliveryRow>(`${selectDelivery} WHERE ${first}`);
  const next = prepare<{ tenant: TenantId; account: AccountId; dueAt: Instant }>(
    `SELECT d.tenant, d.account, d.due_at AS "dueAt" FROM deliveries d WHERE ${first}`,
  );
  const start = prepare("UPDATE deliveries SET state = 'sending', attempts = attempts + 1, ledger = ledger || ? WHERE seq = ?");
  const sent = prepare(`
    UPDATE deliveries SET state = 'sent', receipt = ?, ended_at = ?, error_code = NULL, error_message = NULL, ledger = ledger || ?
    WHERE tenant = ? AND id = ? AND state = 'sending' AND attempts = ?`);
  const sending = prepare<{ seq: number; on_unknown: OnUnknown; receipt: string | null }>(`
    SELECT seq, on_unknown, receipt FROM deliveries WHERE tenant = ? AND id = ? AND state = 'sending' AND attempts = ?`);
  const addSend = prepare(`
    INSERT INTO events (seq, tenant, id, account, conversation, before, kind, state, payload, message, received_at, due_at, ended_at, ledger)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'done', '{}', ?, ?, ?, ?, '')`);

  function* abandon(row: DeliveryRow, at: Instant): Work<{ repeated: boolean; entry: LedgerEntry }> {
    // An edit over a known message changes nothing when it is repeated.
    const policy = policyOf(row);
    const hold = policy === "hold";
    const error = { code: "channel-unknown", message: "The gateway stopped while it was being sent." };
    const stage = hold ? "delivery-unknown" : "delivery-retry";
    const entry = entryOf(row, stage, at, { delivery: row.id, policy }, "gateway-stopped-while-sending");
    const mark = ledger.append([entry]);
    if (hold) yield* deliveries.end(row.seq, "unknown", at, mark, error);
    else yield* deliveries.again(row.seq, at, at, mark, error);
    return { repeated: !hold, entry };
  }

  /** Law 6. False when a takeover came between. */
  function mayLeave(row: DeliveryRow): boolean {
    return row.written_under === null || (row.control === "agent" && row.written_under === row.control_version);
  }

  function* drop(row: DeliveryRow, at: Instant): Work<LedgerEntry> {
    const reason = row.control === "paused" ? "control-paused" : "control-human";
    const entry = entryOf(row, "delivery-drop", at, { delivery: row.id }, reason);
    yield* deliveries.end(row.seq, "dropped", at, ledger.append([entry]));
    return entry;
  }

  /** The platform said that nothing arrives there: an operator can have it tried again. */
  function* keepBack(row: DeliveryRow, at: Instant): Work<LedgerEntry> {
    const error = { code: "channel-gone", message: "Not sent: the platform said before that nothing reaches this chat." };
    const entry = entryOf(row, "delivery-fail", at, { delivery: row.id, message: error.message }, error.code);
    yield* deliveries.end(row.seq, "failed", at, ledger.append([entry]), error);
    return entry;
  }

  function* ended({ conversation }: Delivery, ...entries: readonly LedgerEntry[]): Work<Result<EndedAttempt>> {
    return ok({ entries, more: (yield* next.get(conversation)) !== undefined });
  }

  return {
    abandon,
    *next(conversation) {
      const row = yield* next.get(conversation);
      return row && { tenant: row.tenant, account: row.account, dueAt: row.dueAt };
    },

    *begin(conversation, at) {
      const entries: LedgerEntry[] = [];
      for (let row = yield* head.get(conversation); row; row = yield* head.get(conversation)) {
        if (row.state === "sending") entries.push((yield* abandon(row, at)).entry);
        else if (row.state === "streaming") return { kind: "wait", dueAt: at + draftWaitMs };
        else if (!mayLeave(row)) entries.push(yield* drop(row, at));
        else if (row.gone === 1) entries.push(yield* keepBack(row, at));
        else if (row.due_at > at) return { kind: "wait", dueAt: row.due_at };
        else {
          const attempt = row.attempts + 1;
          const entry = entryOf(row, "delivery-start", at, { delivery: row.id, attempt });
          entries.push(entry);
          yield* start.do(ledger.append([entry]), row.seq);
          return { kind: "begun", delivery: deliveryOf(row, { state: "sending", attempts: attempt }), entries };
        }
      }
      return { kind: "empty" };
    },

    *end(delivery, { outcome, retryAt, spared, awaited, at }) {
      const { tenant, id, attempts } = delivery;
      if (outcome.kind === "sent") {
        const entry = entryOf(delivery, "delivery-sent", at, { delivery: id, receipt: outcome.receipt });
        const { mark, fill } = ledger.reserve(1);
        if ((yield* sent.run(outcome.receipt, at, mark, tenant, id, attempts)).changes === 0) return voidAttempt(id);
        fill([entry]);
        return yield* ended(delivery, entry, ...(awaited ? yield* receipts.settled(delivery, outcome.receipt, at) : []));
      }
      const row = yield* sending.get(tenant, id, attempts);
      if (!row) return voidAttempt(id);
      const { kind, code, message } = outcome;
      const policy = policyOf(row);
      const detail = { delivery: id, attempt: attempts, message, ...(kind === "unknown" && { policy }) };
      if (retryAt !== undefined && (kind === "retry" || (kind === "unknown" && policy !== "hold"))) {
        const entry = entryOf(delivery, "delivery-retry", at, { ...detail, dueAt: retryAt, ...(spared && { spared }) }, code);
        yield* deliveries.again(row.seq, retryAt, at, ledger.append([entry]), outcome, spared);
        return yield* ended(delivery, entry);
      }
      const [state, stage] = finalStates[kind];
      const entry = entryOf(delivery, stage, at, detail, code);
      yield* deliveries.end(row.seq, state, at, ledger.append([entry]), outcome);
      if (code === "channel-gone") yield* conversations.setGone(delivery.conversation, true);
      return yield* ended(delivery, entry, ...(awaited && kind === "unknown" ? yield* receipts.settled(delivery, undefined, at) : []));
    },

    *enqueue({ tenant, account, channel, chat, author, notice, message, parts, deliveries: wanted, at }) {
      const seq = sequences.event();
      const { id: conversation, before, isNew } = yield* conversations.touch({ tenant, account, channel, chat, at }, seq);
      if (isNew) tally.conversation(tenant);
      const row = yield* messages.add({ tenant, id: message, conversation, trace: message, direction: "out", author, parts, at });
      yield* addSend.do(seq, tenant, message, account, conversation, before, notice ? "notice" : "send", row, at, at, at);
      if (author === "operator") yield* handovers.spoke(tenant, conversation, at);
      const entries: LedgerEntry[] = [];
      const ids = yield* each(wanted, function* ({ content, onUnknown }) {
        const id = newId("delivery", at);
        const entry = entryOf({ tenant, trace: message }, "delivery-queued", at, { delivery: id, author });
        entries.push(entry);
        const delivery = { tenant, id, trace: message, account, conversation, message, content, onUnknown, at };
        yield* deliveries.add({ ...delivery, state: "queued" }, ledger.append([entry]));
        return id;
      });
      return { conversation, message, deliveries: ids, entries };
    },
  };
}

const finalStates = {
  retry: ["dead", "delivery-dead"],
  refused: ["failed", "delivery-fail"],
  unknown: ["unknown", "delivery-unknown"],
} as const;

function policyOf(row: { readonly on_unknown: OnUnknown; readonly receipt: string | null }): OnUnknown {
  return row.receipt === null ? row.on_unknown : "repeat";
}

function voidAttempt(id: DeliveryId): ReturnType<typeof fail> {
  return fail("fenced", `The attempt of ${id} isn't the one under way now.`);
}
