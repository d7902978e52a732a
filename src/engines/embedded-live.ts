import type { TenantId } from "../core/ids.ts";
import type { Live, LiveEvent } from "../core/live.ts";

/** Live events within one process. */
export function createEmbeddedLive(): Live {
  const ears = new Map<TenantId, Set<(event: LiveEvent) => void>>();
  return {
    publish(tenant, event) {
      const listening = ears.get(tenant);
      if (listening) for (const hear of listening) hear(event);
    },
    subscribe(tenant, hear) {
      const listening = ears.get(tenant) ?? new Set();
      ears.set(tenant, listening.add(hear));
      return () => {
        listening.delete(hear);
        if (listening.size === 0 && ears.get(tenant) === listening) ears.delete(tenant);
      };
    },
  };
}
