import type { TenantId } from "../core/ids.ts";
import type { Prepare, Work } from "./work.ts";

/** Counts what a group of calls adds and takes away, so that asking for the totals costs nothing and counting one row per commit. */
export interface Tally {
  conversation(tenant: TenantId): void;
  message(tenant: TenantId): void;
  messageGone(tenant: TenantId): void;
  /** Writes what was added up; forgetting it belongs to giving the transaction up. */
  write(): Work<void>;
  forget(): void;
}

export function tallyTable(prepare: Prepare): Tally {
  const add = prepare(`
    INSERT INTO tenants (tenant, conversations, messages) VALUES (?, ?, ?)
    ON CONFLICT (tenant) DO UPDATE SET conversations = tenants.conversations + excluded.conversations,
      messages = tenants.messages + excluded.messages`);
  const sums = new Map<TenantId, { conversations: number; messages: number }>();

  function sumOf(tenant: TenantId): { conversations: number; messages: number } {
    const sum = sums.get(tenant) ?? { conversations: 0, messages: 0 };
    sums.set(tenant, sum);
    return sum;
  }

  return {
    conversation(tenant) {
      sumOf(tenant).conversations += 1;
    },
    message(tenant) {
      sumOf(tenant).messages += 1;
    },
    messageGone(tenant) {
      sumOf(tenant).messages -= 1;
    },
    *write() {
      for (const [tenant, sum] of sums) yield* add.do(tenant, sum.conversations, sum.messages);
      sums.clear();
    },
    forget() {
      sums.clear();
    },
  };
}
