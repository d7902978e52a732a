import type { TenantId } from "../core/ids.ts";
import type { Live, LiveEvent } from "../core/live.ts";

type Ear = (event: LiveEvent) => void;

/** Live events within one process. */
export function createEmbeddedLive(): Live {
  const tenants = new Map<TenantId, Map<LiveEvent["type"], Set<Ear>>>();
  return {
    publish(tenant, event) {
      const listening = tenants.get(tenant)?.get(event.type);
      if (listening) for (const hear of listening) hear(event);
    },
    subscribe(tenant, types, hear) {
      const byType = tenants.get(tenant) ?? new Map<LiveEvent["type"], Set<Ear>>();
      tenants.set(tenant, byType);
      // One of its own for each call, so that the same function can listen twice.
      const ear: Ear = (event) => hear(event as Parameters<typeof hear>[0]);
      for (const type of types) byType.set(type, (byType.get(type) ?? new Set()).add(ear));
      return () => {
        for (const type of types) {
          const listening = byType.get(type);
          listening?.delete(ear);
          if (listening?.size === 0) byType.delete(type);
        }
        if (byType.size === 0 && tenants.get(tenant) === byType) tenants.delete(tenant);
      };
    },
  };
}
