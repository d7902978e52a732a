import { type Fault, fail, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { AccountId, ConversationId, EventId, MessageId, TenantId, TurnId } from "../../core/ids.ts";
import type { IgnoreReason, LedgerEntry } from "../../core/ledger.ts";
import type { Part } from "../../core/message.ts";
import type { QueuedEvent, TurnBegin, TurnStep, Written } from "../../core/store.ts";
import type { Instant } from "../../core/terms.ts";
import type { ModelCall, Turn } from "../../core/turn.ts";
import { type ConversationRow, conversationColumns, conversationOf } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import type { Drafts } from "./drafts.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { ModelCalls } from "./model-calls.ts";

export interface TurnTable {
  next(conversation: ConversationId): QueuedEvent | undefined;
  ignore(event: QueuedEvent, reason: IgnoreReason, at: Instant): Written;
  begin(begin: TurnBegin): Result<{ turn: Turn; entries: readonly LedgerEntry[] }>;
  step(turn: Turn, step: TurnStep): Written;
  retry(
    turn: Turn,
    retry: { readonly fault: Fault; readonly dueAt: Instant; readonly at: Instant; readonly calls: readonly ModelCall[] },
  ): Written;
  cancel(turn: Turn, cancel: { readonly reason: IgnoreReason; readonly at: Instant; readonly calls: readonly ModelCall[] }): Written;
}

interface NextRow extends ConversationRow {
  readonly event: EventId;
  readonly payload: string;
  readonly message: MessageId | null;
  readonly parts: string | null;
  readonly tries: number;
  readonly received_at: Instant;
  readonly due_at: Instant;
}

interface Parts {
  readonly messages: Messages;
  readonly calls: ModelCalls;
  readonly drafts: Drafts;
  readonly ledger: Ledger;
}

/** An event has one turn, however often it is begun: the turn's id is the event's with its own prefix. */
export function turnOf(event: EventId): TurnId {
  return `tn_${event.slice(3)}` as TurnId;
}

export function turnTable(prepare: Prepare, { messages, calls, drafts, ledger }: Parts): TurnTable {
  const next = prepare<NextRow>(`
    SELECT e.tenant, e.id AS event, e.account, e.channel, e.payload, e.message, m.parts, e.tries, e.received_at, e.due_at,
      c.id, ${conversationColumns}
    FROM events e
      JOIN conversations c ON c.id = e.conversation AND c.tenant = e.tenant
      LEFT JOIN messages m ON m.id = e.message AND m.tenant = e.tenant
    WHERE e.conversation = ? AND e.ended_at IS NULL ORDER BY e.arrival LIMIT 1`);
  const begin = prepare<{ tries: number }>(`
    UPDATE events SET state = 'running', tries = tries + 1, agent = ?, control_version = ?
    WHERE tenant = ? AND id = ? AND ended_at IS NULL RETURNING tries`);
  const running = prepare("SELECT 1 FROM events WHERE tenant = ? AND id = ? AND state = 'running' AND tries = ?");
  const ignore = prepare("UPDATE events SET state = 'ignored', reason = ?, ended_at = ? WHERE tenant = ? AND id = ? AND ended_at IS NULL");
  const retry = prepare("UPDATE events SET state = 'queued', due_at = ? WHERE tenant = ? AND id = ? AND state = 'running' AND tries = ?");
  const cancel = prepare(`
    UPDATE events SET state = 'cancelled', reason = ?, ended_at = ? WHERE tenant = ? AND id = ? AND ended_at IS NULL AND tries = ?`);

  /** A draft never outlives its turn: what is visible stays, what nobody knows is said. */
  function endDraft(conversation: ConversationId, event: EventId, at: Instant): LedgerEntry[] {
    const draft = drafts.of(conversation, event);
    if (!draft) return [];
    return [draft.receipt === null ? drafts.lose(draft, "draft-ambiguous", at) : drafts.keep(draft, "draft-kept", at)];
  }

  return {
    next(conversation) {
      const row = next.get(conversation);
      return row && queuedOf(row);
    },

    ignore({ tenant, id, conversation, event }, reason, at) {
      if (ignore.run(reason, at, tenant, id).changes === 0) return voidTurn(id);
      const entry: LedgerEntry = { tenant, trace: id, stage: "ignored", at, reason };
      if (event.kind !== "edit") return ok(ledger.append([...endDraft(conversation.id, id, at), entry]));
      const message = messages.edit(conversation.id, event.platformId, event.sender.id, event.parts);
      return ok(ledger.append([message ? { ...entry, detail: { message } } : entry]));
    },

    begin({ event, agent, route, call, at }) {
      const { tenant, id } = event;
      const row = begin.get(agent, event.conversation.controlVersion, tenant, id);
      if (!row) return voidTurn(id);
      const turn: Turn = {
        tenant,
        id: turnOf(id),
        event: id,
        conversation: event.conversation.id,
        agent,
        state: "running",
        tries: row.tries,
        startedAt: at,
      };
      const entries = ledger.append([
        { tenant, trace: id, stage: "routed", at, detail: { agent, route } },
        { tenant, trace: id, stage: "turn-start", at, detail: { turn: turn.id, try: row.tries } },
        calls.start(tenant, id, call, at),
      ]);
      return ok({ turn, entries });
    },

    step({ tenant, event, tries }, { ended, tools, next: following, at }) {
      if (!running.get(tenant, event, tries)) return voidTurn(event);
      const entries = calls.end(tenant, event, [ended], at);
      for (const { name, callId, ok: done, ms } of tools) {
        const detail = { name, call: callId, ok: done, ms };
        entries.push({ tenant, trace: event, stage: "tool", at, detail, ...(!done && { reason: "tool-failed" }) });
      }
      if (following) entries.push(calls.start(tenant, event, following, at));
      return ok(ledger.append(entries));
    },

    retry({ tenant, event, tries, conversation }, { fault, dueAt, at, calls: made }) {
      if (retry.run(dueAt, tenant, event, tries).changes === 0) return voidTurn(event);
      const entries = calls.end(tenant, event, made, at);
      const draft = drafts.of(conversation, event);
      if (draft?.receipt === null) entries.push(drafts.lose(draft, "draft-ambiguous", at));
      const detail = { message: fault.message, try: tries, dueAt };
      entries.push({ tenant, trace: event, stage: "turn-retry", at, reason: fault.code, detail });
      return ok(ledger.append(entries));
    },

    cancel({ tenant, event, tries, conversation }, { reason, at, calls: made }) {
      if (cancel.run(reason, at, tenant, event, tries).changes === 0) return voidTurn(event);
      const entries = calls.end(tenant, event, made, at);
      entries.push(...endDraft(conversation, event, at), { tenant, trace: event, stage: "turn-cancel", at, reason });
      return ok(ledger.append(entries));
    },
  };
}

/** The lane was right, but the turn isn't running any more: the caller works with an old view. */
export function voidTurn(event: EventId): ReturnType<typeof fail> {
  return fail("fenced", `The turn of ${event} isn't the one that runs now.`);
}

function queuedOf(row: NextRow): QueuedEvent {
  const conversation = conversationOf(row);
  const payload = JSON.parse(row.payload) as object;
  const parts = row.parts === null ? undefined : (JSON.parse(row.parts) as readonly Part[]);
  return {
    tenant: row.tenant as TenantId,
    id: row.event,
    account: row.account as AccountId,
    channel: row.channel,
    conversation,
    event: { ...payload, chat: conversation.chat, ...(parts && { parts }) } as PlatformEvent,
    ...(row.message !== null && { message: row.message }),
    tries: row.tries,
    receivedAt: row.received_at,
    dueAt: row.due_at,
  };
}
