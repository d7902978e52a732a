import type { Clock } from "../core/clock.ts";
import type { Lease, Worked } from "../core/engine.ts";
import type { Fault } from "../core/errors.ts";
import type { AccountId, ConversationId } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import type { TouchRequest } from "../core/touch.ts";
import { type DeliverDoor, deliverNext } from "./deliver.ts";
import { openDraft } from "./draft.ts";
import type { Draft, DraftOf } from "./draft-ways.ts";
import { createGate } from "./gate.ts";
import { createPace } from "./pace.ts";
import { touchMessage } from "./touch.ts";

export interface OutboxDoor extends Omit<DeliverDoor, "store" | "pace" | "gate"> {
  readonly store: Store;
  readonly clock: Clock;
  readonly wake: (account: AccountId, conversation: ConversationId) => void;
  /** Look at the store now for what is due. */
  readonly look: () => void;
  /** The account's sends fail one after the other (why), or one came through again. */
  readonly failing: (account: AccountId, why: Fault | undefined) => void;
}

/** The outbound edge: sends what is queued, shows answers while they grow, and holds back what may not go yet. */
export interface Outbox {
  /** See `deliverNext`. */
  deliver(lease: Lease, account: AccountId, conversation: ConversationId, stop: AbortSignal): Promise<Worked>;
  /** See `touchMessage`. */
  touch(request: TouchRequest, stop?: AbortSignal): ReturnType<typeof touchMessage>;
  draft(of: DraftOf): Draft | undefined;
  /** When what is being sent there at this moment is over. */
  settled(conversation: ConversationId): Promise<unknown>;
  /** Accounts whose deliveries needn't be looked for now. */
  shut(): ReadonlySet<AccountId>;
  /** How many accounts and conversations it remembers; bounded, whatever waits in the store. */
  size(): number;
}

export function createOutbox(door: OutboxDoor): Outbox {
  const { store, clock, random, wake, look, failing } = door;
  const pace = createPace(clock);
  const gate = createGate({ clock, pace, random, wake, look, failing, usable: (id) => door.account(id) !== undefined });
  const deliverDoor: DeliverDoor = { ...door, pace, gate };
  const underWay = new Map<ConversationId, Promise<Worked>>();
  return {
    deliver(lease, account, conversation, stop) {
      const sending = deliverNext(deliverDoor, lease, account, conversation, stop).finally(() => underWay.delete(conversation));
      underWay.set(conversation, sending);
      return sending;
    },
    settled: (conversation) => Promise.resolve(underWay.get(conversation)).catch(() => {}),
    touch: (request, stop) => touchMessage(door, request, stop),
    draft: (of) => openDraft({ store, clock, pace, gate, wake, tell: door.tell }, of),
    shut: gate.shut,
    size: gate.size,
  };
}
