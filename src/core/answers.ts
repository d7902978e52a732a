import { createHash } from "node:crypto";
import type { AgentId, TenantId } from "./ids.ts";
import type { Part } from "./message.ts";
import type { Instant } from "./terms.ts";

/** An answer that is kept for the time when no model can be reached. */
export interface KeptAnswer {
  readonly parts: readonly Part[];
  readonly at: Instant;
  /** Of the question, with the model that made it. Absent: only the very same question finds it. */
  readonly vector?: KeptVector | undefined;
}

export interface KeptVector {
  readonly model: string;
  readonly values: readonly number[];
}

/** Whose answers: other agents', other tenants' and those of other instructions say something else. */
export interface AnswersOf {
  readonly tenant: TenantId;
  readonly agent: AgentId;
  /** Of what the agent was told, with all that it was told of who asks and where; see `versionIn`. */
  readonly version: string;
}

export interface AnswerStore {
  /** In place of an older one to the same question; the oldest go where there are too many. */
  keepAnswer(of: AnswersOf, key: string, answer: KeptAnswer): Promise<void>;
  /** To that very question, not older than `since`. */
  keptAnswer(of: AnswersOf, key: string, since: Instant): Promise<KeptAnswer | undefined>;
  /** The newest that have a vector of that model. */
  keptAnswers(of: AnswersOf, model: string, since: Instant, limit: number): Promise<readonly KeptAnswer[]>;
  /** Those that are older go. */
  dropAnswers(before: Instant): Promise<void>;
}

/** The same for questions that differ in case, spaces and marks at their end. */
export function questionKey(question: string): string {
  const plain = question
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/[\s?!.…]+$/, "")
    .trim();
  return createHash("sha256").update(plain).digest("hex").slice(0, 32);
}

const leastLength = 8;
const mostLength = 500;

/**
 * Whether a question may be anybody's: long enough to mean one thing, short, and without what belongs to one person (addresses,
 * numbers of phones, cards, orders).
 */
export function isAnybodys(question: string): boolean {
  const { length } = question.trim();
  return length >= leastLength && length <= mostLength && !/\S@\S|\d[\d\s./-]{4,}\d/.test(question);
}
