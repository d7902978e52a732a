import type { Hold } from "../core/budget.ts";
import type { Chosen } from "../core/choice.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { PlatformEvent } from "../core/event.ts";
import { type ConversationId, type DeliveryId, type EventId, newId, type TenantId, type TraceId } from "../core/ids.ts";
import type { IgnoreReason, LedgerEntry } from "../core/ledger.ts";
import type { Part } from "../core/message.ts";
import type { EventState } from "../core/records.ts";
import type { FinishedStep } from "../core/step.ts";
import type {
  CancelledTurn,
  Handed,
  HeldEvent,
  Notice,
  QueuedEvent,
  StepEnd,
  TurnBegin,
  TurnCancel,
  TurnRetry,
  TurnStep,
  Written,
} from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { Turn } from "../core/turn.ts";
import type { Approvals } from "./approvals.ts";
import type { Blocks } from "./blocks.ts";
import type { BudgetTable } from "./budgets.ts";
import { type ConversationRow, conversationColumns, conversationOf } from "./conversations.ts";
import type { Deliveries } from "./deliveries.ts";
import { messageOfEvent, turnOfEvent } from "./derived-ids.ts";
import type { Drafts } from "./drafts.ts";
import type { History } from "./history.ts";
import type { Joins, LeadRow } from "./joins.ts";
import type { Ledger } from "./ledger.ts";
import { lostCalls } from "./lost-calls.ts";
import type { Messages } from "./messages.ts";
import { callEnded, callStarted, type ModelCalls } from "./model-calls.ts";
import type { Pairings } from "./pairings.ts";
import type { Receipts } from "./receipts.ts";
import type { SenderDays } from "./sender-days.ts";
import { each, type Prepare, type Work } from "./work.ts";

export interface TurnTable {
  next(conversation: ConversationId): Work<QueuedEvent | undefined>;
  waiting(conversation: ConversationId, behind: EventId, limit: number): Work<readonly QueuedEvent[]>;
  postpone(event: QueuedEvent, dueAt: Instant, at: Instant): Work<Written>;
  choose(event: QueuedEvent, chosen: Chosen, at: Instant): Work<Written>;
  /** Whether the sender is yet to be told. */
  hold(event: QueuedEvent, held: HeldEvent): Work<Result<{ readonly entries: readonly LedgerEntry[]; readonly tell: boolean }>>;
  ignore(event: QueuedEvent, reason: IgnoreReason, at: Instant, notice?: Notice): Work<Written>;
  begin(begin: TurnBegin): Work<Result<{ turn: Turn; entries: readonly LedgerEntry[] }>>;
  step(turn: Turn, step: TurnStep): Work<Written>;
  retry(turn: Turn, retry: TurnRetry): Work<Written>;
  cancel(turn: CancelledTurn, cancel: TurnCancel): Work<Written>;
  /** Hangs entries on a story. */
  tell(story: TraceId, entries: readonly LedgerEntry[]): Work<readonly LedgerEntry[]>;
}

interface NextRow extends ConversationRow {
  readonly event: EventId;
  readonly what: PlatformEvent["kind"];
  readonly state: EventState;
  readonly payload: string;
  readonly sender: string | null;
  readonly parts: string | null;
  readonly tries: number;
  readonly crashes: number;
  readonly received_at: Instant;
  readonly due_at: Instant;
  readonly choice: string | null;
  readonly steps: string | null;
  readonly handed: string | null;
  readonly seq: number;
  readonly before: number | null;
  readonly history_from: number | null;
  readonly past_version: number;
}

interface EndedRow extends LeadRow {
  readonly draft: DeliveryId | null;
}

interface Parts {
  readonly approvals: Approvals;
  readonly budgets: BudgetTable;
  readonly calls: ModelCalls;
  readonly drafts: Drafts;
  readonly blocks: Blocks;
  readonly joins: Joins;
  readonly history: History;
  readonly ledger: Ledger;
  readonly receipts: Receipts;
  readonly pairings: Pairings;
  readonly senders: SenderDays;
  readonly messages: Messages;
  readonly deliveries: Deliveries;
}

export function turnTable(prepare: Prepare, parts: Parts): TurnTable {
  const { approvals, budgets, calls, drafts, blocks, joins, history, ledger, receipts, pairings, senders, messages, deliveries } = parts;
  const queued = `
    SELECT c.tenant, c.id, c.account, c.channel, ${conversationColumns}, e.id AS event, e.kind AS what, e.state, e.payload, e.tries, e.crashes,
      e.received_at, e.due_at, e.choice, e.steps, e.handed, e.seq, e.before, c.history_from, c.past_version, m.sender, m.parts
    FROM events e
      JOIN conversations c ON c.id = e.conversation AND c.tenant = e.tenant
      LEFT JOIN messages m ON m.seq = e.message
    WHERE e.conversation = ? AND e.ended_at IS NULL`;
  const next = prepare<NextRow>(`${queued} ORDER BY e.seq LIMIT 1`);
  const waiting = prepare<NextRow>(`
    ${queued} AND e.state = 'queued' AND e.seq > (SELECT f.seq FROM events f WHERE f.id = ?) ORDER BY e.seq LIMIT ?`);
  const postpone = prepare("UPDATE events SET due_at = ?, put_off_at = ? WHERE tenant = ? AND id = ? AND state = 'queued' AND tries = ?");
  const choose = prepare("UPDATE events SET choice = ? WHERE tenant = ? AND id = ? AND state = 'queued' AND tries = ?");
  const waitingRow = prepare<{ reason: string | null }>(
    "SELECT reason FROM events WHERE tenant = ? AND id = ? AND state = 'queued' AND tries = ?",
  );
  const hold = prepare("UPDATE events SET due_at = ?, put_off_at = ?, reason = ?, ledger = ledger || ? WHERE tenant = ? AND id = ?");
  const begin = prepare(`
    UPDATE events SET state = 'running', reason = NULL, tries = tries + 1, agent = ?1, control_version = ?2, ledger = ledger || ?3
    WHERE seq = ?4 AND tenant = ?5 AND id = ?6 AND ended_at IS NULL AND tries = ?7
      AND (SELECT c.control_version FROM conversations c WHERE c.id = events.conversation) = ?2`);
  const step = prepare("UPDATE events SET ledger = ledger || ? WHERE tenant = ? AND id = ? AND state = 'running' AND tries = ?");
  const finished = prepare<{ steps: string | null }>("SELECT steps FROM events WHERE tenant = ? AND id = ?");
  const keep = prepare("UPDATE events SET steps = ? WHERE tenant = ? AND id = ?");
  const handedRow = prepare<{ handed: string | null }>("SELECT handed FROM events WHERE tenant = ? AND id = ?");
  const handOn = prepare("UPDATE events SET agent = ?, handed = ? WHERE tenant = ? AND id = ?");
  const ignore = prepare<EndedRow>(`
    UPDATE events SET state = 'ignored', reason = ?, ended_at = ?, steps = NULL, handed = NULL,
      control_version = (SELECT c.control_version FROM conversations c WHERE c.id = events.conversation)
    WHERE tenant = ? AND id = ? AND ended_at IS NULL
    RETURNING draft, seq, joined`);
  const retry = prepare<EndedRow>(`
    UPDATE events SET state = 'queued', due_at = ?1, put_off_at = ?6, tries = CASE WHEN tries > ?2 THEN tries - ?2 ELSE 1 END
    WHERE tenant = ?3 AND id = ?4 AND state = 'running' AND tries = ?5
    RETURNING draft, seq, joined`);
  const cancel = prepare<EndedRow>(`
    UPDATE events SET state = 'cancelled', reason = ?, ended_at = ?, steps = NULL, handed = NULL
    WHERE tenant = ? AND id = ? AND ended_at IS NULL AND tries = ? RETURNING draft, seq, joined`);
  const unendedRow = prepare<LeadRow & { readonly ledger: string }>("SELECT seq, joined, ledger FROM events WHERE tenant = ? AND id = ?");
  const lose = lostCalls(calls, ledger);
  const tell = prepare("UPDATE events SET ledger = ledger || ? WHERE id = ?");
  const setAnswer = prepare("UPDATE events SET answer = ? WHERE tenant = ? AND id = ?");

  function* endShown(
    id: DeliveryId | null,
    reason: IgnoreReason,
    at: Instant,
    { broken, stands }: Pick<TurnCancel, "broken" | "stands"> = {},
  ): Work<{ readonly answer?: number; readonly entries: readonly LedgerEntry[] }> {
    const draft = id === null ? undefined : yield* drafts.find(id);
    if (!draft) return { entries: [] };
    if (reason.startsWith("control-")) return yield* drafts.endTaken(draft, at, stands);
    return broken && draft.receipt !== null ? yield* drafts.breakOff(draft, broken, at) : { entries: yield* drafts.end(draft, at) };
  }

  function* hang(event: TraceId, entries: readonly LedgerEntry[]): Work<readonly LedgerEntry[]> {
    if (entries.length > 0) yield* tell.do(ledger.append(entries), event);
    return entries;
  }

  function* give(
    { tenant, id: trace, account, conversation: { id: conversation, controlVersion }, event }: QueuedEvent,
    notice: Notice,
    at: Instant,
  ) {
    const { message, parts, onceOn, pairing } = notice;
    if (pairing && !(yield* pairings.ask(tenant, account, pairing))) return [];
    if (onceOn !== undefined && !(yield* senders.tell({ tenant, account, sender: event.sender.id }, onceOn))) return [];
    yield* setAnswer.do(
      yield* messages.add({ tenant, id: message, conversation, trace, direction: "out", author: "system", parts, at }),
      tenant,
      trace,
    );
    return (yield* each(notice.deliveries, function* ({ content, onUnknown }) {
      const id = newId("delivery", at);
      const entries = [{ tenant, trace, stage: "delivery-queued", at, detail: { delivery: id, author: "system" } }] as const;
      const delivery = { tenant, id, trace, account, conversation, message, state: "queued", content, onUnknown, at } as const;
      yield* deliveries.add({ ...delivery, writtenUnder: controlVersion }, ledger.append(entries));
      return entries;
    })).flat();
  }

  /** What an event that nobody answers changes, once it was let in. */
  function* take({ tenant, account, conversation: { id }, event }: QueuedEvent, story: number, at: Instant) {
    const entries = event.kind === "receipt" ? yield* receipts.tell(tenant, account, event, story, at) : [];
    const message = event.kind === "edit" || event.kind === "delete" ? yield* history.change(tenant, id, event) : undefined;
    return { entries, ...(message && { message }) };
  }

  return {
    tell: hang,

    *next(conversation) {
      const row = yield* next.get(conversation);
      if (!row) return undefined;
      const said = row.tries === 0 ? "" : yield* blocks.said(row.tenant, row.event);
      return said === "" ? queuedOf(row) : { ...queuedOf(row), said };
    },

    *waiting(conversation, behind, limit) {
      return (yield* waiting.all(conversation, behind, limit)).map(queuedOf);
    },

    *postpone({ tenant, id, tries }, dueAt, at) {
      return (yield* postpone.run(dueAt, at, tenant, id, tries)).changes === 0 ? voidTurn(id) : ok([]);
    },

    *choose({ tenant, id, tries }, chosen, at) {
      if ((yield* choose.run(JSON.stringify(chosen), tenant, id, tries)).changes === 0) return voidTurn(id);
      return ok(yield* hang(id, [{ tenant, trace: id, stage: "classified", at, detail: { ...chosen } }]));
    },

    *hold({ tenant, id, tries, account, event: { sender } }, { dueAt, at, reason, notice }) {
      const before = yield* waitingRow.get(tenant, id, tries);
      if (!before) return voidTurn(id);
      // Its story says so once, however often it is looked at again.
      const held = { tenant, trace: id, stage: "held", at, reason, detail: { dueAt } } as const;
      const entries = before.reason === reason ? [] : [held];
      yield* hold.do(dueAt, at, reason, ledger.append(entries), tenant, id);
      const tell = notice !== undefined && (yield* senders.tell({ tenant, account, sender: sender.id }, notice.onceOn));
      return ok({ entries, tell });
    },

    *ignore(queued, reason, at, notice) {
      const { tenant, id, conversation } = queued;
      const unended = queued.unended ? yield* unendedRow.get(tenant, id) : undefined;
      const row = yield* ignore.get(reason, at, tenant, id);
      if (!row) return voidTurn(id);
      if (unended) yield* lose({ tenant, id, ledger: unended.ledger });
      const told = reason === "nothing-to-answer" ? yield* take(queued, row.seq, at) : { entries: [] };
      const message = told.message;
      const ended = { tenant, trace: id, stage: "ignored", at, reason, ...(message && { detail: { message } }) } as const;
      const own = yield* hang(id, unended ? [gaveUp(queued, at), ended] : [ended]);
      // What had joined a turn that nobody ended gets one of its own.
      const freed = yield* joins.release({ tenant, event: id, conversation: conversation.id }, row, "store-unavailable", at);
      const kept = queued.tries === 0 ? { entries: [] } : yield* blocks.keep(tenant, id, at);
      if (kept.answer !== undefined) yield* setAnswer.do(kept.answer, tenant, id);
      const { entries: shown } = yield* endShown(row.draft, reason, at);
      return ok([...shown, ...kept.entries, ...own, ...told.entries, ...(notice ? yield* give(queued, notice, at) : []), ...freed]);
    },

    *begin({ event, agent, version, scaled, route, call, quota, at, joined, approval }) {
      const { tenant, id: trace, conversation, account } = event;
      const sender = { tenant, account, sender: event.event.sender.id };
      const counted = event.tries === 0 ? quota : undefined;
      if (counted && (yield* senders.turns(sender, counted.day)) >= counted.turns) {
        return fail("sender-quota", `The sender had ${counted.turns} turns today.`);
      }
      const spent = call?.holds && (yield* budgets.over(tenant, call.holds));
      if (spent) return budgetSpent(spent);
      if (approval && !(yield* approvals.may(tenant, approval.message, approval.verdict, trace))) {
        return fail("version-conflict", "That was answered already.");
      }
      const turn = turnOfEvent(trace);
      const tries = event.tries + 1;
      const unended = event.unended ? yield* unendedRow.get(tenant, trace) : undefined;
      const entries: LedgerEntry[] = [
        ...(unended ? [gaveUp(event, at)] : []),
        {
          tenant,
          trace,
          stage: "routed",
          at,
          detail: { agent, route, ...(version !== undefined && { version }), ...(scaled && { scaled }) },
        },
        { tenant, trace, stage: "turn-start", at, detail: { turn, try: tries } },
        ...(approval
          ? [{ tenant, trace, stage: "approval", at, detail: { message: approval.message, state: approval.verdict } } as const]
          : []),
        ...(call ? [callStarted(tenant, trace, call, at)] : []),
      ];
      const { mark, fill } = ledger.reserve(entries.length);
      if ((yield* begin.run(agent, conversation.controlVersion, mark, event.past.story, tenant, trace, event.tries)).changes === 0)
        return voidTurn(trace);
      fill(entries);
      if (call) yield* budgets.reserve(tenant, call);
      if (approval) yield* approvals.say(tenant, approval.message, approval.verdict, trace);
      if (counted) yield* senders.count(sender, counted.day);
      const { id } = conversation;
      const lead = { tenant, event: trace, conversation: id };
      if (unended) {
        yield* lose({ tenant, id: trace, ledger: unended.ledger });
        entries.push(...(yield* joins.release(lead, unended, "store-unavailable", at)));
      }
      if (joined?.length) entries.push(...(yield* joins.add(lead, joined, "collected", at)));
      return ok({
        turn: { tenant, id: turn, event: trace, conversation: id, agent, state: "running", tries, startedAt: at },
        entries,
      });
    },

    *step({ tenant, event, conversation, tries }, { ended, step: end, hand, tools, next: following, at, joined }) {
      const spent = following?.holds && (yield* budgets.over(tenant, following.holds, ended));
      if (spent) return budgetSpent(spent);
      const entries = ended ? [callEnded(tenant, event, ended, at)] : [];
      if (end) entries.push(stepEnded(tenant, event, end, at));
      for (const { name, callId, ok: done, ms } of tools) {
        const detail = { name, call: callId, ok: done, ms };
        entries.push({ tenant, trace: event, stage: "tool", at, detail, ...(!done && { reason: "tool-failed" }) });
      }
      if (hand) entries.push({ tenant, trace: event, stage: "handed", at, detail: { ...hand } });
      if (following) entries.push(callStarted(tenant, event, following, at));
      const { mark, fill } = ledger.reserve(entries.length);
      if ((yield* step.run(mark, tenant, event, tries)).changes === 0) return voidTurn(event);
      fill(entries);
      if (ended) yield* calls.add(tenant, event, [ended], at);
      if (end?.finished) {
        const before = listOf<FinishedStep>((yield* finished.get(tenant, event))?.steps);
        yield* keep.do(JSON.stringify([...before, end.finished]), tenant, event);
      }
      if (hand) {
        const { version: _, ...handed } = hand;
        const before = listOf<Handed>((yield* handedRow.get(tenant, event))?.handed);
        yield* handOn.do(hand.to, JSON.stringify([...before, handed]), tenant, event);
      }
      if (following) yield* budgets.reserve(tenant, following);
      if (joined?.length) entries.push(...(yield* joins.add({ tenant, event, conversation }, joined, "steered", at)));
      return ok(entries);
    },

    *retry({ tenant, event, conversation, tries }, { fault, dueAt, at, calls: made, spared }) {
      const row = yield* retry.get(dueAt, Number(spared === true), tenant, event, tries, at);
      if (!row) return voidTurn(event);
      yield* calls.add(tenant, event, made, at);
      const draft = row.draft === null ? undefined : yield* drafts.find(row.draft);
      // A visible one waits for the next try to write over it.
      const lost = draft?.receipt === null ? yield* drafts.lose(draft, "draft-ambiguous", at) : [];
      const detail = { message: fault.message, try: tries, dueAt };
      const ended = made.map((call) => callEnded(tenant, event, call, at));
      const own = yield* hang(event, [...ended, { tenant, trace: event, stage: "turn-retry", at, reason: fault.code, detail }]);
      return ok([...lost, ...own, ...(yield* joins.release({ tenant, event, conversation }, row, fault.code, at))]);
    },

    *cancel({ tenant, event, conversation, tries, unended }, { reason, at, calls: made, broken, stands }) {
      const marks = unended ? (yield* unendedRow.get(tenant, event))?.ledger : undefined;
      const row = yield* cancel.get(reason, at, tenant, event, tries);
      if (!row) return voidTurn(event);
      yield* calls.add(tenant, event, made, at);
      const ended = made.map((call) => callEnded(tenant, event, call, at));
      if (marks !== undefined) yield* lose({ tenant, id: event, ledger: marks });
      const before = marks === undefined ? [] : [gaveUp({ tenant, id: event, tries }, at)];
      const own = yield* hang(event, [...before, ...ended, { tenant, trace: event, stage: "turn-cancel", at, reason }]);
      const shown = yield* endShown(row.draft, reason, at, { broken, stands });
      const kept = tries === 0 ? { entries: [] } : yield* blocks.keep(tenant, event, at);
      const answer = shown.answer ?? kept.answer ?? null;
      if (kept.answer !== undefined) yield* setAnswer.do(kept.answer, tenant, event);
      const end = { state: "cancelled", reason, at, answer } as const;
      return ok([...own, ...shown.entries, ...kept.entries, ...(yield* joins.end({ tenant, event, conversation }, row, end))]);
    },
  };
}

/** The lane was right, but the turn isn't the one that runs: the caller works with an old view. */
export function voidTurn(event: EventId): ReturnType<typeof fail> {
  return fail("fenced", `The turn of ${event} isn't the one that runs now.`);
}

export function budgetSpent({ budget, key, window }: Hold): ReturnType<typeof fail> {
  return fail("budget-spent", `The budget ${budget}${key && ` of ${key}`} is used up in ${window}.`);
}

/** Its worker couldn't store what became of it, and let the lane go before anybody missed it. */
function gaveUp({ tenant, id, tries }: Pick<QueuedEvent, "tenant" | "id" | "tries">, at: Instant): LedgerEntry {
  return { tenant, trace: id, stage: "turn-retry", at, reason: "store-unavailable", detail: { try: tries } };
}

function queuedOf(row: NextRow): QueuedEvent {
  const conversation = conversationOf(row);
  const event = JSON.parse(row.payload) as { [key: string]: unknown };
  event.chat = conversation.chat;
  if (row.sender !== null) event.sender = JSON.parse(row.sender) as unknown;
  if (row.parts !== null) event.parts = JSON.parse(row.parts) as readonly Part[];
  return {
    tenant: row.tenant,
    id: row.event,
    account: row.account,
    channel: row.channel,
    conversation,
    event: event as unknown as PlatformEvent,
    ...(row.what === "message" && { message: messageOfEvent(row.event) }),
    tries: row.tries,
    crashes: row.crashes,
    ...(row.state === "running" && { unended: true }),
    receivedAt: row.received_at,
    dueAt: row.due_at,
    past: { story: row.seq, behind: row.before ?? 0, from: row.history_from ?? 0, version: row.past_version },
    ...(row.choice !== null && { choice: JSON.parse(row.choice) as Chosen }),
    ...(row.steps !== null && { steps: listOf<FinishedStep>(row.steps) }),
    ...(row.handed !== null && { handed: listOf<Handed>(row.handed) }),
  };
}

function listOf<Item>(written: string | null | undefined): readonly Item[] {
  return written ? (JSON.parse(written) as readonly Item[]) : [];
}

function stepEnded(tenant: TenantId, trace: EventId, { role, finished, choice, objects, fault }: StepEnd, at: Instant): LedgerEntry {
  const outcome = !finished ? "failed" : objects === undefined ? "done" : objects ? "objected" : "passed";
  const detail = { role, outcome, ...(choice !== undefined && { choice }) };
  return { tenant, trace, stage: "step", at, detail, ...(fault && { reason: fault.code }) };
}
