import type { PastMessage } from "./conversation.ts";
import type { ConversationId, TenantId } from "./ids.ts";

/**
 * Which past an event has, told with the event by the store that keeps both: two events of a conversation whose `behind`,
 * `from` and `version` are equal have the same past, to the letter. Stories are numbered in the order of their arrival.
 */
export interface PlaceInPast {
  /** The event's own story. */
  readonly story: number;
  /** The newest story before it that has, or may get, a message; 0 where there is none. */
  readonly behind: number;
  /** The story with which somebody began anew: it, and what was before it, is no past. 0: nobody did. */
  readonly from: number;
  /** Grows in the transaction in which what was said changes or goes: an edit, retention. */
  readonly version: number;
}

/** The newest messages of a conversation's past, up to the story `upTo`, which has ended, as all before it. */
export interface KnownPast extends Pick<PlaceInPast, "from" | "version"> {
  readonly upTo: number;
  /** Oldest first, at most `limit`. */
  readonly messages: readonly PastMessage[];
  readonly limit: number;
  /** There are none before them. */
  readonly whole: boolean;
}

/**
 * What was read of pasts, in memory or in a server that replicas share. Whatever it answers is held against the event's
 * place, so it need not know what is written: it may forget anything at any moment (law 2), lose one of two writes and
 * answer what is long out of date. It must not mix up tenants or conversations, or answer half a value. A rejection counts
 * as nothing found.
 */
export interface PastCache {
  get(tenant: TenantId, conversation: ConversationId): Promise<KnownPast | undefined>;
  put(tenant: TenantId, conversation: ConversationId, past: KnownPast): Promise<void>;
}

/** Reads of pasts since the start. */
export interface PastReads {
  /** Nothing was asked of the store. */
  readonly kept: number;
  /** Only what is newer than what was kept. */
  readonly newer: number;
  /** All of it. */
  readonly whole: number;
}
