import type { Delivery, DeliveryState } from "../core/delivery.ts";
import type { AccountId, ConversationId, DeliveryId, TenantId } from "../core/ids.ts";
import type { Counts } from "../core/records.ts";
import type { DeadLetters } from "./dead.ts";
import { type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { type Prepare, type Statement, unserved, type Value, type Work } from "./work.ts";

/** Deliveries as people look at them, and the figures of what waits. */
export interface Queue {
  list(tenant: TenantId, filter: QueueFilter): Work<readonly Delivery[]>;
  get(tenant: TenantId, id: DeliveryId): Work<Delivery | undefined>;
  counts(tenant: TenantId): Work<Counts>;
}

interface QueueFilter {
  readonly states?: readonly DeliveryState[];
  readonly account?: AccountId;
  readonly conversation?: ConversationId;
  readonly retrying?: true;
  readonly before?: DeliveryId;
  readonly limit: number;
}

const open = new Set<DeliveryState>(["queued", "sending", "streaming"]);
const failed = new Set<DeliveryState>(["unknown", "failed", "dead"]);

export function deliveryQueue(prepare: Prepare, dead: Pick<DeadLetters, "poison">): Queue {
  const statements = new Map<string, Statement<DeliveryRow>>();
  const get = prepare<DeliveryRow>(`${selectDelivery} WHERE d.tenant = ? AND d.id = ?`);
  const totals = prepare<{ conversations: number; messages: number }>("SELECT conversations, messages FROM tenants WHERE tenant = ?");
  const events = prepare<{ state: "queued" | "running"; n: number }>(`
    SELECT state, count(*) AS n FROM events WHERE ${unserved("tenant")} = ? AND ended_at IS NULL GROUP BY state`);
  const deliveries = prepare<{ state: keyof Counts["deliveries"]; n: number }>(`
    SELECT state, count(*) AS n FROM deliveries WHERE tenant = ? AND ended_at IS NULL GROUP BY state
    UNION ALL
    SELECT state, count(*) AS n FROM deliveries
    WHERE tenant = ? AND error_code IS NOT NULL AND state IN ('unknown', 'failed', 'dead') GROUP BY state`);

  const retrying = prepare<{ n: number }>(`
    SELECT count(*) AS n FROM (
      SELECT 1 FROM deliveries WHERE tenant = ? AND state = 'queued' AND attempts > 0 AND ended_at IS NULL LIMIT 10000) r`);

  function statementOf(where: string): Statement<DeliveryRow> {
    const known = statements.get(where);
    if (known) return known;
    const made = prepare<DeliveryRow>(`${selectDelivery} WHERE ${where} ORDER BY d.seq DESC LIMIT ?`);
    statements.set(where, made);
    return made;
  }

  return {
    *list(tenant, { states, account, conversation, retrying, before, limit }) {
      if (states?.length === 0) return [];
      const where = ["d.tenant = ?"];
      const values: Value[] = [tenant];
      if (states) {
        where.push(`d.state IN (${states.map(() => "?").join(", ")})`);
        values.push(...states);
        // What the partial indices hold.
        if (states.every((state) => open.has(state))) where.push("d.ended_at IS NULL");
        if (states.every((state) => failed.has(state))) where.push("d.error_code IS NOT NULL");
      }
      if (account !== undefined) {
        where.push("d.account = ?");
        values.push(account);
      }
      if (conversation !== undefined) {
        where.push("d.conversation = ?");
        values.push(conversation);
      }
      if (retrying) where.push("d.state = 'queued' AND d.attempts > 0 AND d.ended_at IS NULL");
      if (before !== undefined) {
        where.push("d.seq < (SELECT b.seq FROM deliveries b WHERE b.id = ?)");
        values.push(before);
      }
      return (yield* statementOf(where.join(" AND ")).all(...values, limit)).map((row) => deliveryOf(row));
    },
    *get(tenant, id) {
      const row = yield* get.get(tenant, id);
      return row && deliveryOf(row);
    },
    *counts(tenant) {
      const sum = yield* totals.get(tenant);
      const counts = {
        conversations: sum?.conversations ?? 0,
        messages: sum?.messages ?? 0,
        events: { queued: 0, running: 0, poison: yield* dead.poison(tenant) },
        retrying: (yield* retrying.get(tenant))?.n ?? 0,
        deliveries: { queued: 0, sending: 0, unknown: 0, failed: 0, dead: 0 },
      };
      for (const { state, n } of yield* events.all(tenant)) counts.events[state] = n;
      for (const { state, n } of yield* deliveries.all(tenant, tenant)) if (state in counts.deliveries) counts.deliveries[state] = n;
      return counts;
    },
  };
}
