import { type Fault, fail, ok, type Result } from "../core/errors.ts";
import type { MessageId, TenantId, TraceId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Instant } from "../core/terms.ts";
import type { Touched, TouchRequest } from "../core/touch.ts";
import type { Audit } from "./audit.ts";
import { type ConversationRow, type Conversations, chatOf } from "./conversations.ts";
import { type DeliveryRow, selectDelivery } from "./deliveries.ts";
import { entryOf } from "./entries.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { SettleOne } from "./settle.ts";
import type { Prepare, Work } from "./work.ts";

/** See `TouchStore`. */
export interface Touches {
  begin(request: TouchRequest, at: Instant): Work<Result<Touched>>;
  end(touched: Touched, request: TouchRequest, why: Fault | undefined, at: Instant): Work<readonly LedgerEntry[]>;
}

interface Parts {
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly messages: Messages;
  readonly conversations: Conversations;
  readonly settleOne: SettleOne;
}

interface Row extends ConversationRow {
  readonly direction: "in" | "out";
  readonly trace: TraceId;
  readonly platform_id: string | null;
}

export function touchTable(prepare: Prepare, { ledger, audit, messages, conversations, settleOne }: Parts): Touches {
  const find = prepare<Row>(`
    SELECT c.*, m.direction, m.trace, m.platform_id FROM messages m JOIN conversations c ON c.id = m.conversation AND c.tenant = m.tenant
    WHERE m.tenant = ? AND m.id = ?`);
  const pieces = prepare<DeliveryRow>(`${selectDelivery} WHERE d.trace = ? AND d.tenant = ? AND d.message = ? ORDER BY d.seq`);
  const mark = prepare("UPDATE events SET ledger = ledger || ? WHERE tenant = ? AND id = ?");

  function* note(of: { readonly tenant: TenantId; readonly trace: TraceId }, entry: LedgerEntry): Work<void> {
    yield* mark.do(ledger.append([entry]), of.tenant, of.trace);
  }

  return {
    *begin({ tenant, message, touch, by, writtenUnder }, at) {
      const row = yield* find.get(tenant, message);
      if (!row) return fail("not-found", "there is no message with this id");
      if (writtenUnder !== undefined && (row.control !== "agent" || row.control_version !== writtenUnder)) {
        return fail("version-conflict", "Control of the conversation is no longer the agent's.");
      }
      if (touch.kind === "take-back" && row.direction === "in")
        return fail("request-invalid", "only a message that was sent from here can be taken back");
      const sent = row.direction === "out" ? yield* pieces.all(row.trace, tenant, message) : [];
      const taking = touch.kind === "take-back";
      if (taking && sent.some(({ state }) => state === "sending" || state === "streaming")) {
        return fail("busy", "a piece of the message is just being sent");
      }
      const platformIds = row.direction === "in" ? [row.platform_id] : sent.map(({ receipt }) => receipt);
      const known = platformIds.filter((id) => id !== null);
      const waiting = sent.filter(({ state }) => state !== "sent" && state !== "dropped");
      if (known.length === 0 && !(taking && waiting.length > 0)) return fail("request-invalid", "the message isn't on the platform");
      const lost = waiting.filter(({ state, receipt }) => state === "unknown" && receipt === null).length;
      if (taking) for (const piece of waiting) yield* settleOne(piece, "drop", by, at);
      const reaction = touch.kind === "react" ? { reaction: touch.reaction ?? null } : {};
      if (writtenUnder === undefined)
        yield* audit.add({ tenant, at, actor: by, action: `message-${touch.kind}`, subject: message, detail: reaction });
      const entry = entryOf({ tenant, trace: row.trace }, touch.kind, at, { message, by, ...reaction, state: "begun" });
      yield* note({ tenant, trace: row.trace }, entry);
      const { account, id: conversation } = row;
      return ok({
        tenant,
        message,
        trace: row.trace,
        account,
        conversation,
        chat: chatOf(row),
        platformIds: known,
        lost,
        entries: [entry],
      });
    },

    *end(touched, { touch, by }, why, at) {
      const { tenant, message, conversation, lost } = touched;
      const state = why ? { state: "failed", why: why.message } : { state: "done", ...(lost > 0 && { lost }) };
      const entry = entryOf(touched, touch.kind, at, { message, by, ...state }, why?.code);
      yield* note(touched, entry);
      if (touch.kind === "take-back" && !why) {
        yield* messages.empty(message as MessageId);
        yield* conversations.changePast(tenant, conversation);
      }
      return [entry];
    },
  };
}
