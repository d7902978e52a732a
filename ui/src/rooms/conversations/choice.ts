export const conversationTabs = ["all", "unread", "waiting", "mine", "human", "agent", "paused", "trouble"] as const;

/** Which conversations are looked at: it stands in the address. */
export type ConversationTab = (typeof conversationTabs)[number];

export interface ConversationChoice {
  /** Absent: all. */
  readonly tab?: Exclude<ConversationTab, "all">;
  readonly account?: string;
  readonly channel?: string;
  readonly q?: string;
}

/** Which message of a conversation is looked for. */
export interface SoughtMessage {
  readonly message?: string;
}

export function readSought(search: Record<string, unknown>): SoughtMessage {
  const message = text(search.message);
  return { ...(message && { message }) };
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 100) : undefined);

/** A query of digits comes out of an address as a number. */
const words = (value: unknown) => text(typeof value === "number" ? String(value) : value);

export function readChoice(search: Record<string, unknown>): ConversationChoice {
  const tab = conversationTabs.find((known) => known === search.tab);
  const [account, channel, q] = [words(search.account), text(search.channel), words(search.q)];
  return { ...(tab && tab !== "all" && { tab }), ...(account && { account }), ...(channel && { channel }), ...(q && { q }) };
}
