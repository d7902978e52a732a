import type { ReplicaId } from "../core/replica.ts";
import { acceptedTools } from "./accepted-tools.ts";
import { accountStateTable } from "./account-states.ts";
import { agentVersions } from "./agent-versions.ts";
import { alertTable } from "./alerts.ts";
import { approvalTable } from "./approvals.ts";
import { attachmentTable } from "./attachments.ts";
import { auditLog } from "./audit.ts";
import { blockTable } from "./blocks.ts";
import { budgetTable } from "./budgets.ts";
import { cannedReplies } from "./canned-replies.ts";
import { changeTables } from "./changes.ts";
import { conversationList } from "./conversation-list.ts";
import { conversationTable } from "./conversations.ts";
import { deadLetters } from "./dead.ts";
import { deliveryTable } from "./deliveries.ts";
import { draftTable } from "./drafts.ts";
import { dueLanes } from "./due.ts";
import { exportTables } from "./export.ts";
import { figureHours } from "./figure-hours.ts";
import { figureCount } from "./figures.ts";
import { finishTurn } from "./finish.ts";
import { handoverTable } from "./handovers.ts";
import { historyOf } from "./history.ts";
import { inboxTable } from "./inbox.ts";
import { joinTable } from "./joins.ts";
import { keptAnswers } from "./kept-answers.ts";
import type { Leases } from "./leases.ts";
import { ledgerTable } from "./ledger.ts";
import { lookingAt } from "./looking.ts";
import { messageTable } from "./messages.ts";
import { modelCallTable } from "./model-calls.ts";
import { noteTable } from "./notes.ts";
import { noticeTable } from "./notices.ts";
import { outboxTable } from "./outbox.ts";
import { ownCalls } from "./own-calls.ts";
import { pairingTable } from "./pairings.ts";
import { peopleTables } from "./people.ts";
import { periodTable } from "./periods.ts";
import { deliveryQueue } from "./queue.ts";
import { receiptTable } from "./receipts.ts";
import { recovery } from "./recovery.ts";
import { reminderTable } from "./reminders.ts";
import { searchIn } from "./search.ts";
import { searchIndex } from "./search-index.ts";
import { senderDays } from "./sender-days.ts";
import { sequences } from "./sequences.ts";
import { settleDeliveries } from "./settle.ts";
import { storyList } from "./stories.ts";
import { sweepTable } from "./sweep.ts";
import { tallyTable } from "./tally.ts";
import { timeTable } from "./time.ts";
import { touchTable } from "./touches.ts";
import { traces } from "./trace.ts";
import { troubleCounts } from "./troubles.ts";
import { turnTable } from "./turns.ts";
import { usageTable } from "./usage.ts";
import type { MakeWordIndex } from "./word-index.ts";
import type { Prepare, Read, Work } from "./work.ts";

/** What one database does otherwise than another. */
export interface Database {
  readonly read: Read;
  readonly leases: Leases;
  /** Of a gateway among others. */
  readonly replica?: ReplicaId | undefined;
  /** Whether another process has written since it was last asked. */
  readonly othersWrote: (prepare: Prepare) => () => Work<boolean>;
  readonly words: MakeWordIndex;
}

export type Tables = ReturnType<typeof allTables>;

/** All statements of the store, prepared, and how the subjects use each other. */
export function allTables(prepare: Prepare, { read, leases, replica, othersWrote, words: makeWords }: Database) {
  const tally = tallyTable(prepare);
  const ledger = ledgerTable(prepare);
  const numbers = sequences(prepare, othersWrote(prepare));
  const attachments = attachmentTable(prepare);
  const conversations = conversationTable(prepare);
  const wordIndex = makeWords(prepare);
  const words = searchIndex(prepare, wordIndex);
  const searched = searchIn(prepare, words, wordIndex);
  const messages = messageTable(prepare, { sequences: numbers, tally, attachments, words });
  const budgets = budgetTable(prepare);
  const calls = modelCallTable(prepare, budgets);
  const deliveries = deliveryTable(prepare);
  const drafts = draftTable(prepare, { deliveries, messages, ledger });
  const blocks = blockTable(prepare, { deliveries, drafts, messages, ledger });
  const joins = joinTable(prepare, ledger);
  const history = historyOf(prepare, messages, conversations);
  const senders = senderDays(prepare);
  const approvals = approvalTable(prepare);
  const receipts = receiptTable(prepare, { deliveries, ledger });
  const handovers = handoverTable(prepare);
  const outbox = outboxTable(prepare, { conversations, messages, deliveries, receipts, sequences: numbers, ledger, tally, handovers });
  const audit = auditLog(prepare, read);
  const changes = changeTables(prepare, conversations, { handovers, enqueue: outbox.enqueue }, audit);
  const pairings = pairingTable(prepare, audit);
  const turns = turnTable(prepare, {
    approvals,
    budgets,
    calls,
    drafts,
    blocks,
    joins,
    history,
    ledger,
    senders,
    messages,
    deliveries,
    receipts,
    pairings,
  });
  const own = ownCalls(prepare, { budgets, calls, turns }, replica);
  const { settle, settleOne } = settleDeliveries(prepare, { deliveries, ledger, audit, conversations });
  const hours = figureHours(prepare);
  const figures = figureCount(prepare, hours, periodTable(prepare, hours));
  const dead = deadLetters(prepare, { ledger, audit, settleOne });
  return {
    exports: exportTables(prepare),
    tally,
    ledger,
    numbers,
    conversations,
    budgets,
    messages,
    drafts,
    blocks,
    history,
    senders,
    turns,
    own,
    calls,
    finish: finishTurn(prepare, { approvals, messages, calls, deliveries, drafts, blocks, joins, ledger }),
    inbox: inboxTable(prepare, { conversations, messages, sequences: numbers, ledger, tally }),
    outbox,
    settle,
    touches: touchTable(prepare, { ledger, audit, messages, conversations, settleOne }),
    dead,
    due: dueLanes(prepare, leases, replica),
    recovery: recovery(prepare, { leases, calls, drafts, joins, outbox, own, ledger }),
    attachments,
    sweep: sweepTable(prepare, { conversations, attachments, receipts, senders, tally, words, figures }),
    hours,
    figures,
    time: timeTable(prepare, handovers, replica !== undefined),
    words,
    ...searched,
    list: conversationList(prepare, searched.writers),
    audit,
    trace: traces(prepare, read, conversations, ledger),
    ...storyList(prepare),
    looking: lookingAt(prepare, conversations),
    queue: deliveryQueue(prepare, dead),
    notices: noticeTable(prepare),
    alerts: alertTable(prepare),
    handovers,
    notes: noteTable(prepare),
    troubles: troubleCounts(prepare, read),
    usage: usageTable(prepare),
    agentVersions: agentVersions(prepare),
    answers: keptAnswers(prepare),
    cannedReplies: cannedReplies(prepare, audit),
    approvals,
    pairings,
    reminders: reminderTable(prepare),
    people: peopleTables(prepare),
    changes,
    accountStates: accountStateTable(prepare),
    acceptedTools: acceptedTools(prepare, audit, changes.bump),
  };
}
