import type { AccountStateStore } from "./account-state.ts";
import type { AnswerStore } from "./answers.ts";
import type { Approval, Verdict } from "./approval.ts";
import type { Hold } from "./budget.ts";
import type { CallStore } from "./calls.ts";
import type { Chosen } from "./choice.ts";
import type { Conversation, PastMessage, Summary } from "./conversation.ts";
import type { DeadStore } from "./dead.ts";
import type { Delivery, DeliveryContent, OnUnknown, SendOutcome } from "./delivery.ts";
import type { DuePage, Lane, LaneKind, Lease } from "./engine.ts";
import type { Fault, Result } from "./errors.ts";
import type { PlatformEvent } from "./event.ts";
import type { FigureStore } from "./figures.ts";
import type { ControlChange } from "./handover.ts";
import type { AccountId, AgentId, ConversationId, DeliveryId, EventId, FileId, MessageId, TenantId, TraceId } from "./ids.ts";
import type { HoldReason, IgnoreReason, LedgerEntry } from "./ledger.ts";
import type { Part, StoredFile } from "./message.ts";
import type { NoticeChange } from "./notice.ts";
import type { EnqueuedMessage, NewOutbound } from "./outbound.ts";
import type { PairingRequest, PairingStore } from "./pairing.ts";
import type { PlaceInPast } from "./past.ts";
import type { Records } from "./records.ts";
import type { ReminderStore } from "./reminder.ts";
import type { SharedStore } from "./replica.ts";
import type { RetentionStore } from "./retention.ts";
import type { SearchStore } from "./search.ts";
import type { FinishedStep, StepRole } from "./step.ts";
import type { Instant } from "./terms.ts";
import type { TouchStore } from "./touch.ts";
import type { ModelCall, Turn } from "./turn.ts";

export type { Conversation, PastMessage } from "./conversation.ts";
export type { EnqueuedMessage, NewOutbound } from "./outbound.ts";

/**
 * Durable state. The promise of every method that writes resolves only when the write is on disk, and what one call
 * writes is there whole or not at all. Calls that run at the same time may share one commit; a call that fails doesn't
 * fail its neighbours. Rejects with FaultError `store-unavailable` when the disk doesn't take it.
 *
 * Writes that end a stage take the lease of their lane and answer `fenced` (nothing written) when it is void.
 * Every write appends its own ledger entries in the same transaction and returns them, for live windows.
 */
export interface Store
  extends InboxStore,
    TurnStore,
    CallStore,
    AnswerStore,
    ReminderStore,
    PairingStore,
    OutboxStore,
    TouchStore,
    DeadStore,
    AccountStateStore,
    SearchStore,
    FigureStore,
    RetentionStore {
  readonly records: Records;
  /** Attachments, where they are in it too. */
  readonly files?: FileStore;
  /** What several gateways need that share it. Absent where this one has it alone. */
  readonly shared?: SharedStore;
  /** Takes the lane, or nothing when another worker holds it. */
  lease(lane: Lane): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
  /**
   * Lanes of one kind with something due at `now`, longest waiting first; those after the page that ended with `after`.
   * Deliveries of the accounts in `shut` are passed over.
   */
  due(kind: LaneKind, now: Instant, limit: number, after?: string, shut?: ReadonlySet<AccountId>): Promise<DuePage>;
  /**
   * Puts back what dead workers held, once at the start and then with each sweep: their turns are queued again (a try
   * more; at once the first times, then later and later, as the turn may be what kills the process), their deliveries
   * become what `onUnknown` says.
   */
  recover(now: Instant): Promise<{ readonly turns: number; readonly repeated: number; readonly unknown: number }>;
  /** Waits for writes under way, then closes. */
  close(): Promise<void>;
}

export interface InboxStore {
  /**
   * Stores events and the account's cursor in one transaction. The n-th result belongs to the n-th event. Events of one
   * conversation keep the order of the array and of the calls.
   */
  receive(batch: InboundBatch): Promise<readonly Received[]>;
  /** The cursor stored with the last batch. */
  cursor(tenant: TenantId, account: AccountId): Promise<string | undefined>;
}

export interface InboundBatch {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly channel: string;
  readonly at: Instant;
  readonly events: readonly PlatformEvent[];
  readonly cursor?: string;
}

/** `duplicate`: the key is known; `event` is then the first one's id, and nothing was written but a count. */
export interface Received {
  readonly event: EventId;
  readonly conversation: ConversationId;
  readonly duplicate: boolean;
  readonly message?: MessageId;
  readonly entries: readonly LedgerEntry[];
}

/** The head of a conversation's lane. */
export interface QueuedEvent {
  readonly tenant: TenantId;
  readonly id: EventId;
  readonly account: AccountId;
  readonly channel: string;
  readonly conversation: Conversation;
  readonly event: PlatformEvent;
  /** The stored message of a `message` event. */
  readonly message?: MessageId;
  /** Turns begun for it so far; more than one after crashes and retries. */
  readonly tries: number;
  /** How many of them ended with the process that ran them. */
  readonly crashes: number;
  /** The last one was begun, and the store didn't take its end. */
  readonly unended?: true;
  /** What earlier tries said in blocks (`sayBlock`). */
  readonly said?: string;
  readonly receivedAt: Instant;
  readonly dueAt: Instant;
  /** What a router by content made of it. */
  readonly choice?: Chosen;
  /** What earlier tries finished. */
  readonly steps?: readonly FinishedStep[];
  /** To whom earlier tries handed it on, in order. */
  readonly handed?: readonly Handed[];
  /** Its sender was let in by an operator: looked up only where that decides. */
  readonly paired?: true;
  /** What was said before it, as it stands at the moment of reading. */
  readonly past: PlaceInPast;
}

export interface TurnStore {
  /** The first of them whose budget is used up. Reads only. */
  overBudget(tenant: TenantId, holds: readonly Hold[]): Promise<Hold | undefined>;
  /** The event stays queued and is due later, with the reason in its story; its sender is told, in the same transaction. */
  holdEvent(lease: Lease, event: QueuedEvent, held: HeldEvent): Promise<Result<HeldTold>>;
  /** The oldest event of the lane's conversation that isn't ended, due or not. Reads only. */
  nextEvent(conversation: ConversationId): Promise<QueuedEvent | undefined>;
  /** What waits in the lane behind that event and isn't part of a turn, in order, due or not. Reads only. */
  waitingEvents(conversation: ConversationId, behind: EventId, limit: number): Promise<readonly QueuedEvent[]>;
  /** The event is due at another time: the window in which more may come is longer than was thought. Tells nothing. */
  postponeEvent(lease: Lease, event: QueuedEvent, dueAt: Instant, at: Instant): Promise<Written>;
  /** What a router by content made of the event, before its turn begins. */
  chooseFor(lease: Lease, event: QueuedEvent, chosen: Chosen, at: Instant): Promise<Written>;
  /** Turns that were begun for that sender on that day, as far as a quota counted them. Reads only. */
  turnsOn(event: QueuedEvent, day: number): Promise<number>;
  /**
   * Ends an event without a turn. What was let in takes effect (`nothing-to-answer`): an edit is written into the message that it
   * changes, a message that was taken back is emptied, a receipt counts for its delivery. A notice is stored as the event's
   * answer, from the system, with its deliveries, which a change of control stops like an agent's.
   */
  ignoreEvent(lease: Lease, event: QueuedEvent, reason: IgnoreReason, at: Instant, notice?: Notice): Promise<Written>;
  /** Ends a command: what it changes, and what its sender is told, in one transaction. No takeover keeps that back. */
  endCommand(lease: Lease, event: QueuedEvent, end: CommandEnd): Promise<Result<CommandEnded>>;
  /** The handover whose question that message asks. Reads only. */
  askedBy(tenant: TenantId, message: MessageId): Promise<{ readonly conversation: ConversationId; readonly until: Instant } | undefined>;
  /** Ends the event as an answer to such a question: its score, and what its sender is told, in one transaction. */
  rate(lease: Lease, event: QueuedEvent, rating: Rating): Promise<Result<CommandEnded>>;
  /**
   * Starts the turn of the event (or starts it again) and stores its first model call, if it needs any, before that goes out. Answers
   * `sender-quota` (nothing written) when the sender has had as many turns on that day, `budget-spent` (nothing written) when
   * a budget that the call holds on is used up.
   */
  beginTurn(lease: Lease, begin: TurnBegin): Promise<Result<{ turn: Turn; entries: readonly LedgerEntry[] }>>;
  /**
   * Stores the end of one model call and, unless the turn is over, the next one before that goes out; between them tools, and
   * what a step of the agent came to. Answers
   * `budget-spent` (nothing written) when a budget that the next one holds on is used up.
   */
  stepTurn(lease: Lease, turn: Turn, step: TurnStep): Promise<Written>;
  /** Fetched attachments replace the remote ones in the stored message. */
  saveParts(lease: Lease, trace: TraceId, message: MessageId, parts: readonly Part[], entries: readonly LedgerEntry[]): Promise<Written>;
  /**
   * Law 5: the answer, its deliveries, the event's end and the calls' usage in one transaction. Answers
   * `version-conflict` (nothing written) when control is no longer the agent's: law 6.
   */
  finishTurn(lease: Lease, finish: TurnFinish): Promise<Result<FinishedTurn>>;
  /** Queues the event again for `dueAt`; events that had joined wait behind it again, each by itself. */
  retryTurn(lease: Lease, turn: Turn, retry: TurnRetry): Promise<Written>;
  /**
   * Takes the turn away for good, with all events that had joined; also one that was never begun. A draft that is visible
   * stays as it is, or ends with the words of `broken`; what it says then is stored.
   */
  cancelTurn(lease: Lease, turn: CancelledTurn, cancel: TurnCancel): Promise<Written>;
  /**
   * The newest messages before an event that its lane's worker has read (`event.past`), oldest first; `after` a story: only
   * newer ones. Every turn asks for it. What changed since the event was read may be missing.
   */
  past(event: QueuedEvent, limit: number, after?: number): Promise<readonly PastMessage[]>;
  /** The newest messages before that message, or before that event came (itself excluded), oldest first. */
  history(conversation: ConversationId, before: MessageId | EventId | undefined, limit: number): Promise<readonly PastMessage[]>;
  /**
   * In place of the summary that the conversation is seen with here. Nothing happens where that isn't its summary any more, or
   * its past was begun anew meanwhile.
   */
  saveSummary(of: Conversation, summary: Summary): Promise<void>;
  /** Newest messages before this one that reach back to all whose turns were interrupted: nobody has answered them. */
  interrupted(conversation: ConversationId, before: MessageId): Promise<number>;
  /** How many turns before it failed, one behind the other: as many as `most` are looked for. */
  failedBefore(event: QueuedEvent, most: number): Promise<number>;
  /** What that answer asked a person to allow, if it did. Reads only. */
  approval(tenant: TenantId, message: MessageId): Promise<Approval | undefined>;
  /** What a tool answered that was allowed: told once, before a model hears of it. */
  endApproval(lease: Lease, turn: Turn, message: MessageId, outcome: ToolOutcome): Promise<Written>;
  /** Those that nobody can answer any more go. */
  dropApprovals(before: Instant): Promise<void>;
  /** The message that a button token names. */
  message(tenant: TenantId, id: string): Promise<PastMessage | undefined>;
  /**
   * Stores the intent of a visible draft before it is sent. Nothing when an earlier delivery of the conversation isn't
   * sent yet (order), or when control is no longer the agent's.
   */
  beginDraft(
    lease: Lease,
    turn: Turn,
    draft: { readonly content: DeliveryContent; readonly onUnknown: OnUnknown; readonly at: Instant },
  ): Promise<DeliveryId | undefined>;
  /**
   * Stores a finished part of the answer whose turn runs, with its deliveries, which leave in order like any others (law 4). It
   * is part of the answer from then on: a try after a crash goes on behind it. Answers `fenced` when the turn isn't the one
   * that runs, or control is no longer the agent's; nothing is written then.
   */
  sayBlock(lease: Lease, turn: Turn, block: Block): Promise<Written>;
  /** Whether the turn still runs and control is still the agent's. Reads only. */
  maySpeak(turn: Turn): Promise<boolean>;
  /** The draft is visible under this receipt. The final text will be written over it. */
  draftSent(lease: Lease, draft: DeliveryId, receipt: string, at: Instant): Promise<Written>;
  /** The draft certainly didn't arrive: it is forgotten. An ambiguous one is left as it is and becomes `unknown`. */
  draftRefused(lease: Lease, draft: DeliveryId, at: Instant): Promise<Written>;
}

export interface Block {
  /** Its Markdown, to the letter: what all blocks of a turn say, one behind the other, is how the answer begins. */
  readonly said: string;
  readonly deliveries: readonly { readonly content: DeliveryContent; readonly onUnknown: OnUnknown }[];
  readonly at: Instant;
}

export interface CommandEnd {
  readonly at: Instant;
  /** Absent: it was a command, whose words no agent sees. */
  readonly reason?: "handed-over";
  /** Absent: its sender is told nothing. */
  readonly reply?: NewOutbound;
  /** What was said so far is no past any more. */
  readonly reset?: true;
  /** The model that answers from now on. */
  readonly model?: string;
  /** A person is to take over. */
  readonly human?: ControlChange;
  /** Who calls that person. Absent: the sender. */
  readonly by?: string;
}

export interface CommandEnded {
  readonly entries: readonly LedgerEntry[];
  readonly reply?: EnqueuedMessage;
  readonly conversation: Conversation;
}

export interface Rating {
  readonly question: MessageId;
  /** 1 to 5. */
  readonly score: number;
  readonly reply: NewOutbound;
  readonly at: Instant;
}

export interface HeldEvent {
  readonly dueAt: Instant;
  readonly at: Instant;
  readonly reason: HoldReason;
  /** Told on this day (`Quota.day`) already, the sender isn't told again. */
  readonly notice?: { readonly message: NewOutbound; readonly onceOn: number };
}

export interface HeldTold {
  readonly entries: readonly LedgerEntry[];
  /** Absent when nobody was told. */
  readonly notice?: EnqueuedMessage;
}

export type Written = Result<readonly LedgerEntry[]>;

/** What a sender is told when an event gets no turn. */
export interface Notice {
  readonly message: MessageId;
  readonly parts: readonly Part[];
  readonly deliveries: readonly { readonly content: DeliveryContent; readonly onUnknown: OnUnknown }[];
  /** Told on this day (`Quota.day`) already, the sender isn't told again. */
  readonly onceOn?: number | undefined;
  /** It tells a code: nothing is told where the store knows better. */
  readonly pairing?: PairingRequest | undefined;
}

/** Turns of one sender on one account in a day. */
export interface Quota {
  /** See `dayOf`. */
  readonly day: number;
  readonly turns: number;
}

/** Days since 1970, UTC. */
export function dayOf(at: Instant): number {
  return Math.floor(at / 86_400_000);
}

export interface TurnBegin {
  readonly event: QueuedEvent;
  readonly agent: AgentId;
  /** Of what it is told, for the ledger. */
  readonly version?: string;
  /** Why other models answer than the agent's, for the ledger. */
  readonly scaled?: string;
  /** Index of the route, for the ledger. */
  readonly route: number;
  /** Absent: all that it needs was finished by an earlier try, or nobody can be asked. */
  readonly call?: ModelCall | undefined;
  /** The word on a tool's use that the event is: it counts with the turn's begin, once. Answers `version-conflict` otherwise. */
  readonly approval?: { readonly message: MessageId; readonly verdict: Verdict } | undefined;
  /** Counts the turn, the first time that it is begun. Absent: it isn't counted. */
  readonly quota?: Quota | undefined;
  readonly at: Instant;
  /** Events behind it, in order, that its turn answers too. They end as it ends: in the same transaction. */
  readonly joined?: readonly EventId[];
}

export interface ToolOutcome {
  readonly ok: boolean;
  readonly text: string;
  readonly ms: number;
}

export interface TurnStep {
  /** Absent: none was under way. */
  readonly ended?: ModelCall | undefined;
  /** What one of the agent's steps came to. */
  readonly step?: StepEnd | undefined;
  /** From here on the turn is that agent's, also when it is begun again. */
  readonly hand?: (Handed & { readonly version: string }) | undefined;
  readonly tools: readonly { readonly name: string; readonly callId: string; readonly ok: boolean; readonly ms: number }[];
  readonly next?: ModelCall;
  readonly at: Instant;
  /** Events that came meanwhile and that the next call sees: from here on they are part of the turn. */
  readonly joined?: readonly EventId[];
}

export interface Handed {
  readonly from: AgentId;
  readonly to: AgentId;
  /** As a model said it. */
  readonly reason: string;
  /** What is said later in the conversation is that agent's, too. */
  readonly stays: boolean;
}

export interface StepEnd {
  readonly role: StepRole | "generate";
  /** Kept with the event until the turn is over. Absent: it failed, and the turn goes on without it. */
  readonly finished?: FinishedStep | undefined;
  /** A name of the configuration, for the ledger. */
  readonly choice?: string | undefined;
  /** A review isn't content. */
  readonly objects?: boolean | undefined;
  readonly fault?: Fault | undefined;
}

export interface CancelledTurn extends Pick<Turn, "tenant" | "event" | "conversation" | "tries">, Pick<QueuedEvent, "unended"> {}

export interface TurnRetry {
  readonly fault: Fault;
  readonly dueAt: Instant;
  readonly at: Instant;
  readonly calls: readonly ModelCall[];
  /** The try doesn't count: nothing could have come of it. */
  readonly spared?: boolean;
}

export interface TurnCancel {
  readonly reason: IgnoreReason;
  readonly at: Instant;
  readonly calls: readonly ModelCall[];
  /** What had been said, as the visible draft is to show it for good. Nothing is stored of it when none is visible. */
  readonly broken?: BrokenOff | undefined;
  /** What the visible draft shows at this moment: after a takeover it stays like that, and is what was said. */
  readonly stands?: BrokenOff | undefined;
}

/** The message of an answer that isn't whole. */
export interface BrokenOff {
  readonly message: MessageId;
  readonly parts: readonly Part[];
  readonly content: DeliveryContent;
}

export interface TurnFinish {
  readonly turn: Turn;
  readonly event: QueuedEvent;
  /** `failed` carries the fault; its parts are the sentence that the user gets, if any. */
  readonly state: "done" | "failed";
  readonly fault?: Fault;
  readonly message: MessageId;
  /** The whole answer, with what its blocks said. */
  readonly parts: readonly Part[];
  /** What its blocks said (`sayBlock`). Answers `fenced` when the store knows of others. */
  readonly said?: string;
  /** Of the rest, in order. The first takes over the turn's draft when that has a receipt. */
  readonly deliveries: readonly { readonly content: DeliveryContent; readonly onUnknown: OnUnknown }[];
  /** The control version under which the turn ran. */
  readonly controlVersion: number;
  readonly calls: readonly ModelCall[];
  readonly at: Instant;
  /** What the answer asks a person to allow. */
  readonly approval?: Approval;
  /** Who answers in the conversation from now on: an agent, or (null) its route's. Absent: who did so far. */
  readonly agent?: AgentId | null | undefined;
  /** From here on a person speaks, by the agent's own will: in the same transaction, and what it has just said still leaves. */
  readonly handOver?: ControlChange;
}

export interface FinishedTurn {
  readonly deliveries: readonly DeliveryId[];
  readonly message?: MessageId;
  /** What its story says, oldest first, where that needn't be looked up: nothing had joined, and no attachment came. */
  readonly said?: readonly PastMessage[];
  readonly entries: readonly LedgerEntry[];
  /** Where it was handed over. */
  readonly conversation?: Conversation;
}

export interface OutboxStore {
  /** Whose turn it is in the conversation, due or not. Reads only. */
  nextDelivery(
    conversation: ConversationId,
  ): Promise<{ readonly tenant: TenantId; readonly account: AccountId; readonly dueAt: Instant } | undefined>;
  /**
   * Takes the conversation's first delivery, if it is due: state `sending`, an attempt stored. What can't arrive any more
   * (`channel-gone`) fails here, until the chat is heard of again or an operator queues it again. Control is checked here
   * for what an agent wrote (law 6): such a delivery is dropped after a takeover and the next one is looked at.
   */
  beginAttempt(lease: Lease, conversation: ConversationId, at: Instant): Promise<Attempt>;
  /**
   * Stores what became of it. `retryAt` goes with `retry` (absent: tries or time ran out, the delivery is dead); `spared`:
   * the attempt doesn't count.
   */
  endAttempt(lease: Lease, delivery: Delivery, end: AttemptEnd): Promise<Result<EndedAttempt>>;
  /** A message of an operator or the system: stored with its deliveries. */
  enqueue(outbound: NewOutbound): Promise<EnqueuedMessage>;
  /** What operators are told of, and the messages that tell them, in one transaction: a crash neither repeats nor loses one. */
  notify(change: NoticeChange, messages: readonly NewOutbound[]): Promise<readonly EnqueuedMessage[]>;
  /** An operator's word on deliveries that wait for one (`unknown`, `failed`, `dead`; `drop` also on `queued`). */
  settle(tenant: TenantId, ids: readonly DeliveryId[], verdict: "retry" | "drop", by: string, at: Instant): Promise<readonly Delivery[]>;
}

export interface AttemptEnd {
  readonly outcome: SendOutcome;
  readonly retryAt?: Instant;
  readonly spared?: boolean;
  /** The platform will tell more of it (`Channel.receipts`). */
  readonly awaited?: boolean;
  readonly at: Instant;
}

export interface EndedAttempt {
  readonly entries: readonly LedgerEntry[];
  /** The conversation has more to send, due or not. */
  readonly more: boolean;
}

export type Attempt =
  | { readonly kind: "begun"; readonly delivery: Delivery; readonly entries: readonly LedgerEntry[] }
  /** The first delivery is due later. */
  | { readonly kind: "wait"; readonly dueAt: Instant }
  | { readonly kind: "empty" }
  | { readonly kind: "fenced" };

/** The bytes of attachments, under generated ids; never under a name that a stranger chose. */
export interface FileStore {
  /** Resolves when the bytes are on disk. Rejects with FaultError `file-refused` past `maxBytes`; nothing is left then. */
  put(tenant: TenantId, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<StoredFile>;
  read(tenant: TenantId, id: FileId): Promise<Uint8Array>;
  /** Takes the bytes away; nothing happens when they are gone already. */
  remove(tenant: TenantId, id: FileId): Promise<void>;
  /** The ids of all files, in groups. */
  list(tenant: TenantId): AsyncIterable<readonly FileId[]>;
}
