import type { DeliveryContent, OnUnknown } from "../../core/delivery.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { type DeliveryId, type MessageId, newId } from "../../core/ids.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { TurnFinish } from "../../core/store.ts";
import type { Prepare } from "./database.ts";
import type { Deliveries, DeliveryRow } from "./deliveries.ts";
import type { Drafts } from "./drafts.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { ModelCalls } from "./model-calls.ts";
import { voidTurn } from "./turns.ts";

/** See `TurnStore.finishTurn`: the answer, its deliveries, the event's end and the calls' usage together, or nothing. */
export type FinishTurn = (finish: TurnFinish) => Result<Finished>;

export interface Finished {
  readonly deliveries: readonly DeliveryId[];
  readonly message?: MessageId;
  readonly entries: readonly LedgerEntry[];
}

interface Parts {
  readonly messages: Messages;
  readonly calls: ModelCalls;
  readonly deliveries: Deliveries;
  readonly drafts: Drafts;
  readonly ledger: Ledger;
}

export function finishTurn(prepare: Prepare, { messages, calls, deliveries, drafts, ledger }: Parts): FinishTurn {
  // One statement checks control and takes the places in the conversation's order.
  const depart = prepare<{ departures: number }>(`
    UPDATE conversations SET departures = departures + ?
    WHERE tenant = ? AND id = ? AND control = 'agent' AND control_version = ? RETURNING departures`);
  const giveBack = prepare("UPDATE conversations SET departures = departures - ? WHERE tenant = ? AND id = ?");
  const end = prepare<{ arrival: number }>(`
    UPDATE events SET state = ?, reason = ?, ended_at = ?
    WHERE tenant = ? AND id = ? AND state = 'running' AND tries = ? RETURNING arrival`);
  const takeOver = prepare(`
    UPDATE deliveries SET state = 'queued', content = ?, message = ?, on_unknown = 'repeat', attempts = 0, due_at = ?, control_version = ?
    WHERE seq = ?`);

  return (finish) => {
    const { turn, event, at, controlVersion: version } = finish;
    const { tenant, conversation } = turn;
    const count = finish.deliveries.length;
    const place = depart.get(count, tenant, conversation, version);
    if (!place) return fail("version-conflict", "Control of the conversation is no longer the agent's.");
    const ended = end.get(finish.state, finish.fault?.code ?? null, at, tenant, turn.event, turn.tries);
    if (!ended) {
      giveBack.run(count, tenant, conversation);
      return voidTurn(turn.event);
    }
    const entries = calls.end(tenant, turn.event, finish.calls, at);
    const message = finish.parts.length > 0 || count > 0 ? finish.message : undefined;
    if (message) {
      messages.add({
        tenant,
        id: message,
        conversation,
        arrival: ended.arrival,
        trace: turn.event,
        direction: "out",
        author: finish.state === "done" ? "agent" : "system",
        parts: finish.parts,
        at,
      });
    }
    entries.push(endOf(finish, message));

    let n = place.departures - count;
    let draft = drafts.of(conversation, turn.event);
    if (draft && (draft.receipt === null || count === 0)) {
      entries.push(draft.receipt === null ? drafts.lose(draft, "draft-ambiguous", at) : drafts.keep(draft, "draft-kept", at));
      draft = undefined;
    }
    const ids = finish.deliveries.map((delivery, index) => {
      n += 1;
      const id = index === 0 && draft ? overDraft(draft, delivery) : add(delivery);
      entries.push({ tenant, trace: turn.event, stage: "delivery-queued", at, detail: { delivery: id } });
      return id;
    });
    ledger.append(entries);
    return ok({ deliveries: ids, entries, ...(message && { message }) });

    function overDraft({ seq, id }: DeliveryRow, { content }: { readonly content: DeliveryContent }): DeliveryId {
      takeOver.run(JSON.stringify(content), finish.message, at, version, seq);
      return id;
    }

    function add({ content, onUnknown }: { readonly content: DeliveryContent; readonly onUnknown: OnUnknown }): DeliveryId {
      const id = newId("delivery", at);
      deliveries.add({
        tenant,
        id,
        trace: turn.event,
        account: event.account,
        conversation,
        n,
        message: finish.message,
        turn: turn.id,
        state: "queued",
        content,
        onUnknown,
        writtenUnder: version,
        at,
      });
      return id;
    }
  };
}

function endOf({ turn, fault, at, state }: TurnFinish, message: MessageId | undefined): LedgerEntry {
  const { tenant, event: trace } = turn;
  const detail = { turn: turn.id, ...(message && { message }) };
  if (state === "done") return { tenant, trace, stage: "turn-done", at, detail };
  const why = fault ? { reason: fault.code, detail: { ...detail, message: fault.message } } : { detail };
  return { tenant, trace, stage: "turn-fail", at, ...why };
}
