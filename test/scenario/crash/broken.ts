import type { DueLane, Lane, Lease } from "../../../src/core/engine.ts";
import { ok } from "../../../src/core/errors.ts";
import { type ConversationId, defaultTenant } from "../../../src/core/ids.ts";
import type { Store } from "../../../src/core/store.ts";
import type { Broken } from "./plan.ts";

/** The store as a build would use it that breaks one law. */
export function breakOnPurpose(store: Store, how: Broken | undefined): Store {
  switch (how) {
    case "ack-before-commit":
      return {
        ...store,
        receive: async (batch) => {
          setTimeout(() => void store.receive(batch), 150);
          return [];
        },
      };
    case "no-dedupe":
      return {
        ...store,
        receive: (batch) =>
          store.receive({ ...batch, events: batch.events.map((event) => ({ ...event, key: `${event.key}/${Math.random()}` })) }),
      };
    case "no-lease":
      return withoutLeases(store);
    case "receipt-before-send":
      return {
        ...store,
        async beginAttempt(...given) {
          const attempt = await store.beginAttempt(...given);
          const [lease, , at] = given;
          const outcome = { kind: "sent", receipt: "early" } as const;
          if (attempt.kind === "begun") await store.endAttempt(lease, attempt.delivery, { outcome, at });
          return attempt;
        },
        endAttempt: async () => ok({ entries: [], more: true }),
      };
    case undefined:
      return store;
  }
}

/**
 * Two workers on one lane: a lane that is taken is due all the same, under another name so that the engine of this
 * process doesn't see that it has it already, and whoever asks for its lease gets the one that is out.
 */
function withoutLeases(store: Store): Store {
  const out = new Map<Lane, { readonly lease: Lease; holders: number }>();
  const second = ":2";
  return {
    ...store,
    async lease(lane) {
      const name = (lane.endsWith(second) ? lane.slice(0, -second.length) : lane) as Lane;
      const known = out.get(name);
      const lease = known?.lease ?? (await store.lease(name));
      if (!lease) return undefined;
      out.set(name, { lease, holders: (known?.holders ?? 0) + 1 });
      return lease;
    },
    async release(lease) {
      const known = out.get(lease.lane);
      if (known && --known.holders > 0) return;
      out.delete(lease.lane);
      await store.release(lease);
    },
    async due(kind, now, limit, after, shut) {
      const page = await store.due(kind, now, limit, after, shut);
      if (kind === "turn" || after !== undefined) return page;
      const seconds: DueLane[] = [];
      for (const lane of out.keys()) {
        const next = lane.startsWith("send:") ? await store.nextDelivery(lane.slice("send:".length) as ConversationId) : undefined;
        if (next) seconds.push({ lane: `${lane}${second}` as Lane, owner: { tenant: defaultTenant, account: next.account } });
      }
      return { ...page, lanes: [...page.lanes, ...seconds] };
    },
  };
}
