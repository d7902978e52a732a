import type { Delivery, DeliveryContent, DeliveryState, OnUnknown } from "../core/delivery.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { AccountId, ConversationId, DeliveryId, MessageId, TenantId, TraceId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import { type ConversationRow, chatOf } from "./conversations.ts";
import { turnOfTrace } from "./derived-ids.ts";
import type { Prepare, Work } from "./work.ts";

export interface DeliveryRow extends Pick<ConversationRow, "chat" | "thread" | "kind" | "title" | "control" | "gone" | "heard_at"> {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly id: DeliveryId;
  readonly trace: TraceId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly message: MessageId | null;
  readonly state: DeliveryState;
  readonly content: string;
  readonly on_unknown: OnUnknown;
  readonly written_under: number | null;
  readonly attempts: number;
  readonly spared: number;
  readonly due_at: Instant;
  readonly created_at: Instant;
  readonly receipt: string | null;
  readonly confirmed: "delivered" | "read" | null;
  readonly error_code: ErrorCode | null;
  readonly error_message: string | null;
  readonly control_version: number;
  /** See `Blocks`. */
  readonly said: string | null;
}

/** Every way to read deliveries starts like this; `control_version` is the conversation's. */
export const selectDelivery = `
  SELECT d.seq, d.tenant, d.id, d.trace, d.account, d.conversation, d.message, d.state, d.content, d.on_unknown,
    d.control_version AS written_under, d.attempts, d.spared, d.due_at, d.created_at, d.receipt, d.confirmed, d.error_code, d.error_message, d.said,
    c.chat, c.thread, c.kind, c.title, c.control, c.gone, c.heard_at, c.control_version
  FROM deliveries d JOIN conversations c ON c.id = d.conversation AND c.tenant = d.tenant`;

export function deliveryOf(row: DeliveryRow, now?: { readonly state: DeliveryState; readonly attempts: number }): Delivery {
  const turn = turnOfTrace(row.trace);
  return {
    tenant: row.tenant,
    id: row.id,
    trace: row.trace,
    account: row.account,
    conversation: row.conversation,
    chat: chatOf(row),
    // A draft and a block have none yet.
    message: row.message ?? ("" as MessageId),
    ...(turn && { turn }),
    state: now?.state ?? row.state,
    content: JSON.parse(row.content) as DeliveryContent,
    attempts: now?.attempts ?? row.attempts,
    spared: row.spared,
    dueAt: row.due_at,
    createdAt: row.created_at,
    onUnknown: row.on_unknown,
    ...(row.heard_at !== null && { heardAt: row.heard_at }),
    ...(row.receipt !== null && { receipt: row.receipt }),
    ...(row.confirmed !== null && { confirmed: row.confirmed }),
    ...(row.error_code !== null && { error: { code: row.error_code, message: row.error_message ?? "" } }),
  };
}

/** From what is well to what needs somebody most. */
const badness: readonly DeliveryState[] = ["sent", "streaming", "sending", "queued", "dropped", "unknown", "dead", "failed"];

export function worstState(states: readonly DeliveryState[]): DeliveryState | undefined {
  return badness.findLast((state) => states.includes(state));
}

export interface NewDelivery {
  readonly tenant: TenantId;
  readonly id: DeliveryId;
  readonly trace: TraceId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly message?: MessageId;
  readonly state: "queued" | "streaming";
  readonly content: DeliveryContent;
  readonly onUnknown: OnUnknown;
  /** The control version under which an agent wrote it. */
  readonly writtenUnder?: number;
  readonly at: Instant;
}

/** A state in which nothing more happens by itself. */
type Ended = Extract<DeliveryState, "sent" | "unknown" | "failed" | "dead" | "dropped">;

/** What the files about deliveries share. `mark`: the ledger's mark of the entries that tell of it. */
export interface Deliveries {
  add(delivery: NewDelivery, mark: string): Work<void>;
  end(seq: number, state: Ended, at: Instant, mark: string, error?: DeliveryError): Work<void>;
  /** The message goes over a draft that is on the platform: what is queued is an edit, and an edit may be repeated. */
  overwrite(
    seq: number,
    by: { message: MessageId; content: DeliveryContent; writtenUnder: number | undefined; at: Instant },
    mark: string,
  ): Work<void>;
  /** Queued again; what it was told stays visible. */
  again(seq: number, dueAt: Instant, at: Instant, mark: string, error?: DeliveryError, spared?: boolean): Work<void>;
}

export interface DeliveryError {
  readonly code: string;
  readonly message: string;
}

export function deliveryTable(prepare: Prepare): Deliveries {
  const add = prepare(`
    INSERT INTO deliveries (tenant, id, trace, account, conversation, message, state, content, on_unknown, control_version, due_at, created_at, ledger)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const end = prepare(`
    UPDATE deliveries SET state = ?, ended_at = ?, error_code = coalesce(?, error_code), error_message = coalesce(?, error_message),
      ledger = ledger || ? WHERE seq = ?`);
  const overwrite = prepare(`
    UPDATE deliveries SET state = 'queued', content = ?1, message = ?2, on_unknown = 'repeat', due_at = ?3, put_off_at = ?3, control_version = ?4,
      ledger = ledger || ?5
    WHERE seq = ?6`);
  const again = prepare(`
    UPDATE deliveries SET state = 'queued', due_at = ?, put_off_at = ?, spared = spared + ?, ended_at = NULL,
      error_code = coalesce(?, error_code), error_message = coalesce(?, error_message), ledger = ledger || ? WHERE seq = ?`);
  return {
    *add(of, mark) {
      const content = JSON.stringify(of.content);
      const { tenant, id, trace, account, conversation, message = null, state, onUnknown, writtenUnder = null, at } = of;
      yield* add.do(tenant, id, trace, account, conversation, message, state, content, onUnknown, writtenUnder, at, at, mark);
    },
    *end(seq, state, at, mark, error) {
      yield* end.do(state, at, error?.code ?? null, error?.message ?? null, mark, seq);
    },
    *overwrite(seq, { message, content, writtenUnder, at }, mark) {
      yield* overwrite.do(JSON.stringify(content), message, at, writtenUnder ?? null, mark, seq);
    },
    *again(seq, dueAt, at, mark, error, spared = false) {
      yield* again.do(dueAt, at, spared ? 1 : 0, error?.code ?? null, error?.message ?? null, mark, seq);
    },
  };
}
