import type { DatabaseSync } from "node:sqlite";
import type { Lease } from "../core/engine.ts";
import { type Fault, FaultError, fail, fault, ok, type Result } from "../core/errors.ts";
import type { DeliveryId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Store, Written } from "../core/store.ts";
import { failureOf, openDatabase, preparer, rejection, unavailable } from "./sqlite/database.ts";
import type { DeliveryRow } from "./sqlite/deliveries.ts";
import { groupCommit } from "./sqlite/group-commit.ts";
import { memoryLeases, noLeases } from "./sqlite/leases.ts";
import { migrate } from "./sqlite/migrate.ts";
import { type Ownership, takeOwnership } from "./sqlite/owner.ts";
import { sqliteRecords } from "./sqlite/records.ts";
import { allTables } from "./sqlite/tables.ts";
import { untoldTime } from "./sqlite/untold-time.ts";
import { walSync } from "./sqlite/wal-sync.ts";

export interface SqliteOptions {
  /** The database file; `<file>.owner`, `-wal` and `-shm` stand beside it. Folders are made as needed. */
  readonly file: string;
  /**
   * `owner`: the gateway; one at a time, it alone gets lanes. `guest`: a command beside it; it reads, and writes what
   * needs no lane. A guest works without an owner too.
   */
  readonly role: "owner" | "guest";
  /**
   * What is on disk can't be known any more (an fsync failed, the file is damaged), or another gateway owns it: every
   * call fails from now on. The process must end, and say so; a new start reads what is really there. Absent: it is
   * thrown where nobody catches it.
   */
  readonly onFatal?: (fault: Fault) => void;
  /** A simulation's time in place of the event loop's and the disk's. */
  readonly timing?: CommitTiming;
}

export interface CommitTiming {
  /** Calls `run` when the calls gathered so far are to be committed. */
  gather(run: () => void): void;
  /** Calls `done` when what is committed so far is on disk. */
  flush(done: (failure: Error | null) => void): void;
  /** Throws what SQLite would when the disk doesn't take what is about to be committed. */
  room(): void;
}

/** How long a statement waits for another process: an owner must not stand still, it tries again by itself. */
const busyMs = { owner: 100, guest: 5000 } as const;

/**
 * Opens the embedded store and brings its schema up to date. Fails with `store-locked` (another owner lives),
 * `store-too-new`, or `store-unavailable` (no room, no permission, not a database).
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Result<Store>> {
  let database: DatabaseSync | undefined;
  let ownership: Ownership | undefined;
  try {
    // Others may be writing at this moment: the patience of a guest is right for opening.
    database = openDatabase(options.file, busyMs.guest);
    const migrated = migrate(database);
    const owned = migrated.ok && options.role === "owner" ? takeOwnership(database, `${options.file}.owner`) : undefined;
    if (!migrated.ok || owned?.ok === false) {
      database.close();
      return migrated.ok ? (owned as { ok: false; fault: Fault }) : migrated;
    }
    ownership = owned?.value;
    database.exec(`PRAGMA busy_timeout = ${busyMs[options.role]}`);
    return ok(composeStore(database, ownership, options));
  } catch (thrown) {
    ownership?.release();
    database?.close();
    if (failureOf(thrown) === "bug" && (thrown as NodeJS.ErrnoException).syscall === undefined) throw thrown;
    return { ok: false, fault: unavailable(thrown) };
  }
}

function composeStore(database: DatabaseSync, ownership: Ownership | undefined, options: SqliteOptions): Store {
  const prepare = preparer(database);
  const leases = ownership ? memoryLeases(ownership.epoch) : noLeases;
  const onFatal = once(options.onFatal ?? crash);
  const wal = ownership && walSync(database, options.file);

  /** Reads see what is committed: a transaction is only open while `write` runs its jobs. */
  async function read<Value>(query: () => Value): Promise<Value> {
    try {
      return query();
    } catch (thrown) {
      if (failureOf(thrown) === "fatal") onFatal(unavailable(thrown));
      throw rejection(thrown);
    }
  }

  const tables = allTables(prepare, read, leases);
  const {
    ledger,
    tally,
    numbers,
    conversations,
    budgets,
    messages,
    drafts,
    history,
    turns,
    finish,
    inbox,
    outbox,
    own,
    notices,
    settle,
    dead,
    due,
    senders,
    recovery,
    attachments,
  } = tables;
  const time = untoldTime(tables.tellTime);
  const { write, drain } = groupCommit(database, {
    enter() {
      const { epoch, ledger: next, others } = numbers.start();
      if (others) conversations.forget();
      // A newer owner's epoch means that this one's lock was lost (a network file system): it must not write.
      if (ownership && ownership.epoch !== epoch) return fault("store-locked", "Another gateway took this data folder over.");
      ledger.start(next);
      time.enter();
      return undefined;
    },
    leave() {
      time.leave();
      ledger.write();
      tally.write();
    },
    forget() {
      conversations.forget();
      ledger.forget();
      tally.forget();
      time.forget();
    },
    onFatal,
    ...(wal && { sync: options.timing?.flush ?? wal.sync }),
    ...(options.timing && { gather: options.timing.gather, room: options.timing.room }),
  });

  /** Law 3: the lease is checked in the transaction that it allows. */
  function fenced<Value>(lease: Lease, kind: "turn" | "send", conversation: string, job: () => Result<Value>): Promise<Result<Value>> {
    return write(() => (leases.holds(lease, kind, conversation) ? job() : fail("fenced", `The lease of ${lease.lane} is void.`)));
  }

  function withDraft(lease: Lease, id: DeliveryId, job: (draft: DeliveryRow) => readonly LedgerEntry[]): Promise<Written> {
    return write(() => {
      const draft = drafts.find(id);
      if (!draft || !leases.holds(lease, "turn", draft.conversation)) return fail("fenced", `The draft ${id} isn't this turn's any more.`);
      return ok(job(draft));
    });
  }

  return {
    records: sqliteRecords(tables, { file: options.file, read, write }),

    lease: async (lane) => leases.take(lane),
    release: async (lease) => leases.release(lease),
    due: (kind, now, limit, after, shut) => read(() => (ownership ? due(kind, now, limit, after, shut) : { lanes: [] })),
    recover: async (now) => {
      const idle = { turns: 0, repeated: 0, unknown: 0 };
      return ownership && (await read(recovery.needed)) ? write(() => recovery.run(now)) : idle;
    },
    tellTime: (reading) => write(() => tables.tellTime(reading)).catch(time.failed(reading)),
    sweep: (keep, place) => write(() => tables.sweep(keep, place)),
    foldUsage: (before) => write(() => tables.usage.fold() || (before !== undefined && tables.usage.forgetSenders(before))),
    countFigures: async (now) => (await read(() => tables.figures.pending(now))) && write(() => tables.figures.step(now)),
    recountFigures: () => write(tables.figures.recount),
    indexMessages: async () => (await read(tables.words.pending)) && write(tables.words.step),
    purgeIndex: (first) => write(() => tables.words.purge(first)),
    droppedFiles: (limit) => read(() => attachments.dropped(limit)),
    forgetFiles: (ids) => write(() => attachments.forget(ids)),
    strayFiles: (of, ids) => read(() => attachments.stray(of, ids)),
    probe: () => write(inbox.probe),
    close: async () => {
      await drain();
      wal?.close();
      database.close();
      ownership?.release();
    },

    receive: (batch) => write(() => inbox.receive(batch)),
    cursor: (tenant, account) => read(() => inbox.cursor(tenant, account)),
    accountState: (tenant, account) => read(() => tables.accountStates.all(tenant, account)),
    putAccountState: (tenant, account, changes) => write(() => tables.accountStates.put(tenant, account, changes)),
    dropAccountState: (tenant, account) => write(() => tables.accountStates.drop(tenant, account)),

    nextEvent: (conversation) => read(() => turns.next(conversation)),
    waitingEvents: (conversation, behind, limit) => read(() => turns.waiting(conversation, behind, limit)),
    postponeEvent: (lease, event, dueAt) => fenced(lease, "turn", event.conversation.id, () => turns.postpone(event, dueAt)),
    chooseFor: (lease, event, chosen, at) => fenced(lease, "turn", event.conversation.id, () => turns.choose(event, chosen, at)),
    turnsOn: ({ tenant, account, event }, day) => read(() => senders.turns({ tenant, account, sender: event.sender.id }, day)),
    overBudget: (tenant, holds) => read(() => budgets.over(tenant, holds)),
    holdEvent: (lease, event, held) =>
      fenced(lease, "turn", event.conversation.id, () => {
        const result = turns.hold(event, held);
        if (!result.ok) return result;
        const { entries, tell } = result.value;
        return ok({ entries, ...(tell && held.notice && { notice: outbox.enqueue(held.notice.message) }) });
      }),
    endCommand: (lease, event, { at, reason, reply, reset, model, human, by }) =>
      fenced(lease, "turn", event.conversation.id, () => {
        const { tenant, id, conversation, event: asked } = event;
        const ended = turns.ignore(event, reason ?? "command", at);
        if (!ended.ok) return ended;
        if (reset) conversations.reset(tenant, conversation.id, id);
        if (model !== undefined) conversations.choose(tenant, conversation.id, model);
        const who = by ?? `sender:${asked.sender.id}`;
        const set = human && tables.changes.setControl(tenant, conversation.id, "human", conversation.controlVersion, who, at, human);
        return ok({ entries: ended.value, ...(reply && { reply: outbox.enqueue(reply) }), conversation: set || conversation });
      }),
    askedBy: (tenant, message) => read(() => tables.handovers.askedBy(tenant, message)),
    rate: (lease, event, { question, score, reply, at }) =>
      fenced(lease, "turn", event.conversation.id, () => {
        const ended = turns.ignore(event, "rating", at);
        if (!ended.ok) return ended;
        tables.handovers.score(event.tenant, question, score, at);
        return ok({ entries: ended.value, reply: outbox.enqueue(reply), conversation: event.conversation });
      }),
    ignoreEvent: (lease, event, reason, at, notice) =>
      fenced(lease, "turn", event.conversation.id, () => turns.ignore(event, reason, at, notice)),
    beginTurn: (lease, begin) => fenced(lease, "turn", begin.event.conversation.id, () => turns.begin(begin)),
    stepTurn: (lease, turn, step) => fenced(lease, "turn", turn.conversation, () => turns.step(turn, step)),
    saveParts: (lease, trace, message, parts, entries) =>
      write(() => {
        const conversation = messages.conversationOf(trace, message);
        if (conversation === undefined) return fail("not-found", `There is no message ${message} in ${trace}.`);
        if (!leases.holds(lease, "turn", conversation)) return fail("fenced", `The lease of ${lease.lane} is void.`);
        messages.setParts(message, parts);
        return ok(turns.tell(trace, entries));
      }),
    finishTurn: (lease, done) =>
      fenced(lease, "turn", done.turn.conversation, () => {
        const finished = finish(done);
        if (!finished.ok || !done.handOver) return finished;
        const { tenant, conversation, agent } = done.turn;
        const by = `agent:${agent}`;
        const now = tables.changes.setControl(tenant, conversation, "human", done.controlVersion, by, done.at, done.handOver);
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
      fenced(lease, "turn", turn.conversation, () => {
        const { tenant, event: trace } = turn;
        const tool = tables.approvals.get(tenant, message)?.tool ?? "";
        tables.approvals.end(tenant, message, outcome);
        const detail = { name: tool, call: message, ok: outcome.ok, ms };
        return ok(
          turns.tell(trace, [
            { tenant, trace, stage: "tool", at: turn.startedAt + ms, detail, ...(!outcome.ok && { reason: "tool-failed" }) },
          ]),
        );
      }),
    dropApprovals: (before) => write(() => tables.approvals.drop(before)),
    message: (tenant, id) => read(() => messages.get(tenant, id)),
    beginDraft: (lease, turn, draft) =>
      write(() => (leases.holds(lease, "turn", turn.conversation) ? drafts.begin(turn, draft) : undefined)),
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
    endReminder: (id, message) => write(() => (tables.reminders.end(id) && message ? outbox.enqueue(message) : undefined)),
    dropAnswers: (before) => write(() => tables.answers.drop(before)),

    nextDelivery: (conversation) => read(() => outbox.next(conversation)),
    beginAttempt: (lease, conversation, at) =>
      write(() => (leases.holds(lease, "send", conversation) ? outbox.begin(conversation, at) : { kind: "fenced" })),
    endAttempt: (lease, delivery, end) => fenced(lease, "send", delivery.conversation, () => outbox.end(delivery, end)),
    enqueue: (outbound) => write(() => outbox.enqueue(outbound)),
    settleDead: (tenant, choice, verdict, by, at) => write(() => dead.settle(tenant, choice, verdict, by, at)),
    notify: (change, messages) =>
      write(() => {
        notices.change(change);
        return messages.map((message) => outbox.enqueue(message));
      }),
    beginTouch: (request, at) => write(() => tables.touches.begin(request, at)),
    endTouch: (touched, request, why, at) => write(() => tables.touches.end(touched, request, why, at)),
    settle: (tenant, ids, verdict, by, at) => write(() => settle(tenant, ids, verdict, by, at)),
  };
}

function once(tell: (fault: Fault) => void): (fault: Fault) => void {
  let told = false;
  return (reason) => {
    if (!told) tell(reason);
    told = true;
  };
}

function crash(reason: Fault): void {
  setImmediate(() => {
    throw new FaultError(reason);
  });
}
