import type { Instant } from "./terms.ts";

/** An answer that operators write often. */
export interface CannedReply {
  /** By which it is found; unique in the tenant. */
  readonly name: string;
  /** Plain text with variables: `{{customer.name}}`. */
  readonly text: string;
  /** Who wrote it last: an operator's id, `token:<label>`, or `cli`. */
  readonly by: string;
  readonly updatedAt: Instant;
}

/** What stands in place of each variable. */
export const replyVariables = ["customer.name", "operator.name", "account", "channel", "date", "time"] as const;

/** How many a tenant can have, and their length in characters. */
export const replyLimits = { most: 500, name: 40, text: 10_000 } as const;

const namePattern = new RegExp(`^[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} _.-]{0,${replyLimits.name - 1}}$`, "u");
export const replyNameHint = `A name is 1 to ${replyLimits.name} letters, digits, blanks or _ . - and begins with a letter or digit.`;

export function isReplyName(name: string): boolean {
  return namePattern.test(name);
}

const variable = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Variables of the text that nothing stands for, as they are written there. */
export function unknownVariables(text: string): readonly string[] {
  const known: readonly string[] = replyVariables;
  return [...new Set([...text.matchAll(variable)].filter(([, name = ""]) => !known.includes(name)).map(([whole]) => whole))];
}
