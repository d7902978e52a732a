import type { ConversationId, TenantId } from "./ids.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Part } from "./message.ts";
import type { Control } from "./terms.ts";
import type { TurnEvent } from "./turn.ts";

/** What happens now, for windows that are open. Nothing depends on it: who misses something asks the store. */
export type LiveEvent =
  | { readonly type: "ledger"; readonly entry: LedgerEntry; readonly conversation?: ConversationId }
  | { readonly type: "turn"; readonly event: TurnEvent; readonly conversation: ConversationId }
  | {
      readonly type: "message";
      readonly conversation: ConversationId;
      readonly message: { readonly id: string; readonly direction: "in" | "out"; readonly parts: readonly Part[]; readonly at: number };
    }
  | { readonly type: "control"; readonly conversation: ConversationId; readonly control: Control; readonly version: number }
  | { readonly type: "account"; readonly account: string }
  | { readonly type: "config" };

export interface Live {
  publish(tenant: TenantId, event: LiveEvent): void;
  /** Calls `hear` for every event of the tenant until the returned function is called. `hear` must not throw or block. */
  subscribe(tenant: TenantId, hear: (event: LiveEvent) => void): () => void;
}
