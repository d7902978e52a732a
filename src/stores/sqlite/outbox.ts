import type { Delivery, OnUnknown, SendOutcome } from "../../core/delivery.ts";
import { fail, ok } from "../../core/errors.ts";
import { type AccountId, type ConversationId, type DeliveryId, type MessageId, newId, type TenantId } from "../../core/ids.ts";
import type { LedgerEntry, Stage } from "../../core/ledger.ts";
import type { Attempt, NewOutbound, Written } from "../../core/store.ts";
import type { Instant, Json } from "../../core/terms.ts";
import type { Conversations } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import { type Deliveries, type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { Tally } from "./tally.ts";

export interface OutboxTable {
  /** See `OutboxStore.nextDelivery`. */
  next(conversation: ConversationId): { readonly tenant: TenantId; readonly account: AccountId; readonly dueAt: Instant } | undefined;
  begin(conversation: ConversationId, at: Instant): Exclude<Attempt, { kind: "fenced" }>;
  end(delivery: Delivery, end: { readonly outcome: SendOutcome; readonly retryAt?: Instant; readonly at: Instant }): Written;
  enqueue(outbound: NewOutbound): Enqueued;
  /** Its worker died between intent and outcome: what `onUnknown` says. The ledger entry is written too. */
  abandon(row: DeliveryRow, at: Instant): { readonly repeated: boolean; readonly entry: LedgerEntry };
}

export interface Enqueued {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly deliveries: readonly DeliveryId[];
  readonly entries: readonly LedgerEntry[];
}

interface Parts {
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly deliveries: Deliveries;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

/** A draft on its way holds the place; it gets its receipt within a send's time. */
const draftWaitMs = 250;

export function outboxTable(prepare: Prepare, { conversations, messages, deliveries, ledger, tally }: Parts): OutboxTable {
  // A visible draft has its place on the platform already: what comes after needn't wait for its final text.
  const first = "d.conversation = ? AND d.ended_at IS NULL AND (d.state <> 'streaming' OR d.receipt IS NULL) ORDER BY d.n LIMIT 1";
  const head = prepare<DeliveryRow>(`${selectDelivery} WHERE ${first}`);
  const next = prepare<{ tenant: TenantId; account: AccountId; dueAt: Instant }>(
    `SELECT d.tenant, d.account, d.due_at AS "dueAt" FROM deliveries d WHERE ${first}`,
  );
  const start = prepare("UPDATE deliveries SET state = 'sending', attempts = attempts + 1 WHERE seq = ?");
  const sent = prepare(`
    UPDATE deliveries SET state = 'sent', receipt = ?, ended_at = ?, error_code = NULL, error_message = NULL
    WHERE tenant = ? AND id = ? AND state = 'sending' AND attempts = ?`);
  const sending = prepare<{ seq: number; on_unknown: OnUnknown; receipt: string | null }>(`
    SELECT seq, on_unknown, receipt FROM deliveries WHERE tenant = ? AND id = ? AND state = 'sending' AND attempts = ?`);
  const addSend = prepare(`
    INSERT INTO events (tenant, id, account, channel, conversation, arrival, kind, key, state, payload, message, received_at, due_at, ended_at)
    VALUES (?, ?, ?, ?, ?, ?, 'send', '', 'done', '{}', ?, ?, ?, ?)`);

  function abandon(row: DeliveryRow, at: Instant): { repeated: boolean; entry: LedgerEntry } {
    // An edit over a known message changes nothing when it is repeated.
    const policy = row.receipt !== null ? "repeat" : row.on_unknown;
    const error = { code: "channel-unknown", message: "The gateway stopped while it was being sent." };
    const detail = { delivery: row.id, policy };
    const hold = policy === "hold";
    if (hold) deliveries.end(row.seq, "unknown", at, error);
    else deliveries.again(row.seq, at, error);
    const entry = entryOf(row, hold ? "delivery-unknown" : "delivery-retry", at, detail, "gateway-stopped-while-sending");
    ledger.append([entry]);
    return { repeated: !hold, entry };
  }

  return {
    abandon,
    next: (conversation) => next.get(conversation),

    begin(conversation, at) {
      const entries: LedgerEntry[] = [];
      for (let row = head.get(conversation); row; row = head.get(conversation)) {
        if (row.state === "sending") {
          entries.push(abandon(row, at).entry);
          continue;
        }
        if (row.state === "streaming") return { kind: "wait", dueAt: at + draftWaitMs };
        if (row.written_under !== null && (row.control !== "agent" || row.written_under !== row.control_version)) {
          deliveries.end(row.seq, "dropped", at);
          const reason = row.control === "paused" ? "control-paused" : "control-human";
          entries.push(...ledger.append([entryOf(row, "delivery-drop", at, { delivery: row.id }, reason)]));
          continue;
        }
        if (row.due_at > at) return { kind: "wait", dueAt: row.due_at };
        start.run(row.seq);
        const delivery = deliveryOf(row, { state: "sending", attempts: row.attempts + 1 });
        entries.push(...ledger.append([entryOf(row, "delivery-start", at, { delivery: row.id, attempt: delivery.attempts })]));
        return { kind: "begun", delivery, entries };
      }
      return { kind: "empty" };
    },

    end(delivery, { outcome, retryAt, at }) {
      const { tenant, id, attempts } = delivery;
      if (outcome.kind === "sent") {
        if (sent.run(outcome.receipt, at, tenant, id, attempts).changes === 0) return voidAttempt(id);
        return ok(ledger.append([entryOf(delivery, "delivery-sent", at, { delivery: id, receipt: outcome.receipt })]));
      }
      const row = sending.get(tenant, id, attempts);
      if (!row) return voidAttempt(id);
      const { code, message } = outcome;
      const detail: { [key: string]: Json } = { delivery: id, attempt: attempts, message };
      const again = retryAt !== undefined && outcome.kind !== "refused" && (outcome.kind === "retry" || policyOf(row) !== "hold");
      if (again) {
        deliveries.again(row.seq, retryAt, outcome);
        if (outcome.kind === "unknown") detail["policy"] = policyOf(row);
        return ok(ledger.append([entryOf(delivery, "delivery-retry", at, { ...detail, dueAt: retryAt }, code)]));
      }
      const [state, stage] = finalStates[outcome.kind];
      deliveries.end(row.seq, state, at, outcome);
      return ok(ledger.append([entryOf(delivery, stage, at, detail, code)]));
    },

    enqueue({ tenant, account, channel, chat, author, message, parts, deliveries: wanted, at }) {
      const place = conversations.touch({ tenant, account, channel, chat, at }, 0, wanted.length);
      if (place.isNew) tally.conversation(tenant);
      messages.add({
        tenant,
        id: message,
        conversation: place.id,
        arrival: place.arrivals,
        trace: message,
        direction: "out",
        author,
        parts,
        at,
      });
      addSend.run(tenant, message, account, channel, place.id, place.arrivals, message, at, at, at);
      let n = place.departures - wanted.length;
      const ids = wanted.map(({ content, onUnknown }) => {
        const id = newId("delivery", at);
        n += 1;
        deliveries.add({
          tenant,
          id,
          trace: message,
          account,
          conversation: place.id,
          n,
          message,
          state: "queued",
          content,
          onUnknown,
          at,
        });
        return id;
      });
      const entries = ids.map(
        (id): LedgerEntry => ({ tenant, trace: message, stage: "delivery-queued", at, detail: { delivery: id, author } }),
      );
      return { conversation: place.id, message, deliveries: ids, entries: ledger.append(entries, "first") };
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

export function entryOf(
  { tenant, trace }: Pick<Delivery, "tenant" | "trace">,
  stage: Stage,
  at: Instant,
  detail: { readonly [key: string]: Json },
  reason?: string,
): LedgerEntry {
  return reason === undefined ? { tenant, trace, stage, at, detail } : { tenant, trace, stage, at, reason, detail };
}
