import type { AccountId, ConversationId, OperatorId, TenantId } from "./ids.ts";
import type { SearchQuery } from "./search.ts";

export const conversationStates = ["agent", "human", "waiting", "mine", "paused"] as const;

/** Who speaks there. Of those in which people speak, `waiting`: nobody has it, `mine`: the reader does. */
export type ConversationState = (typeof conversationStates)[number];

/** Which conversations, for whom. */
export interface ConversationFilter {
  /** The operator who looks. Absent: nothing is unread, and nothing his. */
  readonly reader?: OperatorId;
  readonly account?: AccountId;
  readonly channel?: string;
  readonly state?: ConversationState;
  /** Something was said that the reader hasn't seen. */
  readonly unread?: true;
  /** Something of it waits for an operator's word, or its last message got no answer because that failed. */
  readonly trouble?: true;
  /** Letters of its title or chat id, or words of the name of who wrote there. */
  readonly name?: { readonly letters: string; readonly words?: SearchQuery };
  /** `waiting`: only those in which people speak, those first for which nothing happened for longest. */
  readonly sort?: "last" | "waiting";
  /** The `cursor` of the last one seen, under the same sort. */
  readonly before?: number;
  readonly limit: number;
}

export interface ConversationCounts {
  readonly all: number;
  readonly unread: number;
  readonly human: number;
  readonly waiting: number;
  readonly mine: number;
  readonly paused: number;
  readonly trouble: number;
}

/** What an operator has seen. */
export interface ReadMark {
  readonly tenant: TenantId;
  readonly operator: OperatorId;
  /** Absent: all there are. */
  readonly conversation?: ConversationId;
}
