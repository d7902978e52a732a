import type { Bus } from "../core/bus.ts";
import type { Engine, Lane, LaneOwner } from "../core/engine.ts";
import type { AccountId } from "../core/ids.ts";
import type { Membership } from "../core/replica.ts";

export interface SharedEngine extends Engine {
  /** Resolves when none of the account's lanes runs here. */
  idle(account: AccountId): Promise<void>;
}

type Wake = readonly [lane: Lane, owner: LaneOwner, things: number];

/**
 * The engine of one replica among others: lanes of the accounts that it owns run in it as in a single gateway; a wake-up
 * for another's is told to that one. What isn't heard costs a sweep.
 */
export function createSharedEngine(inner: Engine, membership: Membership, bus: Bus): SharedEngine {
  const running = new Map<AccountId, number>();
  const idlers = new Map<AccountId, (() => void)[]>();

  bus.hear("wake", (what) => {
    const [lane, owner, things] = what as Wake;
    if (membership.owns(owner.account)) inner.wake(lane, owner, things);
  });

  function ended(account: AccountId): void {
    const left = (running.get(account) ?? 1) - 1;
    if (left > 0) return void running.set(account, left);
    running.delete(account);
    for (const resolve of idlers.get(account) ?? []) resolve();
    idlers.delete(account);
  }

  return {
    ...inner,
    load: inner.load,
    start(door) {
      return inner.start({
        due: door.due,
        async work(lane, owner, signal) {
          const { account } = owner;
          if (!membership.owns(account)) return {};
          running.set(account, (running.get(account) ?? 0) + 1);
          try {
            return await door.work(lane, owner, signal);
          } finally {
            ended(account);
          }
        },
      });
    },
    wake(lane, owner, things = 1) {
      if (membership.owns(owner.account)) return inner.wake(lane, owner, things);
      const other = membership.ownerOf(owner.account);
      const finite: Wake = [lane, owner, Math.min(things, Number.MAX_SAFE_INTEGER)];
      if (other !== undefined) bus.tell(other, "wake", finite);
    },
    idle(account) {
      if (!running.has(account)) return Promise.resolve();
      return new Promise((resolve) => idlers.set(account, [...(idlers.get(account) ?? []), resolve]));
    },
  };
}
