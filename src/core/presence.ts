import type { ConversationId, OperatorId } from "./ids.ts";

/** An operator at a conversation. It is said again every few seconds and forgotten soon after; no customer hears of it. */
export interface Presence {
  readonly operator: OperatorId;
  readonly name: string;
  readonly doing: "viewing" | "typing";
}

export interface PresenceAt {
  readonly conversation: ConversationId;
  readonly present: readonly Presence[];
}
