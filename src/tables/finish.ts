import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import { type DeliveryId, type MessageId, newId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { FinishedTurn, PastMessage, QueuedEvent, TurnFinish } from "../core/store.ts";
import type { Control } from "../core/terms.ts";
import type { Approvals } from "./approvals.ts";
import type { Blocks } from "./blocks.ts";
import type { Deliveries, DeliveryRow } from "./deliveries.ts";
import type { Drafts } from "./drafts.ts";
import type { Joins, LeadRow } from "./joins.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import { callEnded, type ModelCalls } from "./model-calls.ts";
import { voidTurn } from "./turns.ts";
import { each, type Prepare, type Work } from "./work.ts";

/** See `TurnStore.finishTurn`: the answer, its deliveries, the event's end and the calls' usage together, or nothing. */
export type FinishTurn = (finish: TurnFinish) => Work<Result<FinishedTurn>>;

interface Parts {
  readonly approvals: Approvals;
  readonly messages: Messages;
  readonly calls: ModelCalls;
  readonly deliveries: Deliveries;
  readonly drafts: Drafts;
  readonly blocks: Blocks;
  readonly joins: Joins;
  readonly ledger: Ledger;
}

export function finishTurn(prepare: Prepare, { approvals, messages, calls, deliveries, drafts, blocks, joins, ledger }: Parts): FinishTurn {
  const running = prepare<LeadRow & { draft: DeliveryId | null; control: Control; control_version: number }>(`
    SELECT e.seq, e.joined, e.draft, c.control, c.control_version FROM events e JOIN conversations c ON c.id = e.conversation
    WHERE e.seq = ? AND e.tenant = ? AND e.id = ? AND e.state = 'running' AND e.tries = ?`);
  const end = prepare(
    "UPDATE events SET state = ?, reason = ?, ended_at = ?, answer = ?, steps = NULL, handed = NULL, ledger = ledger || ? WHERE seq = ?",
  );
  const setAgent = prepare("UPDATE conversations SET agent = ? WHERE tenant = ? AND id = ?");

  return function* (finish) {
    const { turn, event, at, controlVersion, handOver } = finish;
    // What hands over is the last that the agent says: the takeover that it brings doesn't keep it back.
    const writtenUnder = handOver ? undefined : controlVersion;
    const { tenant, conversation, event: trace } = turn;
    const now = yield* running.get(event.past.story, tenant, trace, turn.tries);
    if (!now) return voidTurn(trace);
    if (now.control !== "agent" || now.control_version !== controlVersion) {
      return fail("version-conflict", "Control of the conversation is no longer the agent's.");
    }
    // The first try of a turn in whole has none: nothing needs to be asked.
    if ((finish.said !== undefined || turn.tries > 1) && (yield* blocks.said(tenant, trace)) !== (finish.said ?? ""))
      return voidTurn(trace);
    const message = finish.parts.length > 0 || finish.deliveries.length > 0 ? finish.message : undefined;
    const entries = finish.calls.map((call) => callEnded(tenant, trace, call, at));
    const { approval } = finish;
    if (approval) {
      yield* approvals.ask(approval);
      entries.push({ tenant, trace, stage: "approval", at, detail: { message: approval.message, tool: approval.tool, state: "asked" } });
    }
    entries.push(endOf(finish, message));
    let answer: number | null = null;
    let told: PastMessage | undefined;
    if (message) {
      const author = finish.state === "done" ? "agent" : "system";
      told = { id: message, conversation, direction: "out", author, parts: finish.parts, at };
      answer = yield* messages.add({ ...told, tenant, trace });
    }
    const reason = finish.state === "failed" ? (finish.fault?.code ?? "turn-failed") : null;
    yield* end.do(finish.state, reason, at, answer, ledger.append(entries), now.seq);
    yield* calls.add(tenant, trace, finish.calls, at);
    if (finish.agent !== undefined) yield* setAgent.do(finish.agent, tenant, conversation);
    entries.push(...(yield* joins.end(turn, now, { state: finish.state, reason, answer, at, ...(message && { detail: { message } }) })));

    if (finish.said) yield* blocks.join(tenant, trace, finish.message);
    let draft = now.draft === null ? undefined : yield* drafts.find(now.draft);
    if (draft && (draft.receipt === null || finish.deliveries.length === 0)) {
      entries.push(...(yield* drafts.end(draft, at)));
      draft = undefined;
    }
    const ids = yield* each(finish.deliveries, (delivery, index) => (index === 0 && draft ? overDraft(draft, delivery) : add(delivery)));
    const said = now.joined === null ? saidIn(event, told) : undefined;
    return ok({ deliveries: ids, entries, ...(message && { message }), ...(said && { said }) });

    function* overDraft({ seq, id }: DeliveryRow, { content }: { readonly content: DeliveryContent }): Work<DeliveryId> {
      yield* deliveries.overwrite(seq, { message: finish.message, content, writtenUnder, at }, queued(id));
      return id;
    }

    function* add({ content, onUnknown }: { readonly content: DeliveryContent; readonly onUnknown: OnUnknown }): Work<DeliveryId> {
      const id = newId("delivery", at);
      const { account } = event;
      const delivery = { tenant, id, trace, account, conversation, message: finish.message, content, onUnknown, at };
      yield* deliveries.add({ ...delivery, state: "queued", ...(writtenUnder !== undefined && { writtenUnder }) }, queued(id));
      return id;
    }

    function queued(id: DeliveryId): string {
      const entry: LedgerEntry = { tenant, trace, stage: "delivery-queued", at, detail: { delivery: id } };
      entries.push(entry);
      return ledger.append([entry]);
    }
  };
}

/** An attachment may have been stored since the event was read: then its message says something else. */
function saidIn({ conversation, message: id, event, receivedAt: at }: QueuedEvent, told: PastMessage | undefined) {
  const answer = told ? [told] : [];
  if (event.kind !== "message" || id === undefined) return answer;
  if (event.parts.some((part) => "source" in part)) return undefined;
  const { sender, parts } = event;
  return [{ id, conversation: conversation.id, direction: "in", sender, parts, at } as const, ...answer];
}

function endOf({ turn, fault, at, state }: TurnFinish, message: MessageId | undefined): LedgerEntry {
  const { tenant, event: trace } = turn;
  const detail = { turn: turn.id, ...(message && { message }) };
  if (state === "done") return { tenant, trace, stage: "turn-done", at, detail };
  const why = fault ? { reason: fault.code, detail: { ...detail, message: fault.message } } : { detail };
  return { tenant, trace, stage: "turn-fail", at, ...why };
}
