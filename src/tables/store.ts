import type { Lease } from "../core/engine.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { DeliveryId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Records } from "../core/records.ts";
import type { Attempt, Store, Written } from "../core/store.ts";
import type { DeliveryRow } from "./deliveries.ts";
import type { Leases } from "./leases.ts";
import { recordsOf } from "./records.ts";
import type { Tables } from "./tables.ts";
import type { UntoldTime } from "./untold-time.ts";
import { answered, each, type Read, type Work, type Write } from "./work.ts";

/** What the store is to its database. */
export interface Base {
  readonly read: Read;
  readonly write: Write;
  readonly leases: Leases;
  /** Whether this process may work on lanes. */
  readonly isOwner: boolean;
  readonly time: UntoldTime;
  readonly backup: Records["backup"];
  /** Waits for writes under way, then closes. */
  close(): Promise<void>;
}

/** The store's contract, on whatever database its tables are. */
export function composeStore(tables: Tables, { read, write, leases, isOwner, time, backup, close }: Base): Store {
  const { conversations, budgets, messages, drafts, history, turns, finish, inbox, outbox, own, notices, settle, dead, due } = tables;
  const { senders, recovery, attachments } = tables;

  /** Law 3: the lease is checked in the transaction that it allows. */
  function fenced<Done>(lease: Lease, kind: "turn" | "send", conversation: string, job: () => Work<Result<Done>>): Promise<Result<Done>> {
    return write(() => (leases.holds(lease, kind, conversation) ? job() : answered(fail("fenced", `The lease of ${lease.lane} is void.`))));
  }

  function withDraft(lease: Lease, id: DeliveryId, job: (draft: DeliveryRow) => Work<readonly LedgerEntry[]>): Promise<Written> {
    return write(function* () {
      const draft = yield* drafts.find(id);
      if (!draft || !leases.holds(lease, "turn", draft.conversation)) return fail("fenced", `The draft ${id} isn't this turn's any more.`);
      return ok(yield* job(draft));
    });
  }

  return {
    records: recordsOf(tables, { read, write, backup }),

    lease: async (lane) => leases.take(lane),
    release: async (lease) => leases.release(lease),
    due: async (kind, now, limit, after, shut) => (isOwner ? read(() => due(kind, now, limit, after, shut)) : { lanes: [] }),
    recover: async (now) => {
      const idle = { turns: 0, repeated: 0, unknown: 0 };
      return isOwner && (await read(recovery.needed)) ? write(() => recovery.run(now)) : idle;
    },
    tellTime: (reading) => write(() => tables.time.tellTime(reading)).catch(time.failed(reading)),
    sweep: (keep, place) => write(() => tables.sweep(keep, place)),
    foldUsage: (before) =>
      write(function* () {
        return (yield* tables.usage.fold()) || (before !== undefined && (yield* tables.usage.forgetSenders(before)));
      }),
    async countFigures(now) {
      if (!(await read(() => tables.figures.pending(now)))) return undefined;
      return (await write(() => tables.figures.step(now))) ? "more" : "all";
    },
    recountFigures: () => write(tables.figures.recount),
    indexMessages: async () => (await read(tables.words.pending)) && write(tables.words.step),
    purgeIndex: (first) => write(() => tables.words.purge(first)),
    droppedFiles: (limit) => read(() => attachments.dropped(limit)),
    forgetFiles: (ids) => write(() => attachments.forget(ids)),
    strayFiles: (of, ids) => read(() => attachments.stray(of, ids)),
    probe: () => write(inbox.probe),
    close,

    receive: (batch) => write(() => inbox.receive(batch)),
    cursor: (tenant, account) => read(() => inbox.cursor(tenant, account)),
    accountState: (tenant, account) => read(() => tables.accountStates.all(tenant, account)),
    putAccountState: (tenant, account, changes) => write(() => tables.accountStates.put(tenant, account, changes)),
    dropAccountState: (tenant, account) => write(() => tables.accountStates.drop(tenant, account)),

    nextEvent: (conversation) => read(() => turns.next(conversation)),
    waitingEvents: (conversation, behind, limit) => read(() => turns.waiting(conversation, behind, limit)),
    postponeEvent: (lease, event, dueAt, at) => fenced(lease, "turn", event.conversation.id, () => turns.postpone(event, dueAt, at)),
    chooseFor: (lease, event, chosen, at) => fenced(lease, "turn", event.conversation.id, () => turns.choose(event, chosen, at)),
    turnsOn: ({ tenant, account, event }, day) => read(() => senders.turns({ tenant, account, sender: event.sender.id }, day)),
    overBudget: (tenant, holds) => read(() => budgets.over(tenant, holds)),
    holdEvent: (lease, event, held) =>
      fenced(lease, "turn", event.conversation.id, function* () {
        const result = yield* turns.hold(event, held);
        if (!result.ok) return result;
        const { entries, tell } = result.value;
        return ok({ entries, ...(tell && held.notice && { notice: yield* outbox.enqueue(held.notice.message) }) });
      }),
    endCommand: (lease, event, { at, reason, reply, reset, model, human, by }) =>
      fenced(lease, "turn", event.conversation.id, function* () {
        const { tenant, id, conversation, event: asked } = event;
        const ended = yield* turns.ignore(event, reason ?? "command", at);
        if (!ended.ok) return ended;
        if (reset) yield* conversations.reset(tenant, conversation.id, id);
        if (model !== undefined) yield* conversations.choose(tenant, conversation.id, model);
        const who = by ?? `sender:${asked.sender.id}`;
        const set =
          human && (yield* tables.changes.setControl(tenant, conversation.id, "human", conversation.controlVersion, who, at, human));
        return ok({ entries: ended.value, ...(reply && { reply: yield* outbox.enqueue(reply) }), conversation: set || conversation });
      }),
    askedBy: (tenant, message) => read(() => tables.handovers.askedBy(tenant, message)),
    rate: (lease, event, { question, score, reply, at }) =>
      fenced(lease, "turn", event.conversation.id, function* () {
        const ended = yield* turns.ignore(event, "rating", at);
        if (!ended.ok) return ended;
        yield* tables.handovers.score(event.tenant, question, score, at);
        return ok({ entries: ended.value, reply: yield* outbox.enqueue(reply), conversation: event.conversation });
      }),
    ignoreEvent: (lease, event, reason, at, notice) =>
      fenced(lease, "turn", event.conversation.id, () => turns.ignore(event, reason, at, notice)),
    beginTurn: (lease, begin) => fenced(lease, "turn", begin.event.conversation.id, () => turns.begin(begin)),
    stepTurn: (lease, turn, step) => fenced(lease, "turn", turn.conversation, () => turns.step(turn, step)),
    saveParts: (lease, trace, message, parts, entries) =>
      write(function* () {
        const conversation = yield* messages.conversationOf(trace, message);
        if (conversation === undefined) return fail("not-found", `There is no message ${message} in ${trace}.`);
        if (!leases.holds(lease, "turn", conversation)) return fail("fenced", `The lease of ${lease.lane} is void.`);
        yield* messages.setParts(message, parts);
        return ok(yield* turns.tell(trace, entries));
      }),
    finishTurn: (lease, done) =>
      fenced(lease, "turn", done.turn.conversation, function* () {
        const finished = yield* finish(done);
        if (!finished.ok || !done.handOver) return finished;
        const { tenant, conversation, agent } = done.turn;
        const by = `agent:${agent}`;
        const now = yield* tables.changes.setControl(tenant, conversation, "human", done.controlVersion, by, done.at, done.handOver);
        return ok({ ...finished.value, ...(now && { conversation: now }) });
      }),
    retryTurn: (lease, turn, retry) => fenced(lease, "turn", turn.conversation, () => turns.retry(turn, retry)),
    cancelTurn: (lease, turn, cancel) => fenced(lease, "turn", turn.conversation, () => turns.cancel(turn, cancel)),
    past: (event, limit, after) => read(() => history.past(event, limit, after)),
    history: (conversation, before, limit) => read(() => history.before(conversation, before, limit)),
    saveSummary: (of, summary) => write(() => conversations.sumUp(of, summary)),
    interrupted: (conversation, before) => read(() => history.interrupted(conversation, before)),
    failedBefore: (event, most) => read(() => history.failedBefore(event, most)),
    approval: (tenant, message) => read(() => tables.approvals.get(tenant, message)),
    endApproval: (lease, turn, message, { ms, ...outcome }) =>
      fenced(lease, "turn", turn.conversation, function* () {
        const { tenant, event: trace } = turn;
        const tool = (yield* tables.approvals.get(tenant, message))?.tool ?? "";
        yield* tables.approvals.end(tenant, message, outcome);
        const detail = { name: tool, call: message, ok: outcome.ok, ms };
        return ok(
          yield* turns.tell(trace, [
            { tenant, trace, stage: "tool", at: turn.startedAt + ms, detail, ...(!outcome.ok && { reason: "tool-failed" }) },
          ]),
        );
      }),
    dropApprovals: (before) => write(() => tables.approvals.drop(before)),
    message: (tenant, id) => read(() => messages.get(tenant, id)),
    beginDraft: (lease, turn, draft) =>
      write(() => (leases.holds(lease, "turn", turn.conversation) ? drafts.begin(turn, draft) : answered(undefined))),
    sayBlock: (lease, turn, block) => fenced(lease, "turn", turn.conversation, () => tables.blocks.add(turn, block)),
    maySpeak: (turn) => read(() => drafts.allowed(turn)),
    draftSent: (lease, id, receipt, at) => withDraft(lease, id, (draft) => drafts.sent(draft, receipt, at)),
    draftRefused: (lease, id, at) => withDraft(lease, id, (draft) => drafts.refused(draft, at)),

    beginCall: (of, call) => write(() => own.begin(of, call)),
    endCall: (of, call) => write(() => own.end(of, call)),

    keepAnswer: (of, key, answer) => write(() => tables.answers.keep(of, key, answer)),
    keptAnswer: (of, key, since) => read(() => tables.answers.one(of, key, since)),
    keptAnswers: (of, model, since, limit) => read(() => tables.answers.list(of, model, since, limit)),
    addReminder: (reminder, most) => write(() => tables.reminders.add(reminder, most)),
    reminders: (tenant, conversation, sender) => read(() => tables.reminders.of(tenant, conversation, sender)),
    cancelReminder: (of, id) => write(() => tables.reminders.cancel(of, id)),
    pairing: (tenant, account, sender) => read(() => tables.pairings.get(tenant, account, sender)),
    dueReminders: (now, limit) => read(() => tables.reminders.due(now, limit)),
    endReminder: (id, message) =>
      write(function* () {
        return (yield* tables.reminders.end(id)) && message ? yield* outbox.enqueue(message) : undefined;
      }),
    dropAnswers: (before) => write(() => tables.answers.drop(before)),

    nextDelivery: (conversation) => read(() => outbox.next(conversation)),
    beginAttempt: (lease, conversation, at) =>
      write(() => (leases.holds(lease, "send", conversation) ? outbox.begin(conversation, at) : answered<Attempt>({ kind: "fenced" }))),
    endAttempt: (lease, delivery, end) => fenced(lease, "send", delivery.conversation, () => outbox.end(delivery, end)),
    enqueue: (outbound) => write(() => outbox.enqueue(outbound)),
    settleDead: (tenant, choice, verdict, by, at) => write(() => dead.settle(tenant, choice, verdict, by, at)),
    notify: (change, messages) =>
      write(function* () {
        yield* notices.change(change);
        return yield* each(messages, (message) => outbox.enqueue(message));
      }),
    beginTouch: (request, at) => write(() => tables.touches.begin(request, at)),
    endTouch: (touched, request, why, at) => write(() => tables.touches.end(touched, request, why, at)),
    settle: (tenant, ids, verdict, by, at) => write(() => settle(tenant, ids, verdict, by, at)),
  };
}
