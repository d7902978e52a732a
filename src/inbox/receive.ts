import type { Clock } from "../core/clock.ts";
import type { Engine } from "../core/engine.ts";
import type { PlatformEvent } from "../core/event.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import type { Live } from "../core/live.ts";
import type { InboxStore, Received } from "../core/store.ts";

/** The account that the events came in on. */
export interface Source {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly channel: string;
}

/**
 * Law 1: resolves once the events are on disk; only then may the platform be told. A rejection means that nothing was
 * stored, and that the platform must send them again. A known key is not stored twice, and counts as received. What is new
 * wakes its conversation.
 */
export async function receive(
  door: { readonly store: InboxStore; readonly clock: Clock; readonly live: Live; readonly wake: Engine["wake"] },
  source: Source,
  events: readonly PlatformEvent[],
  cursor?: string,
): Promise<readonly Received[]> {
  if (events.length === 0 && cursor === undefined) return [];
  const { store, clock, live, wake } = door;
  const { tenant, account } = source;
  const batch = { ...source, at: clock.now(), events };
  const received = await store.receive(cursor === undefined ? batch : { ...batch, cursor });
  received.forEach((one, index) => {
    const event = events[index];
    if (one.duplicate || !event) return;
    wake(`turn:${one.conversation}`, { tenant, account, sender: event.sender.id });
    for (const entry of one.entries) live.publish(tenant, { type: "ledger", entry, conversation: one.conversation });
    if (event.kind === "message" && one.message) {
      const message = { id: one.message, direction: "in", parts: event.parts, at: batch.at } as const;
      live.publish(tenant, { type: "message", conversation: one.conversation, message });
    }
  });
  return received;
}
