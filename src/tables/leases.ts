import type { Lane, Lease } from "../core/engine.ts";
import type { AccountId } from "../core/ids.ts";

/**
 * Leases of a store whose lanes have one owner: they live in its memory and die with it. The owner's epoch is the upper part
 * of every fence, so that fences grow across restarts and owners; that a dead owner's writes are void, the check at every
 * commit sees to (`transactionFrame`).
 */
export interface Leases {
  take(lane: Lane): Lease | undefined;
  release(lease: Lease): void;
  /** Whether the lease is for this conversation's lane, and holds it now. */
  holds(lease: Lease, kind: "turn" | "send", conversation: string): boolean;
  taken(lane: Lane): boolean;
  /** Whether that account's lanes are this process's to work on. */
  owns(account: AccountId): boolean;
  readonly size: number;
}

const perEpoch = 2 ** 32;

export function memoryLeases(epoch: number, owns: Leases["owns"] = () => true): Leases {
  const held = new Map<Lane, number>();
  let last = epoch * perEpoch;
  return {
    take(lane) {
      if (held.has(lane)) return undefined;
      last += 1;
      held.set(lane, last);
      return { lane, fence: last };
    },
    release(lease) {
      if (held.get(lease.lane) === lease.fence) held.delete(lease.lane);
    },
    holds({ lane, fence }, kind, conversation) {
      // Without building the lane's name: it is asked for every write.
      return (
        held.get(lane) === fence &&
        lane.startsWith(kind) &&
        lane.endsWith(conversation) &&
        lane.length === kind.length + 1 + conversation.length
      );
    },
    taken: (lane) => held.has(lane),
    owns,
    get size() {
      return held.size;
    },
  };
}

/** For those who look on beside the owner: they never get a lane. */
export const noLeases: Leases = {
  take: () => undefined,
  release: () => {},
  holds: () => false,
  taken: () => true,
  owns: () => false,
  size: 0,
};
