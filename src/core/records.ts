import type { AlertChange, AlertFiring, AlertState } from "./alert.ts";
import type { BudgetRaise, BudgetState } from "./budget.ts";
import type { CannedReply } from "./canned-reply.ts";
import type { Conversation, PastMessage } from "./conversation.ts";
import type { ConversationCounts, ConversationFilter, ReadMark } from "./conversation-list.ts";
import type { DeadFilter, DeadLetter, DeadPlace } from "./dead.ts";
import type { Delivery, DeliveryState } from "./delivery.ts";
import type { Result } from "./errors.ts";
import type { Figures } from "./figures.ts";
import type { Assignment, ControlChange, HandoverFilter, HandoverRecord, Note, Takeover } from "./handover.ts";
import type { AccountId, AgentId, ConversationId, DeliveryId, EventId, OperatorId, TenantId, TraceId } from "./ids.ts";
import type { AgentVersion } from "./instructions.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Notice, Trouble } from "./notice.ts";
import type { EndedCall } from "./outage.ts";
import type { Pairing, PairingChoice, PairingVerdict } from "./pairing.ts";
import type { Search } from "./search.ts";
import type { Control, Instant, Json } from "./terms.ts";
import type { ToolDigests } from "./tool.ts";
import type { LoggedCall, UsageFilter, UsageRow } from "./usage.ts";

/** What is around the path: what people look at and what operators change. Same laws of durability as the store. */
export interface Records {
  // ── looking ──
  /** By our id of an event, message, turn or delivery, or by the platform's id of a message. */
  trace(tenant: TenantId, id: string): Promise<Trace | undefined>;
  /** Stories, newest first: `before` is the `cursor` of the last one seen. */
  stories(tenant: TenantId, page: StoryFilter): Promise<readonly Story[]>;
  /** That of an inbound event. */
  story(tenant: TenantId, trace: TraceId): Promise<Story | undefined>;
  conversations(tenant: TenantId, filter: ConversationFilter): Promise<readonly ConversationSummary[]>;
  /** How many there are of each kind. */
  conversationCounts(tenant: TenantId, reader: OperatorId | undefined): Promise<ConversationCounts>;
  /** The operator has seen what there is now. False when that was known. */
  markSeen(mark: ReadMark): Promise<boolean>;
  conversation(tenant: TenantId, id: string): Promise<Conversation | undefined>;
  findConversation(tenant: TenantId, account: AccountId, chat: string, thread?: string): Promise<Conversation | undefined>;
  /** Newest first, before the message with that sequence number. */
  messages(
    tenant: TenantId,
    conversation: ConversationId,
    page: { readonly before?: number; readonly limit: number },
  ): Promise<readonly StoredMessage[]>;
  /** Messages in the order in which they came; the next step goes on behind `next`, until there is none. A step may have none. */
  exportMessages(
    tenant: TenantId,
    filter: ExportFilter,
  ): Promise<{ readonly messages: readonly ExportedMessage[]; readonly next?: number }>;
  /**
   * Conversations in the order in which they began, each once, whatever happens in them meanwhile: the list moves those that go on to
   * its head. The next step goes on behind the last one's id, until there are fewer than `limit`.
   */
  exportConversations(
    tenant: TenantId,
    filter: { readonly after?: ConversationId; readonly account?: AccountId; readonly limit: number },
  ): Promise<readonly ConversationSummary[]>;
  /** What was said, by its words. */
  readonly search: Search;
  deliveries(
    tenant: TenantId,
    filter: {
      readonly states?: readonly DeliveryState[];
      readonly account?: AccountId;
      readonly conversation?: ConversationId;
      /** Only queued ones that were tried already. */
      readonly retrying?: true;
      /** The last one seen: those behind it. */
      readonly before?: DeliveryId;
      readonly limit: number;
    },
  ): Promise<readonly Delivery[]>;
  delivery(tenant: TenantId, id: DeliveryId): Promise<Delivery | undefined>;
  /** What waits for an operator's word, the last given up first. */
  deadLetters(
    tenant: TenantId,
    filter: DeadFilter & { readonly after?: DeadPlace; readonly limit: number },
  ): Promise<readonly (DeadLetter & { readonly place: DeadPlace })[]>;
  deadLetter(tenant: TenantId, id: string): Promise<DeadLetter | undefined>;
  /** Numbers for the front page, doctor and metrics. */
  counts(tenant: TenantId): Promise<Counts>;
  /** The newest entries of the ledger, the newest first: those before `before`, which is the `seq` of the last one seen. */
  recentEntries(
    tenant: TenantId,
    page: { readonly before?: number; readonly limit: number },
  ): Promise<readonly (LedgerEntry & { readonly seq: number })[]>;
  /**
   * What went wrong and waits for somebody, by account; of each kind the newest ten thousand are counted, and of failed
   * turns, which nobody can settle, those that ended at `failedSince` or later.
   */
  troubles(tenant: TenantId, failedSince: Instant): Promise<readonly Trouble[]>;
  /** What was used and what it cost, the most first. */
  usage(tenant: TenantId, filter: UsageFilter): Promise<readonly UsageRow[]>;
  /**
   * Calls with known usage of those days (both included), in the order in which they ended; those after `after`, which is the `seq`
   * of the last one seen.
   */
  callLog(
    tenant: TenantId,
    page: { readonly from: string; readonly to: string; readonly after?: number; readonly limit: number },
  ): Promise<readonly (LoggedCall & { readonly seq: number })[]>;
  /** What was counted, hour by hour. */
  readonly figures: Figures;
  /** Billed requests that are over, the newest first. */
  endedCalls(tenant: TenantId, limit: number): Promise<readonly EndedCall[]>;
  /** A budget's windows of that name (`windowOf`), most spent first. */
  budgetStates(tenant: TenantId, budget: string, window: string, limit: number): Promise<readonly BudgetState[]>;
  /** The findings that operators were told of or are to be told of, oldest first. */
  notices(tenant: TenantId): Promise<readonly Notice[]>;

  // ── alerts ──
  /** By name; none of those that were never looked at. */
  alertStates(tenant: TenantId): Promise<readonly AlertState[]>;
  /** Newest first; the newest thousand are kept, and those that last. */
  alertFirings(tenant: TenantId, limit: number): Promise<readonly AlertFiring[]>;
  /** In one transaction: an alert never fires without that standing among its firings. */
  changeAlerts(change: AlertChange): Promise<void>;

  // ── who is let in ──
  /** Codes that are valid, then those that were decided, the newest first; at most 1,000. */
  pairings(tenant: TenantId, now: Instant): Promise<readonly Pairing[]>;
  /** With its audit entry. Nothing when no such code is valid; a sender's id need not have asked. */
  settlePairing(tenant: TenantId, choice: PairingChoice, verdict: PairingVerdict, by: string, at: Instant): Promise<Pairing | undefined>;

  // ── tools of MCP servers ──
  /** What the server's tools may say of themselves. */
  acceptedTools(tenant: TenantId, server: string): Promise<ToolDigests>;
  /** Accepts these, with its audit entry, where nothing is known of the server yet; what is accepted then. */
  meetTools(tenant: TenantId, server: string, digests: ToolDigests, at: Instant): Promise<ToolDigests>;
  /** Accepts these, with its audit entry; what else the server has stays as it was. */
  acceptTools(tenant: TenantId, server: string, digests: ToolDigests, by: string, at: Instant): Promise<void>;

  // ── agents ──
  /** What agents are told from now on; what is known already stays as it is. */
  noteAgents(tenant: TenantId, versions: readonly Omit<AgentVersion, "at">[], at: Instant): Promise<void>;
  /** What an agent was told, newest first. */
  agentVersions(tenant: TenantId, agent: AgentId): Promise<readonly AgentVersion[]>;

  // ── control ──
  /**
   * Fails with nothing written (undefined) when `version` isn't the current one. Who sets what is set already changes
   * nothing: the version stays, and so does the answer that is being written under it. With `human` a handover begins, with
   * another control it ends.
   */
  setControl(
    tenant: TenantId,
    conversation: ConversationId,
    control: Control,
    version: number,
    by: string,
    at: Instant,
    change?: ControlChange,
  ): Promise<Conversation | undefined>;
  /**
   * The operator has it from now on, whoever spoke so far. Answers `conversation-taken` (nothing written) when another operator
   * has it, unless it is taken `from` that one.
   */
  takeOver(tenant: TenantId, conversation: ConversationId, takeover: Takeover, by: string, at: Instant): Promise<Result<Conversation>>;
  /** Of a conversation that people speak in. Answers `version-conflict` (nothing written) when `from` hasn't got it. */
  assign(tenant: TenantId, conversation: ConversationId, assignment: Assignment, by: string, at: Instant): Promise<Result<Conversation>>;
  /** Who answered there last, as far as that is kept. */
  lastAgent(tenant: TenantId, conversation: ConversationId): Promise<AgentId | undefined>;
  /** Newest first. */
  handovers(tenant: TenantId, filter: HandoverFilter): Promise<readonly (HandoverRecord & { readonly seq: number })[]>;
  /** Those that wait for somebody, the longest first. */
  waitingHandovers(tenant: TenantId, limit: number): Promise<readonly HandoverRecord[]>;
  /** Those that go back to their agents by themselves at that moment. */
  dueReturns(now: Instant, limit: number): Promise<readonly HandoverRecord[]>;
  addNote(tenant: TenantId, note: Note): Promise<void>;
  /** Newest first. */
  notes(
    tenant: TenantId,
    conversation: ConversationId,
    page: { readonly before?: number; readonly limit: number },
  ): Promise<readonly (Note & { readonly seq: number })[]>;

  // ── answers that operators write often ──
  /** By name. */
  cannedReplies(tenant: TenantId): Promise<readonly CannedReply[]>;
  /** Adds it, or replaces the one of that name, with its audit entry. Fails with `request-invalid` when there are too many. */
  putCannedReply(tenant: TenantId, reply: Pick<CannedReply, "name" | "text">, by: string, at: Instant): Promise<Result<CannedReply>>;
  /** With its audit entry; false when there is none of that name. */
  removeCannedReply(tenant: TenantId, name: string, by: string, at: Instant): Promise<boolean>;

  // ── money ──
  /** More may be spent in that window of a budget, by so much. */
  raiseBudget(tenant: TenantId, raise: BudgetRaise, by: string, at: Instant): Promise<void>;

  // ── accounts ──
  setPaused(tenant: TenantId, account: AccountId, paused: boolean, by: string, at: Instant): Promise<void>;
  pausedAccounts(tenant: TenantId): Promise<readonly AccountId[]>;

  // ── operators, logins, tokens ──
  operators(tenant: TenantId): Promise<readonly Operator[]>;
  operatorByName(tenant: TenantId, name: string): Promise<(Operator & { readonly passwordHash: string }) | undefined>;
  /** False when `onlyFirst` and there is an operator already, or when the name is taken. */
  addOperator(
    operator: Operator & { readonly passwordHash: string; readonly tenant: TenantId },
    options: { readonly onlyFirst: boolean },
  ): Promise<boolean>;
  /** Replaces the password and revokes the operator's logins (tokens stay) in one transaction; false when there is no such operator. */
  setPassword(tenant: TenantId, operator: OperatorId, passwordHash: string, at: Instant): Promise<boolean>;
  /** What everybody who ever was one is, or was, called. */
  operatorNames(tenant: TenantId): Promise<ReadonlyMap<OperatorId, string>>;
  /** Counts at once, in logins and tokens that there are. */
  setRole(tenant: TenantId, operator: OperatorId, role: Role): Promise<OperatorChange>;
  /** Revokes the operator's logins, tokens and links in the same transaction; the name is free again. */
  removeOperator(tenant: TenantId, operator: OperatorId, at: Instant): Promise<OperatorChange>;
  /** Adds whom an invitation was made for and voids it, in one transaction; `role` is the invitation's. */
  addInvited(hash: string, operator: Omit<Operator, "role"> & { readonly passwordHash: string }): Promise<"done" | "void" | "name-taken">;
  /** With a link's new password every login ends and the link is void, in one transaction; nothing when the link isn't valid. */
  resetPassword(hash: string, passwordHash: string, at: Instant): Promise<OperatorId | undefined>;
  /** Logins, tokens and links are known by the SHA-256 of their secret only. */
  addCredential(credential: Credential): Promise<void>;
  credential(hash: string): Promise<Credential | undefined>;
  credentials(tenant: TenantId, kind: Credential["kind"]): Promise<readonly Credential[]>;
  /** Notes that it was used, and moves the end of a login; false when there is none of that tenant, or it is revoked. */
  seeCredential(tenant: TenantId, hash: string, at: Instant, expiresAt?: Instant): Promise<boolean>;
  /** By hash; false when there is none of that tenant. */
  revokeCredential(tenant: TenantId, hash: string, at: Instant): Promise<boolean>;

  // ── vault and settings ──
  /** Ciphertext only; what is in it is the vault's business. */
  putSecret(tenant: TenantId, name: string, sealed: Uint8Array, at: Instant): Promise<void>;
  /** False, and nothing is changed, when there is one of that name. */
  addSecret(tenant: TenantId, name: string, sealed: Uint8Array, at: Instant): Promise<boolean>;
  secret(tenant: TenantId, name: string): Promise<Uint8Array | undefined>;
  secrets(tenant: TenantId): Promise<readonly { readonly name: string; readonly updatedAt: Instant }[]>;
  removeSecret(tenant: TenantId, name: string): Promise<boolean>;
  /** Replaces all sealed secrets in one transaction (a new master key). */
  replaceSecrets(tenant: TenantId, sealed: ReadonlyMap<string, Uint8Array>, at: Instant): Promise<void>;
  /** What the app or the CLI set, by dotted path (`accounts.support-bot`); over the file, under the environment. */
  settings(tenant: TenantId): Promise<ReadonlyMap<string, Json>>;
  /** `undefined` takes the setting away. */
  putSetting(tenant: TenantId, path: string, value: Json | undefined, by: string, at: Instant): Promise<void>;
  /** Grows with every change of settings, secrets or pauses, also by another process: cheap to ask every second. */
  version(tenant: TenantId): Promise<number>;

  // ── audit ──
  audit(entry: AuditEntry): Promise<void>;
  auditLog(
    tenant: TenantId,
    page: AuditFilter & { readonly before?: number; readonly limit: number },
  ): Promise<readonly (AuditEntry & { readonly n: number; readonly hash: string })[]>;
  /** Recomputes the chain of hashes; `brokenAt` is the first entry that doesn't fit. */
  verifyAudit(tenant: TenantId): Promise<{ readonly entries: number; readonly brokenAt?: number }>;

  // ── backup ──
  /** A consistent copy of everything into a new file, while running; attachments that are in the store come into the folder. */
  backup(file: string, filesFolder: string): Promise<{ readonly bytes: number; readonly messages: number }>;
}

/**
 * The whole story of one inbound event or of one message that an operator sent. Of an event that joined the turn of an
 * earlier one (`joined`), the answer and its deliveries are those of that turn.
 */
export interface Trace {
  readonly trace: TraceId;
  readonly joined?: EventId;
  readonly conversation: Conversation;
  readonly event?: {
    readonly id: EventId;
    readonly kind: string;
    readonly key: string;
    readonly state: EventState /** How often the platform sent it again. */;
    readonly repeats: number;
  };
  readonly messages: readonly PastMessage[];
  readonly entries: readonly LedgerEntry[];
  readonly deliveries: readonly Delivery[];
}

export type EventState = "queued" | "running" | "done" | "ignored" | "failed" | "cancelled";

/** One line of the live message flow. */
export interface Story {
  readonly trace: TraceId;
  readonly cursor: number;
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly channel: string;
  readonly senderName?: string;
  readonly preview: string;
  readonly state: EventState;
  readonly reason?: string;
  /** Of an ended one with an answer: the worst state of the answer's deliveries. */
  readonly delivery?: DeliveryState;
  readonly receivedAt: Instant;
  readonly endedAt?: Instant;
}

export interface StoryFilter {
  readonly before?: number;
  readonly limit: number;
  readonly account?: AccountId;
  readonly state?: EventState;
}

/** Unread messages of a conversation that are counted; so many are as many or more. */
export const mostUnread = 100;

export interface ConversationSummary extends Conversation {
  readonly cursor: number;
  readonly lastAt: Instant;
  readonly lastPreview: string;
  /** Something was said that the reader hasn't seen. */
  readonly unread: boolean;
  /** How many messages that is, up to `mostUnread`: those of people, operators and the system. What an agent answers belongs to its question. */
  readonly unreadCount: number;
  /** Its last message got no answer, or that didn't arrive. */
  readonly trouble: boolean;
}

export interface ExportFilter {
  readonly after?: number;
  /** Both included. */
  readonly from?: Instant;
  readonly to?: Instant;
  readonly account?: AccountId;
}

/** A message with where it was said. */
export interface ExportedMessage extends PastMessage {
  readonly trace: string;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: string;
  readonly title?: string;
}

export interface StoredMessage extends PastMessage {
  readonly seq: number;
  readonly trace: TraceId;
  /** Of an outbound one: the worst state of its deliveries. */
  readonly delivery?: DeliveryState;
  /** An agent's answer that was cut off: this is what was seen of it. */
  readonly broken?: true;
}

export interface Counts {
  readonly conversations: number;
  readonly messages: number;
  /** `poison`: set aside, waiting for an operator. */
  readonly events: { readonly [state in "queued" | "running" | "poison"]: number };
  /** Of the queued deliveries, those that failed before; 10,000 at most. */
  readonly retrying: number;
  readonly deliveries: { readonly [state in "queued" | "sending" | "unknown" | "failed" | "dead"]: number };
}

/** `owner` may everything; `admin` all but owners; `operator` conversations and queue; `viewer` looks. */
export type Role = "owner" | "admin" | "operator" | "viewer";

export interface Operator {
  readonly id: OperatorId;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Instant;
}

/** Which entries of the audit log; times are both included. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** `last-owner`: nothing was changed, because nobody could run the gateway any more. */
export type OperatorChange = "done" | "gone" | "last-owner";

export interface Credential {
  readonly tenant: TenantId;
  /** Hex SHA-256 of the secret. */
  readonly hash: string;
  /** The last three are links for one use: the first owner, a further operator, a new password. */
  readonly kind: "login" | "token" | "setup" | "invitation" | "reset";
  /** Who it acts as; of an invitation, who made it; absent for `setup`. */
  readonly operator?: OperatorId;
  readonly role: Role;
  readonly label: string;
  readonly createdAt: Instant;
  readonly expiresAt?: Instant;
  readonly revokedAt?: Instant;
  /** When it was last used, to the hour. */
  readonly seenAt?: Instant;
}

export interface AuditEntry {
  readonly tenant: TenantId;
  readonly at: Instant;
  /** An operator's id, `token:<label>`, `cli`, or `gateway`. */
  readonly actor: string;
  /** Noun-verb: `account-add`, `secret-set`, `login-refuse`. */
  readonly action: string;
  readonly subject: string;
  /** Never a secret. */
  readonly detail?: { readonly [key: string]: Json };
}
