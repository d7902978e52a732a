import type { Bus } from "../core/bus.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import type { TenantId } from "../core/ids.ts";
import type { Live, LiveEvent } from "../core/live.ts";
import type { ReplicaId } from "../core/replica.ts";
import { createEmbeddedLive } from "./embedded-live.ts";

export interface SharedLive extends Live {
  /** What happens in this process alone: for figures that are added up over all replicas elsewhere. */
  readonly own: Pick<Live, "subscribe">;
  /** Words of others got lost: who watches is to ask anew. */
  gap(): void;
  stop(): void;
}

/** Who listens says so as often, and is forgotten after three times that. */
const sayMs = 2_000;

/**
 * Live events of all replicas, in each of them. A model's words are many, and are told only to those where somebody reads
 * them along.
 */
export function createSharedLive({
  bus,
  clock,
  tenant,
}: {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly tenant: TenantId;
}): SharedLive {
  const own = createEmbeddedLive();
  const all = createEmbeddedLive();
  const readers = new Map<ReplicaId, number>();
  let reading = 0;
  let cancel: Cancel = () => {};

  bus.hear("live", (what) => {
    const [of, event] = what as [TenantId, LiveEvent];
    all.publish(of, event);
  });
  bus.hear("reads", (_, from) => void readers.set(from, clock.elapsed() + 3 * sayMs));

  function say(): void {
    cancel();
    if (reading > 0) bus.tell("others", "reads", {});
    cancel = clock.after(sayMs, say);
  }
  say();

  function tellTurn(of: TenantId, event: LiveEvent): void {
    const now = clock.elapsed();
    for (const [replica, until] of readers) {
      if (until < now) readers.delete(replica);
      else bus.tell(replica, "live", [of, event]);
    }
  }

  return {
    own,
    publish(of, event) {
      own.publish(of, event);
      all.publish(of, event);
      // Each replica hears who comes and goes, and tells its windows itself: another's words might be behind or ahead of that.
      if (event.type === "presence") return;
      if (event.type === "turn" && event.channel !== "webchat") tellTurn(of, event);
      else bus.tell("others", "live", [of, event]);
    },
    subscribe: all.subscribe,
    watch() {
      reading += 1;
      if (reading === 1) say();
      let over = false;
      return () => {
        if (!over) reading -= 1;
        over = true;
      };
    },
    gap: () => all.publish(tenant, { type: "reset" }),
    stop: () => cancel(),
  };
}
