import type { ErrorCode } from "./errors.ts";
import type { Finding } from "./finding.ts";
import type { AccountId, TenantId, TraceId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/** Where operators are told of findings. */
export interface NoticePlace {
  readonly account: AccountId;
  /** The platform's ids. */
  readonly chat: string;
  readonly thread?: string;
}

/** A finding that lasts, and who was told of it: what must outlive a restart, so that nothing is told twice or forgotten. */
export interface Notice {
  readonly tenant: TenantId;
  /** As it was last seen; `code` and `subject` name it. */
  readonly finding: Finding;
  /** When it came up. */
  readonly since: Instant;
  /** When it was over, while somebody who was told of it hasn't been told that. */
  readonly overAt?: Instant;
  /** One entry per place that believes it to last. */
  readonly told: readonly Told[];
}

export interface Told extends NoticePlace {
  readonly at: Instant;
}

/** What changes with one look at the findings. */
export interface NoticeChange {
  readonly put: readonly Notice[];
  readonly remove: readonly Pick<Notice, "tenant" | "finding">[];
}

/** The place's name in subjects and logs. */
export function placeName({ account, chat, thread }: NoticePlace): string {
  return [account, chat, ...(thread === undefined ? [] : [thread])].join("/");
}

/** What went wrong for an account, counted: from this come findings, one per account and code. */
export type Trouble = {
  readonly account: AccountId;
  readonly count: number;
  /** The story (our id) of the newest one. */
  readonly newest: TraceId;
} & (
  | {
      /** Deliveries that wait for an operator's word, or messages that were set aside. */
      readonly kind: "unknown" | "failed" | "dead" | "poison";
    }
  /** Conversations that the loop guard paused and nobody resumed. */
  | { readonly kind: "loop" }
  /** Messages whose turn failed with this code. */
  | { readonly kind: "turn-fail"; readonly code: ErrorCode }
  /** Notices that didn't arrive, whatever became of them. */
  | { readonly kind: "notice"; readonly place: NoticePlace }
);
