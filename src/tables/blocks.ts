import { fail, ok, type Result } from "../core/errors.ts";
import { type EventId, type MessageId, newId, type TenantId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { textPart } from "../core/message.ts";
import type { Block } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { Turn } from "../core/turn.ts";
import { type Deliveries, type DeliveryRow, selectDelivery } from "./deliveries.ts";
import type { Drafts } from "./drafts.ts";
import { entryOf } from "./entries.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import { each, type Prepare, type Work } from "./work.ts";

/**
 * Parts of an answer that leave while the rest is written: deliveries with `said`, without a message until their turn has
 * ended. Law 6 holds for them as for all: one that is still queued when control changes is dropped.
 */
export interface Blocks {
  /** `fenced` when the turn isn't the one that runs, or control is no longer the agent's. */
  add(turn: Turn, block: Block): Work<Result<readonly LedgerEntry[]>>;
  /** What the turn's blocks say, in order; empty when it has none. */
  said(tenant: TenantId, event: EventId): Work<string>;
  /** The turn has ended with this message, of which they are the beginning. */
  join(tenant: TenantId, event: EventId, message: MessageId): Work<void>;
  /**
   * The turn has ended without an answer: what left, or will, is a message of the agent's; the rest is dropped. `answer` is the
   * message's row, absent when nothing had been said.
   */
  keep(tenant: TenantId, event: EventId, at: Instant): Work<{ readonly answer?: number; readonly entries: readonly LedgerEntry[] }>;
}

interface Parts {
  readonly deliveries: Deliveries;
  readonly drafts: Drafts;
  readonly messages: Messages;
  readonly ledger: Ledger;
}

export function blockTable(prepare: Prepare, { deliveries, drafts, messages, ledger }: Parts): Blocks {
  const place = prepare<Pick<DeliveryRow, "account" | "written_under">>(
    "SELECT account, control_version AS written_under FROM events WHERE tenant = ? AND id = ?",
  );
  const mark = prepare("UPDATE deliveries SET said = ? WHERE id = ?");
  const own = "trace = ? AND tenant = ? AND said IS NOT NULL";
  const sayings = prepare<{ said: string }>(`SELECT said FROM deliveries WHERE ${own} ORDER BY seq`);
  const rows = prepare<DeliveryRow>(`${selectDelivery} WHERE d.trace = ? AND d.tenant = ? AND d.said IS NOT NULL ORDER BY d.seq`);
  const join = prepare(`UPDATE deliveries SET message = ?, said = NULL WHERE ${own}`);

  /** It hasn't left, and may not any more. */
  function isVoid({ state, control, control_version: version, written_under: under }: DeliveryRow): boolean {
    return state === "dropped" || (state === "queued" && (control !== "agent" || version !== under));
  }

  return {
    *add(turn, { said, deliveries: wanted, at }) {
      const { tenant, event: trace, conversation } = turn;
      const from = (yield* drafts.allowed(turn)) ? yield* place.get(tenant, trace) : undefined;
      if (!from || from.written_under === null) return fail("fenced", `The turn of ${trace} isn't the one that runs now.`);
      const entries = yield* each(wanted, function* ({ content, onUnknown }, index) {
        const id = newId("delivery", at);
        const entry = entryOf({ tenant, trace }, "delivery-queued", at, { delivery: id, block: true });
        const to = { tenant, id, trace, account: from.account, conversation, state: "queued", content, onUnknown, at } as const;
        yield* deliveries.add({ ...to, writtenUnder: from.written_under as number }, ledger.append([entry]));
        yield* mark.do(index === 0 ? said : "", id);
        return entry;
      });
      return ok(entries);
    },

    *said(tenant, event) {
      return (yield* sayings.all(event, tenant)).map(({ said }) => said).join("");
    },

    *join(tenant, event, message) {
      yield* join.do(message, event, tenant);
    },

    *keep(tenant, event, at) {
      const blocks = yield* rows.all(event, tenant);
      const [first] = blocks;
      if (!first) return { entries: [] };
      const entries: LedgerEntry[] = [];
      for (const row of blocks) {
        if (row.state === "dropped" || !isVoid(row)) continue;
        const reason = row.control === "paused" ? "control-paused" : "control-human";
        const entry = entryOf(row, "delivery-drop", at, { delivery: row.id }, reason);
        yield* deliveries.end(row.seq, "dropped", at, ledger.append([entry]));
        entries.push(entry);
      }
      const said = blocks.map((row) => (isVoid(row) ? "" : (row.said ?? ""))).join("");
      const id = newId("message", at);
      yield* join.do(id, event, tenant);
      if (said.trim() === "") return { entries };
      const { conversation } = first;
      const parts = [textPart(said.trim(), "markdown")];
      return {
        entries,
        answer: yield* messages.add({ tenant, id, conversation, trace: event, direction: "out", author: "agent", parts, at }),
      };
    },
  };
}
