import type { Conversation } from "./conversation.ts";
import type { ConversationId, OperatorId, TenantId } from "./ids.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Part } from "./message.ts";
import type { Presence } from "./presence.ts";
import type { Control } from "./terms.ts";
import type { TurnEvent } from "./turn.ts";

/** Every type of live event. */
export const liveTypes = [
  "ledger",
  "turn",
  "message",
  "control",
  "note",
  "read",
  "presence",
  "replies",
  "account",
  "config",
  "finding",
  "model",
  "figures",
  "reset",
] as const satisfies readonly LiveEvent["type"][];

/** What happens now, for windows that are open. Nothing depends on it: who misses something asks the store. */
export type LiveEvent =
  | { readonly type: "ledger"; readonly entry: LedgerEntry; readonly conversation?: ConversationId }
  | { readonly type: "turn"; readonly event: TurnEvent; readonly conversation: ConversationId; readonly channel: string }
  | {
      readonly type: "message";
      readonly conversation: ConversationId;
      readonly message: { readonly id: string; readonly direction: "in" | "out"; readonly parts: readonly Part[]; readonly at: number };
    }
  | { readonly type: "control"; readonly conversation: ConversationId; readonly control: Control; readonly version: number }
  /** An operator wrote one for the others. */
  | { readonly type: "note"; readonly conversation: ConversationId }
  /** An operator has seen what was said there, or (without one) everywhere. */
  | { readonly type: "read"; readonly operator: OperatorId; readonly conversation?: ConversationId }
  /** Who of the operators looks at the conversation or writes there now. */
  | { readonly type: "presence"; readonly conversation: ConversationId; readonly present: readonly Presence[] }
  /** Canned replies were changed. */
  | { readonly type: "replies" }
  | { readonly type: "account"; readonly account: string }
  | { readonly type: "config" }
  /** What somebody should act on isn't what it was. */
  | { readonly type: "finding" }
  /** `provider/model` isn't asked any more, or again, or has failed for so long that it is a finding. */
  | { readonly type: "model"; readonly model: string }
  /** What happened before is counted: those of Analytics aren't what they were. */
  | { readonly type: "figures" }
  /** Something was missed: who watches is to ask anew. */
  | { readonly type: "reset" };

export interface Live {
  publish(tenant: TenantId, event: LiveEvent): void;
  /**
   * Calls `hear` for every event of the tenant with one of these types, until the returned function is called. `hear` must
   * not throw or block. A model's every word is an event: who needs none of them doesn't ask for `turn`.
   */
  subscribe<Type extends LiveEvent["type"]>(
    tenant: TenantId,
    types: readonly Type[],
    hear: (event: Extract<LiveEvent, { readonly type: Type }>) => void,
  ): () => void;
  /**
   * Somebody reads along what models write, until the returned function is called. Absent where that costs nothing: between
   * gateways their words are told only then, but for those of the web chat, whose visitors see them.
   */
  watch?(): () => void;
}

/** Who speaks there, or who of the operators has it, has changed. */
export function tellControl(live: Live, { tenant, id, control, controlVersion: version }: Conversation): void {
  live.publish(tenant, { type: "control", conversation: id, control, version });
}

/** Publishes entries that were just stored. */
export function tellLedger(live: Live): (entries: readonly LedgerEntry[], conversation: ConversationId) => void {
  return (entries, conversation) => {
    for (const entry of entries) live.publish(entry.tenant, { type: "ledger", entry, conversation });
  };
}
