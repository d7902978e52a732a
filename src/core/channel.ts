import type { ZodType } from "zod";
import type { AccountState } from "./account-state.ts";
import type { ChannelTranslation } from "./channel-translation.ts";
import type { Clock } from "./clock.ts";
import type { MenuCommand } from "./command-menu.ts";
import type { DeliveryContent, SendOutcome, ShownPart } from "./delivery.ts";
import type { Dialect, TextLimit } from "./dialect.ts";
import type { Fault, Result } from "./errors.ts";
import type { Chat, PlatformEvent, PressEvent } from "./event.ts";
import type { GuidePicture } from "./guide-picture.ts";
import type { HttpClient, HttpRequest } from "./http.ts";
import type { AccountId, DeliveryId, FileId, TenantId, TurnId } from "./ids.ts";
import type { Log } from "./log.ts";
import type { FilePart } from "./message.ts";
import type { OptionalPackage, PackageLoader } from "./packages.ts";
import type { AccessPolicy } from "./route.ts";
import type { KnownTemplate } from "./template.ts";
import type { Instant } from "./terms.ts";

/**
 * A kind of platform: a plain object without state, one per file in `channels/`. What it can't do it leaves out.
 * Dedupe, access, order, splitting, pacing, retry, media and ledger are the core's; a channel translates.
 *
 * No method may throw for what the platform or the network does: that is a value. A throw is a bug, and is treated as
 * an outcome that nobody knows.
 */
export interface Channel<Settings = unknown> {
  /** The word in the configuration, and the file's name. */
  readonly kind: string;
  /** For people. */
  readonly name: string;
  /** One line: what it connects to, and how. */
  readonly summary: string;
  /** At most ten keys. Mark secrets with `secret()` and describe every key; forms, docs and checks come from it. */
  readonly settings: ZodType<Settings>;
  readonly dialect: Dialect;
  readonly limits: ChannelLimits;
  /** Whom an account admits whose configuration says nothing about it; absent: nobody. */
  readonly access?: DefaultAccess;
  /** True where programs write, who may be as quick as they like: nothing is to be concluded from their pace. */
  readonly programs?: true;
  /**
   * Whether the platform itself drops a second send with the same `delivery` id. True: however much later, so that nothing is ever
   * unknown. `words`: so, but not of messages with a file. `briefly`: for some minutes only; what is unknown for longer is the operator's
   * to decide, as elsewhere.
   */
  readonly idempotent: boolean | "words" | "briefly";
  /** True when the platform tells afterwards what became of a message: `decode` makes `ReceiptEvent`s of that. */
  readonly receipts?: true;
  /** True where people may write longer after somebody's last message than programs: `send` is told who did (`content.byHand`). */
  readonly byHand?: true;
  /** True where chats have conversations within them (`Chat.thread`). */
  readonly threads?: true;

  /** One real round trip that says who we are there. Names the cause of a refusal ("Telegram refused the token: …"). */
  probe(account: Account<Settings>, signal: AbortSignal): Promise<Result<Identity>>;

  /**
   * Receives by asking (long poll) or over a socket, until the signal aborts. `inbox.receive` resolves once the events
   * are on disk, and only then may the next offset or ack go out. Resolves with a fault when it can't go on; it is then
   * called again with backoff, or not at all for `channel-auth`.
   */
  listen?(account: Account<Settings>, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined>;

  /**
   * One HTTP request from the platform: verify over the raw bytes, then decode. Pure but for the account's clock. The
   * response is sent after the events are on disk. A fault becomes its HTTP status.
   */
  webhook?(account: Account<Settings>, request: WebhookRequest): Promise<Result<WebhookResult>> | Result<WebhookResult>;

  /** Sends one message. `account.http` says whether a failed call may have been acted on. */
  send(account: Account<Settings>, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome>;

  /** Writes `content` over the message that `receipt` names. Repeating it must change nothing. */
  edit?(account: Account<Settings>, outbound: Outbound & { readonly receipt: string }, signal: AbortSignal): Promise<SendOutcome>;

  /**
   * Shows an unfinished answer in a form that the platform keeps for that and that vanishes by itself; what belongs to one
   * turn replaces what was shown of it before. Only in chats that `limits.preview` names. `refused`: not here, and not again
   * in this turn.
   */
  preview?(account: Account<Settings>, preview: Preview, signal: AbortSignal): Promise<PreviewOutcome>;

  /**
   * Puts the account's reaction on a message, or takes it away where `reaction` is absent. Repeating it must change nothing.
   * A fault says why it isn't there.
   */
  react?(account: Account<Settings>, reaction: Reaction, signal: AbortSignal): Promise<Fault | undefined>;

  /** Takes back the message that `receipt` names. That it is gone already is no fault. */
  delete?(
    account: Account<Settings>,
    sent: { readonly chat: Chat; readonly receipt: string },
    signal: AbortSignal,
  ): Promise<Fault | undefined>;

  /** Shows that an answer to `event` is being made. Best effort: its failure is ignored. */
  typing?(account: Account<Settings>, chat: Chat, signal: AbortSignal, event?: PlatformEvent): Promise<void>;

  /** Tells the platform that a press was understood. Best effort. */
  acknowledgePress?(account: Account<Settings>, press: PressEvent, signal: AbortSignal): Promise<void>;

  /**
   * Shows in the platform's own menu what people may ask of the gateway; an empty list takes the menu away. After a probe, and whenever
   * the list is another. Asks first what stands there, so that repeating it changes nothing, and leaves alone what others put there.
   * Best effort: its failure is told in the log.
   */
  showCommands?(account: Account<Settings>, commands: readonly MenuCommand[], signal: AbortSignal): Promise<Fault | undefined>;

  /** How to fetch an attachment that `decode` named. The downloader makes the request under its limits. */
  locateFile?(account: Account<Settings>, ref: string, signal: AbortSignal): Promise<Result<LocatedFile>>;

  /** In place of `locateFile` where no HTTP request fetches it (a mailbox): the attachment's bytes. */
  fetchFile?(account: Account<Settings>, ref: string, signal: AbortSignal): Promise<Result<Uint8Array>>;

  /** The texts that the platform approved for the account. Present exactly where `send` takes `content.template`. */
  templates?(account: Account<Settings>, signal: AbortSignal): Promise<Result<readonly KnownTemplate[]>>;

  /** What some settings need and `polylogue channels install` brings. */
  readonly packages?: readonly OptionalPackage[];

  /** For the setup form: what the operator must do on the platform, in order, in Markdown. */
  readonly guide: string;
  /** How it looks there, in the order of the guide's steps: where words alone leave one searching. */
  readonly pictures?: readonly GuidePicture[];
  /** All of this by language tag (`de`), in the languages beside English that the channel speaks. */
  readonly translations?: Readonly<Record<string, ChannelTranslation>>;
}

/** What the downloader asks for. */
export interface LocatedFile extends HttpRequest {
  /** What it got is sealed: the file itself, or why it isn't what was sent. */
  open?(bytes: Uint8Array): Result<Uint8Array>;
}

export interface DefaultAccess {
  readonly direct?: AccessPolicy;
  readonly group?: AccessPolicy;
  /**
   * Anybody in the world can find an account and write to it: one that is open by default is a finding. Absent where the
   * operator decides anyway who can write at all (their own web page, a signed webhook).
   */
  readonly public?: true;
}

export interface ChannelLimits {
  readonly text: TextLimit;
  /** Text that goes with a file; `kinds`: with which, where not with all. */
  readonly caption?: TextLimit & { readonly kinds?: readonly FilePart["type"][] };
  /** Sends per second and account, and per conversation; published figures. */
  readonly rate: { readonly account: number; readonly conversation: number };
  /** Milliseconds between two edits of one message. Present exactly when answers stream by editing. */
  readonly editEvery?: { readonly direct: number; readonly group: number };
  /** Of `preview`: the chats that have it, milliseconds between two, and after how many one vanishes. Present exactly with the method. */
  readonly preview?: { readonly chats: readonly Chat["kind"][]; readonly everyMs: number; readonly lastsMs: number };
  /** Milliseconds after which `typing` is called again, because the indicator is about to vanish. Present exactly with the method. */
  readonly typingEvery?: number;
  /** Bytes of one inbound and one outbound file. `types`: bytes of an outbound one by its media type, where only those are taken. */
  readonly file?: { readonly inbound: number; readonly outbound: number; readonly types?: Readonly<Record<string, number>> };
  /**
   * Buttons of one message and characters of a label. Absent: buttons become numbered lines. `links: false`: none that opens an
   * address. `files: false`: not under a file.
   */
  readonly buttons?: { readonly count: number; readonly label: number; readonly links?: false; readonly files?: false };
  /** Files of one message, and which kinds may stand together. Absent: each file is a message. */
  readonly album?: { readonly count: number; readonly kinds: readonly (readonly FilePart["type"][])[] };
  /** What `send` shows by the platform's own means (`DeliveryContent.shown`); everything else becomes text. */
  readonly shows?: readonly ShownPart["type"][];
}

/** One configured credential, as a channel's methods see it. Secrets in `settings` are already resolved. */
export interface Account<Settings = unknown> {
  readonly tenant: TenantId;
  readonly id: AccountId;
  readonly settings: Settings;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  /** From the last successful probe of this process. */
  readonly identity?: Identity;
  /** The public address of `/hooks/<account>`; absent while the gateway has none. */
  readonly webhookUrl?: string;
  /** The bytes of a stored attachment. */
  readFile(id: FileId): Promise<Uint8Array>;
  /**
   * An address under which anybody who knows it may fetch the file for a while, for platforms that fetch what they are to
   * send. Absent while the gateway has no public address.
   */
  fileUrl?(file: FilePart): string | undefined;
  /** Absent outside a running gateway. */
  readonly state?: AccountState;
  /** Packages that aren't part of the installation (`Channel.packages`). Absent: there is no place where they are. */
  readonly load?: PackageLoader;
  /** Whether access may let this sender speak there: asked before entering a place that somebody invites the account to. */
  admits?(where: Pick<PlatformEvent, "chat" | "sender">): boolean;
}

/** Who the account is on the platform. */
export interface Identity {
  readonly id: string;
  /** As people see it, e.g. `@support_bot`. */
  readonly name: string;
}

/** Where `listen` hands over what it got. */
export interface Inbox {
  /** The cursor that was stored with the last events; absent at first. */
  readonly cursor: string | undefined;
  /**
   * Resolves when the events and the cursor are on disk (one transaction); rejects when they are not: then nothing may
   * be acknowledged, and the same events must come again.
   */
  receive(events: readonly PlatformEvent[], cursor?: string): Promise<void>;
  /** Called when a round trip succeeded, for the account's health. */
  alive(): void;
  /**
   * A part of the account doesn't work while the rest does (banned from one of its channels), and a person must see to it: a finding.
   * Without a fault it is over; `listen` begins with none.
   */
  trouble?(part: string, why: Fault | undefined): void;
}

export interface WebhookRequest {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  /** Names in lower case; repeated ones joined with a comma and a blank. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface WebhookResult {
  readonly events: readonly PlatformEvent[];
  readonly response: WebhookResponse;
}

export interface WebhookResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Outbound {
  /** Also the idempotency key where the platform takes one. */
  readonly delivery: DeliveryId;
  readonly chat: Chat;
  readonly content: DeliveryContent;
  /** See `Delivery.heardAt`. */
  readonly heardAt?: Instant;
}

export interface Reaction {
  readonly chat: Chat;
  /** The message's id on the platform. */
  readonly platformId: string;
  /** An emoji, as people type it. */
  readonly reaction?: string;
}

export interface Preview {
  /** Whose answer it is. */
  readonly turn: TurnId;
  readonly chat: Chat;
  readonly content: DeliveryContent;
}

/** What becomes of a preview; it has no receipt. */
export type PreviewOutcome = { readonly kind: "sent" } | Exclude<SendOutcome, { readonly kind: "sent" }>;

/** Checks nothing, infers everything: the way to write a channel. */
export function defineChannel<Settings>(channel: Channel<Settings>): Channel<Settings> {
  return channel;
}
