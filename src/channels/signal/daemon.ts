import type { SendOutcome } from "../../core/delivery.ts";
import type { Fault, Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { CallFailure } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { SignalAccount } from "./settings.ts";

/** A message of ours, in Signal's terms. */
export interface Letter {
  readonly chat: Chat;
  readonly text: string;
  /** `start:length:STYLE`. */
  readonly styles: readonly string[];
  /** Data URIs (RFC 2397) with a file name. */
  readonly attachments: readonly string[];
  readonly quote?: Target;
}

/** A message by its author and the time at which it was sent, which is all its id that there is. */
export interface Target {
  readonly author: string;
  readonly timestamp: number;
}

/** What the two programs before signal-cli have in common; each in its own words. No method throws for what the network does. */
export interface Daemon {
  /** Whether it is there and has the account. */
  check(account: SignalAccount, signal: AbortSignal): Promise<Result<true>>;
  send(account: SignalAccount, letter: Letter, signal: AbortSignal): Promise<SendOutcome>;
  react(
    account: SignalAccount,
    chat: Chat,
    target: Target,
    emoji: string,
    remove: boolean,
    signal: AbortSignal,
  ): Promise<Fault | undefined>;
  remove(account: SignalAccount, chat: Chat, timestamp: number, signal: AbortSignal): Promise<Fault | undefined>;
  typing(account: SignalAccount, chat: Chat, signal: AbortSignal): Promise<void>;
  attachment(account: SignalAccount, chat: string, id: string, signal: AbortSignal): Promise<Result<Uint8Array>>;
  /** Asks once; resolves with what came within some seconds. */
  poll(account: SignalAccount, signal: AbortSignal): Promise<Result<readonly Json[], CallFailure>>;
  /** What comes as it comes, with the cursor behind it where there is one, until the connection ends with a fault. */
  events(account: SignalAccount, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Arrived, Fault>;
}

/** What came together; nothing: the connection lives. */
export interface Arrived {
  readonly items: readonly Json[];
  readonly cursor?: string;
}
