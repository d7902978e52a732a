import type { Fault, Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { type CallFailure, callPlatform, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { SignalAccount } from "./settings.ts";

/** A message by its author and the time at which it was sent, which is all the id that there is. */
export interface Target {
  readonly author: string;
  readonly timestamp: number;
}

/** What is asked of signal-cli, whichever program stands before it. */
export type Task =
  | {
      readonly do: "send";
      readonly chat: Chat;
      readonly text: string;
      /** `start:length:STYLE`. */
      readonly styles: readonly string[];
      /** Data URIs (RFC 2397) with a file name. */
      readonly attachments: readonly string[];
      readonly quote?: Target;
    }
  | { readonly do: "react"; readonly chat: Chat; readonly target: Target; readonly emoji: string; readonly remove: boolean }
  | { readonly do: "remove"; readonly chat: Chat; readonly timestamp: number }
  | { readonly do: "type"; readonly chat: Chat }
  /** What came; it waits some seconds for something. */
  | { readonly do: "receive" };

/** The two programs before signal-cli, each in its own words. No method throws for what the network does. */
export interface Daemon {
  /** Whether it is there and has the account. */
  check(account: SignalAccount, signal: AbortSignal): Promise<Result<true>>;
  perform(account: SignalAccount, task: Task, signal: AbortSignal): Promise<Result<Json, CallFailure>>;
  attachment(account: SignalAccount, chat: string, id: string, signal: AbortSignal): Promise<Result<Uint8Array>>;
  /** What comes as it comes, with the cursor behind it where there is one, until the connection ends with a fault. */
  events(account: SignalAccount, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Arrived, Fault>;
}

/** What came together; nothing: the connection lives. */
export interface Arrived {
  readonly items: readonly Json[];
  readonly cursor?: string;
}

interface Call {
  readonly platform: string;
  readonly what: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: object | undefined;
  readonly refusal: (answer: PlatformAnswer) => Refusal | undefined;
}

/** Milliseconds: signal-cli answers when Signal has it, files included; and bytes: attachments are in base64. */
const limits = { timeoutMs: 180_000, maxBytes: 50_000_000 };

export async function call(account: SignalAccount, of: Call, signal: AbortSignal): Promise<Result<Json, CallFailure>> {
  const { platform, what, method, path, body, refusal } = of;
  const json = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const request = { method, url: addressOf(account, path), ...json, ...limits, signal };
  const answer = await callPlatform(account.http, { platform, what, request, secrets: [], refusal });
  return answer.ok ? { ok: true, value: answer.value.json } : answer;
}

export function addressOf({ settings }: SignalAccount, path: string): string {
  return settings.url.replace(/\/+$/, "") + path;
}
