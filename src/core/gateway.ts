import type { AccountStatus } from "./account-status.ts";
import type { Calls } from "./calls.ts";
import type { Identity, WebhookRequest, WebhookResponse } from "./channel.ts";
import type { Fault, Result } from "./errors.ts";
import type { Chat, PlatformEvent } from "./event.ts";
import type { SaidFinding } from "./finding.ts";
import type { AccountId, ConversationId, DeliveryId, MessageId, OperatorId, TenantId } from "./ids.ts";
import type { Part } from "./message.ts";
import type { Received } from "./store.ts";
import type { KnownTemplate, Purpose } from "./template.ts";
import type { TouchRequest } from "./touch.ts";

/** What the rooms around the path (http, cli, ops) may ask of the running gateway. */
export interface GatewayDoor {
  /** Stores events of an account, then lets its conversations run. Rejects with FaultError when they are not stored. */
  receive(account: AccountId, events: readonly PlatformEvent[], cursor?: string): Promise<readonly Received[]>;
  /** A platform's request to `/hooks/<account>`: verified, decoded, stored, and only then answered. */
  webhook(account: string, request: WebhookRequest): Promise<Result<WebhookResponse>>;
  /** A message of an operator (or the CLI) into a conversation, by its id or by account and the platform's chat id. */
  send(message: OperatorMessage): Promise<Result<{ readonly message: MessageId; readonly deliveries: readonly DeliveryId[] }>>;
  /** Reacts to a message that is on the platform, or takes one of ours back; see `touchMessage`. */
  touch(request: TouchRequest): Promise<Result<{ readonly lost: number }>>;
  /**
   * Waits until nothing that an agent says there is on its way, after it was taken over. False when that takes too long: the
   * platform doesn't answer.
   */
  quiet(conversation: ConversationId): Promise<boolean>;
  /** Deliveries were settled, control was changed, settings were written: look at the store again now. */
  wake(): void;
  readonly accounts: AccountsDoor;
  /** What is asked of models outside a turn. */
  readonly calls: Calls;
  findings(): readonly SaidFinding[];
  /** The models that agents name, and how they are. Another process knows it otherwise: each finds out for itself. */
  models(): readonly ModelHealth[];
  /** Lanes that run and that wait; accounts and conversations that the outbox remembers for later. All are bounded. */
  load(): { readonly running: number; readonly waiting: number; readonly held: number };
  /** Nothing new is taken any more: from SIGTERM on, where there are several gateways once the accounts were handed over. */
  readonly draining: boolean;
}

/** The same for whoever runs it. */
export interface Gateway extends GatewayDoor {
  start(): Promise<void>;
  /** Takes nothing new, lets what runs end within the grace, and leaves the rest to the next start. */
  drain(graceMs: number): Promise<void>;
}

export interface ModelHealth {
  /** `provider/model`. */
  readonly model: string;
  /** Which of the provider's keys, where there are several: 1 is the first. */
  readonly key?: number;
  /** `failing`: it isn't asked for `waitMs`, then one call finds out. */
  readonly state: "usable" | "failing";
  readonly waitMs?: number;
  readonly failures?: number;
  readonly fault?: Fault;
}

export interface OperatorMessage {
  readonly tenant: TenantId;
  readonly to: { readonly conversation: ConversationId } | { readonly account: AccountId; readonly chat: string; readonly thread?: string };
  readonly parts: readonly Part[];
  readonly by: OperatorId | string;
  /** It is the gateway's own and tells operators of a finding; see `NewOutbound.notice`. */
  readonly notice?: true;
  /** Absent: a message of an operator's, or with `notice` a notice. */
  readonly purpose?: Purpose;
  /** A person wrote it for whoever reads it: no program, nothing that goes to many. */
  readonly byHand?: true;
}

/** The configured accounts and how they are. */
export interface AccountsDoor {
  list(): readonly AccountStatus[];
  get(id: string): AccountStatus | undefined;
  /** A real round trip with settings that aren't saved yet (references to secrets are resolved). Nothing is stored. */
  probe(channel: string, settings: unknown): Promise<Result<Identity>>;
  /** See `Channel.templates`; `template-refused` where the channel has none. */
  templates(id: string): Promise<Result<readonly KnownTemplate[]>>;
  /** Shows in the chat that somebody writes, where its channel can and the account is up. The platform forgets it after a while. */
  showTyping(id: AccountId, chat: Chat): void;
}
