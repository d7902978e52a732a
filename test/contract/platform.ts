import type { Inbox, Outbound, WebhookRequest } from "../../src/core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../src/core/delivery.ts";
import type { ErrorCode, Fault } from "../../src/core/errors.ts";
import type { Chat, PlatformEvent } from "../../src/core/event.ts";
import { type DeliveryId, newId } from "../../src/core/ids.ts";
import type { AccountOptions } from "./account.ts";
import type { ContractCase } from "./proofs.ts";

/** What a channel's test knows about its platform. What a channel leaves out, its cases leave out too. */
export interface ChannelCases {
  /** Settings that the schema must refuse, by a name for the reason. */
  readonly refusedSettings?: Readonly<Record<string, unknown>>;
  /** Texts that may appear in no fault, outcome or log line: the secrets of `platform().settings`. */
  readonly secrets: readonly string[];
  /** A stand-in of the platform, over real HTTP or sockets; a fresh one for every test, closed after it. */
  platform(): Promise<Platform>;
  /** What a person there said, and what `decode` must make of it. Needs `webhook`. */
  readonly webhooks?: Readonly<Record<string, WebhookCase>>;
  /** Laid over the platform's settings for `webhooks`, where the channel takes webhooks in another mode. */
  readonly webhookSettings?: object;
  /** The same of the account. */
  readonly webhookAccount?: AccountOptions;
  /** The setting that webhooks are checked by: without it every one is refused, by the schema or at the door. */
  readonly webhookKey?: string;
  /** Published samples of what a socket or a poll brings, by name; what comes by webhook stands there. */
  readonly samples?: Readonly<
    Record<string, { readonly decode: () => readonly PlatformEvent[]; readonly expect: readonly PlatformEvent[] }>
  >;
  /** Cases that don't run for this variant of the platform, while they do for another; what never runs stands in the channel's proof. */
  readonly without?: readonly ContractCase[];
  /** Ways in which a send goes wrong, by name. */
  readonly failures?: Readonly<Record<string, FailureCase>>;
}

/** The stand-in, as the suite needs it. */
export interface Platform {
  /** As an operator writes them, secrets in clear, with the stand-in's address. */
  readonly settings: unknown;
  readonly account?: AccountOptions;
  /** A conversation that takes messages. */
  readonly chat: Chat;
  /** What the readers of `chat` see from us now, oldest first, edits applied. */
  seen(): readonly string[] | Promise<readonly string[]>;
  /** What a reader sees of one of those, where `seen` gives it with its markup. */
  read?(text: string): string;
  /** What our calls broke of the platform's published description so far; present where it is held against one. */
  readonly violations?: readonly string[];
  /** Breaks the connections that `listen` has; needed with `listen`. */
  cut?(): void | Promise<void>;
  /** A person writes into `chat`; needed when the channel has `listen`. */
  say?(text: string): void | Promise<void>;
  /** Makes the credential invalid from now on; needed when the platform checks one. */
  revoke?(): void | Promise<void>;
  close(): Promise<void>;
}

export interface WebhookCase {
  /** Signed for `platform().settings`. */
  readonly request: WebhookRequest;
  /** The events that must come out, in order, or the code of the refusal. */
  readonly expect: readonly PlatformEvent[] | ErrorCode;
}

export interface FailureCase {
  /** Arranges for the next send to fail so. */
  arrange(platform: Platform): void | Promise<void>;
  readonly expect: SendOutcome["kind"];
  readonly code?: ErrorCode;
  /** How many messages the readers see after it; 0 if absent. */
  readonly seen?: number;
}

/** A message of ours with this text and no markup. */
export function outbound(chat: Chat, text: string, more: Partial<DeliveryContent> = {}): Outbound {
  return { delivery: newId("delivery", Date.now()) as DeliveryId, chat, content: { text, visible: text, ...more } };
}

/** An inbox that keeps what it gets, and aborts `end` once it holds `wanted` events. */
export class TestInbox implements Inbox {
  cursor: string | undefined;
  readonly events: PlatformEvent[] = [];
  /** Makes the next `receive` with events reject. */
  refuseNext = false;
  refusals = 0;
  wasAlive = false;
  /** Why each part that doesn't work doesn't. */
  readonly troubles = new Map<string, Fault>();
  readonly #end: AbortController;
  readonly #wanted: number;
  readonly #known: Set<string>;
  #waiting: (() => void)[] = [];

  /** `known`: keys of events that earlier inboxes have, and later ones will know from this. */
  constructor(end: AbortController, wanted: number, known = new Set<string>()) {
    this.#end = end;
    this.#wanted = wanted;
    this.#known = known;
  }

  async receive(events: readonly PlatformEvent[], cursor?: string): Promise<void> {
    if (this.refuseNext && events.length > 0) {
      this.refuseNext = false;
      this.refusals++;
      throw new Error("not stored");
    }
    for (const event of events) {
      if (this.#known.has(event.key)) continue;
      this.#known.add(event.key);
      this.events.push(event);
    }
    this.cursor = cursor ?? this.cursor;
    if (this.events.length >= this.#wanted) this.#end.abort();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  alive(): void {
    this.wasAlive = true;
  }

  trouble(part: string, why: Fault | undefined): void {
    if (why) this.troubles.set(part, why);
    else this.troubles.delete(part);
  }

  /** Resolves once it holds so many events. */
  async holds(count: number): Promise<void> {
    while (this.events.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The words of the messages received so far. */
  texts(): string[] {
    return this.events.flatMap((event) =>
      event.kind === "message" ? event.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])) : [],
    );
  }
}

export function inFull(shown: unknown): string {
  return (
    JSON.stringify(shown, (_, value: unknown) => (value instanceof Error ? { text: String(value.stack), cause: value.cause } : value)) ?? ""
  );
}
