export interface CrashPlan {
  /** A method of the store, or the last part of a called address; absent: no crash. */
  readonly point?: string;
  readonly when?: "before" | "after";
  /** Which call of this life it is. */
  readonly nth?: number;
  /** Where the crash is noted, on disk before it happens. */
  readonly log: string;
  readonly broken?: "ack-before-commit" | "no-dedupe";
}

/** Every boundary of the path. What stands here is crossed by the scenario's traffic in every life. */
export const boundaries = [
  "recover",
  "receive",
  "nextEvent",
  "ignoreEvent",
  "saveParts",
  "beginTurn",
  "stepTurn",
  "retryTurn",
  "finishTurn",
  "beginDraft",
  "draftSent",
  "beginAttempt",
  "endAttempt",
  "getUpdates",
  "sendMessage",
  "editMessageText",
  "sink",
] as const;

/** Those that only some messages cross: a life sees one or two of them. */
export const rare: ReadonlySet<string> = new Set([
  "recover",
  "saveParts",
  "stepTurn",
  "retryTurn",
  "beginDraft",
  "draftSent",
  "editMessageText",
]);
