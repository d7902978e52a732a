import type { FileId, TenantId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/** How long what is over stays, in days of age (see `RetentionStore.tellTime`). Absent: for ever. */
export interface Retention {
  /** Events with their messages, deliveries, model calls and attachments. */
  readonly messagesDays?: number;
  /** The stages of their story; they never outlive it. */
  readonly ledgerDays?: number;
  /** Of each conversation so many messages stay however old they are: what a model is shown of its past. */
  readonly newestMessages: number;
}

/** What the clocks say at one moment. */
export interface ClockReading {
  readonly now: Instant;
  /** Milliseconds by a counter that nobody sets, and that goes on while no gateway runs. */
  readonly upMs: number;
  /** What the counter counts from; two readings with different ones say nothing about the time between them. */
  readonly boot: string;
}

/** Where a pass has come to. */
export interface SweepPlace {
  readonly of: "keys" | "ledger" | "calls" | "stories";
  /** Rows up to this one are done. */
  readonly after: number;
}

/**
 * Dropping what has been kept long enough. Nothing that is open is ever dropped: events that aren't ended, deliveries
 * that aren't ended or wait for an operator (`unknown`, `dead`), and the story that they belong to. Operators, settings,
 * secrets, conversations and the audit log are never touched.
 */
export interface RetentionStore {
  /**
   * To be called once at the start and then regularly. Age grows by the time that passed on the counter; where that can't
   * be told (another boot, another machine) it doesn't grow, so that a wrong clock makes nothing old.
   *
   * When the wall clock moved otherwise than the counter, what waits for a time waits as long as before: times ahead move
   * along with the clock, in this call's transaction. Over time that nobody can vouch for, a wait stands still. Resolves
   * with the milliseconds by which the clock was moved.
   */
  tellTime(reading: ClockReading): Promise<number>;
  /**
   * One small step of a pass; `place` is what the last step gave, absent at the beginning. Resolves with nothing when
   * the pass is over. `dedupeDays` counts in age as well.
   */
  sweep(keep: Retention & { readonly dedupeDays: number }, place?: SweepPlace): Promise<SweepPlace | undefined>;
  /**
   * One small step of adding up what calls used (`Records.usage`): calls are dropped only after that. `sendersBefore`: days
   * before that one (`2026-11-26`) no longer say whose it was. Whether there is more to do.
   */
  foldUsage(sendersBefore?: string): Promise<boolean>;
  /** Attachments that no message holds any more and whose bytes may still be there. */
  droppedFiles(limit: number): Promise<readonly { readonly tenant: TenantId; readonly id: FileId }[]>;
  /** Their bytes are gone. */
  forgetFiles(ids: readonly FileId[]): Promise<void>;
  /** Those of them that no message holds. */
  strayFiles(tenant: TenantId, ids: readonly FileId[]): Promise<readonly FileId[]>;
  /** Writes what a message with its answer takes and takes it back: whoever asks for health hears of a full disk. */
  probe(): Promise<void>;
}
