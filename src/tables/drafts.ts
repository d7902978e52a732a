import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import { type DeliveryId, newId } from "../core/ids.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import { textPart } from "../core/message.ts";
import type { BrokenOff } from "../core/store.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { Turn } from "../core/turn.ts";
import { type Deliveries, type DeliveryRow, selectDelivery } from "./deliveries.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { Prepare, Work } from "./work.ts";

/**
 * Visible drafts: deliveries in state `streaming`. A turn has one at most. With a receipt it is on the platform and the
 * final text goes over it; without one it is on its way, or nobody knows.
 */
export interface Drafts {
  begin(
    turn: Turn,
    draft: { readonly content: DeliveryContent; readonly onUnknown: OnUnknown; readonly at: Instant },
  ): Work<DeliveryId | undefined>;
  /** The turn runs, and under the control version under which it began. */
  allowed(turn: Turn): Work<boolean>;
  sent(draft: DeliveryRow, receipt: string, at: Instant): Work<readonly LedgerEntry[]>;
  refused(draft: DeliveryRow, at: Instant): Work<readonly LedgerEntry[]>;
  find(id: DeliveryId): Work<DeliveryRow | undefined>;
  /** A draft never outlives its turn: one that is visible stays as it is, one that nobody knows of is said to be so. */
  end(draft: DeliveryRow, at: Instant): Work<readonly LedgerEntry[]>;
  /**
   * The same after a takeover: what stands there is an agent's message from now on, and nothing more is sent. Where nobody
   * saw it (`stands` is absent), its first words are known.
   */
  endTaken(
    draft: DeliveryRow,
    at: Instant,
    stands?: BrokenOff,
  ): Work<{ readonly answer?: number; readonly entries: readonly LedgerEntry[] }>;
  /**
   * A visible one ends with these words, which are an agent's message from now on; after a takeover it stays as it is.
   * `answer` is the message's row.
   */
  breakOff(
    draft: DeliveryRow,
    broken: BrokenOff,
    at: Instant,
  ): Work<{ readonly answer?: number; readonly entries: readonly LedgerEntry[] }>;
  /** Nobody knows whether it arrived, and nobody will: the turn is over or starts again. */
  lose(draft: DeliveryRow, reason: string, at: Instant): Work<readonly LedgerEntry[]>;
}

interface Tables {
  readonly deliveries: Deliveries;
  readonly messages: Messages;
  readonly ledger: Ledger;
}

export function draftTable(prepare: Prepare, { deliveries, messages, ledger }: Tables): Drafts {
  const busy = prepare("SELECT 1 FROM deliveries WHERE conversation = ? AND ended_at IS NULL LIMIT 1");
  const allowed = prepare<{ account: DeliveryRow["account"]; control_version: number }>(`
    SELECT e.account, e.control_version FROM events e
      JOIN conversations c ON c.id = e.conversation AND c.control = 'agent' AND c.control_version = e.control_version
    WHERE e.tenant = ? AND e.id = ? AND e.state = 'running' AND e.tries = ?`);
  const link = prepare("UPDATE events SET draft = ? WHERE tenant = ? AND id = ?");
  const sent = prepare("UPDATE deliveries SET receipt = ?, ledger = ledger || ? WHERE seq = ?");
  const become = prepare("UPDATE deliveries SET message = ?, content = ? WHERE seq = ?");
  const remove = prepare("DELETE FROM deliveries WHERE seq = ?");
  const drop = prepare("UPDATE events SET draft = NULL, ledger = ledger || ? || ? WHERE tenant = ? AND id = ?");
  const answered = prepare("UPDATE events SET answer = ? WHERE tenant = ? AND id = ?");
  const marks = prepare<{ ledger: string }>("SELECT ledger FROM deliveries WHERE seq = ?");
  const find = prepare<DeliveryRow>(`${selectDelivery} WHERE d.id = ? AND d.state = 'streaming'`);

  function* lose(draft: DeliveryRow, reason: string, at: Instant): Work<readonly LedgerEntry[]> {
    const entries = [entry(draft, "delivery-unknown", at, {}, reason)];
    const error = { code: "channel-unknown", message: "A draft of the answer may be visible." };
    yield* deliveries.end(draft.seq, "unknown", at, ledger.append(entries), error);
    return entries;
  }

  function* keep(draft: DeliveryRow, at: Instant): Work<readonly LedgerEntry[]> {
    const entries = [entry(draft, "delivery-sent", at, { receipt: draft.receipt }, "draft-kept")];
    yield* deliveries.end(draft.seq, "sent", at, ledger.append(entries));
    return entries;
  }

  /** It stays as it is on the platform, and is an agent's message that broke off. */
  function* taken(draft: DeliveryRow, { message, parts, content }: BrokenOff, at: Instant) {
    const { tenant, trace, conversation } = draft;
    const answer = yield* messages.add({ tenant, id: message, conversation, trace, direction: "out", author: "agent", parts, at });
    const entries = [entry(draft, "delivery-sent", at, { receipt: draft.receipt, message }, "draft-broken-off")];
    yield* deliveries.end(draft.seq, "sent", at, ledger.append(entries));
    yield* become.do(message, JSON.stringify(content), draft.seq);
    yield* answered.do(answer, tenant, trace);
    return { answer, entries };
  }

  return {
    *begin(turn, { content, onUnknown, at }) {
      const { tenant, conversation, event: trace } = turn;
      if (yield* busy.get(conversation)) return undefined;
      const place = yield* allowed.get(tenant, trace, turn.tries);
      if (!place) return undefined;
      const id = newId("delivery", at);
      const mark = ledger.append([{ tenant, trace, stage: "delivery-start", at, detail: { delivery: id, draft: true } }]);
      const { account, control_version: writtenUnder } = place;
      yield* deliveries.add({ tenant, id, trace, account, conversation, state: "streaming", content, onUnknown, writtenUnder, at }, mark);
      yield* link.do(id, tenant, trace);
      return id;
    },
    *allowed({ tenant, event, tries }) {
      return (yield* allowed.get(tenant, event, tries)) !== undefined;
    },
    *sent(draft, receipt, at) {
      const entries = [entry(draft, "delivery-sent", at, { receipt })];
      yield* sent.do(receipt, ledger.append(entries), draft.seq);
      return entries;
    },
    *refused(draft, at) {
      const entries = [entry(draft, "delivery-drop", at, {}, "draft-refused")];
      // Its story stays in the ledger: the event takes over what the row named.
      yield* drop.do((yield* marks.get(draft.seq))?.ledger ?? "", ledger.append(entries), draft.tenant, draft.trace);
      yield* remove.do(draft.seq);
      return entries;
    },
    find: (id) => find.get(id),
    *breakOff(draft, { message, parts, content }, at) {
      const { tenant, trace, conversation, written_under: writtenUnder } = draft;
      const { control, control_version: version } = draft;
      if (writtenUnder === null || control !== "agent" || version !== writtenUnder) return { entries: yield* keep(draft, at) };
      const answer = yield* messages.add({ tenant, id: message, conversation, trace, direction: "out", author: "agent", parts, at });
      const entries = [entry(draft, "delivery-queued", at, { message }, "draft-broken-off")];
      yield* deliveries.overwrite(draft.seq, { message, content, writtenUnder, at }, ledger.append(entries));
      yield* answered.do(answer, tenant, trace);
      return { answer, entries };
    },
    *end(draft, at) {
      return draft.receipt === null ? yield* lose(draft, "draft-ambiguous", at) : yield* keep(draft, at);
    },
    *endTaken(draft, at, stands) {
      if (draft.receipt === null) return { entries: yield* lose(draft, "draft-ambiguous", at) };
      if (stands) return yield* taken(draft, stands, at);
      const content = JSON.parse(draft.content) as DeliveryContent;
      return yield* taken(draft, { message: newId("message", at), parts: [textPart(content.visible)], content }, at);
    },
    lose,
  };
}

function entry(
  { tenant, trace, id }: DeliveryRow,
  stage: Stage,
  at: Instant,
  detail: { readonly [key: string]: Json },
  reason?: string,
): LedgerEntry {
  return { tenant, trace, stage, at, detail: { delivery: id, draft: true, ...detail }, ...(reason && { reason }) };
}
