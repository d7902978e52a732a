import type { ReplicaId } from "./replica.ts";

/**
 * Words between replicas. Nothing depends on one: what is told may never arrive, and who misses something finds it in the
 * store within a second. What is told is JSON.
 */
export interface Bus {
  /** To one replica, or to all others. Returns at once. */
  tell(to: ReplicaId | "others", subject: string, what: unknown): void;
  /** Hears what others tell; must not throw or block. */
  hear(subject: string, hear: (what: unknown, from: ReplicaId) => void): void;
  /** Asks one replica. Nothing when no answer comes in that time. */
  ask(to: ReplicaId, subject: string, what: unknown, ms: number): Promise<unknown>;
  /** Answers what others ask. */
  answer(subject: string, answer: (what: unknown) => Promise<unknown>): void;
  /** Since when (elapsed ms) nothing goes through; absent while it does. */
  readonly cutSince: number | undefined;
  close(): Promise<void>;
}

/** What replicas tell each other about one subject: over a bus, with all that this means. */
export interface Hearsay<News> {
  tell(news: News): void;
  hear(heard: (news: News) => void): void;
}
