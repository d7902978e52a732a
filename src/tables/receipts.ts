import type { ErrorCode } from "../core/errors.ts";
import type { ReceiptEvent } from "../core/event.ts";
import type { AccountId, DeliveryId, TenantId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Instant } from "../core/terms.ts";
import { type Deliveries, type DeliveryRow, selectDelivery } from "./deliveries.ts";
import { entryOf } from "./entries.ts";
import type { Ledger } from "./ledger.ts";
import type { Prepare, Work } from "./work.ts";

type Told = Pick<ReceiptEvent, "platformId" | "state" | "error">;

/** What platforms tell of messages after they took them. A word that comes before the answer to its send waits for that. */
export interface Receipts {
  /** What the platform says; `story` is the row of the event that says it. */
  tell(tenant: TenantId, account: AccountId, event: ReceiptEvent, story: number, at: Instant): Work<readonly LedgerEntry[]>;
  /** The delivery's send was answered with this receipt, or nobody knows (absent): what was told already counts now. */
  settled(row: Pick<DeliveryRow, "tenant" | "account" | "id">, receipt: string | undefined, at: Instant): Work<readonly LedgerEntry[]>;
  /** The delivery is dropped. */
  forget(tenant: TenantId, account: AccountId, receipt: string): Work<void>;
  /** Words about messages that aren't ours, up to that story. */
  sweep(upTo: number, limit: number): Work<number>;
}

interface Row {
  readonly delivery: DeliveryId | null;
  readonly receipt: string | null;
  readonly state: ReceiptEvent["state"] | null;
  readonly error_code: ErrorCode | null;
  readonly error_message: string | null;
}

export function receiptTable(
  prepare: Prepare,
  { deliveries, ledger }: { readonly deliveries: Deliveries; readonly ledger: Ledger },
): Receipts {
  const find = prepare<Row>(
    "SELECT delivery, receipt, state, error_code, error_message FROM receipts WHERE tenant = ? AND account = ? AND key = ?",
  );
  const wait = prepare(`
    INSERT INTO receipts (tenant, account, key, delivery) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, account, key) DO UPDATE SET delivery = excluded.delivery, state = NULL, story = NULL`);
  const early = prepare(`
    INSERT INTO receipts (tenant, account, key, receipt, state, error_code, error_message, story) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, account, key) DO UPDATE SET state = excluded.state, error_code = excluded.error_code,
      error_message = excluded.error_message, story = excluded.story WHERE receipts.delivery IS NULL AND excluded.state <> 'accepted'`);
  const forget = prepare("DELETE FROM receipts WHERE tenant = ? AND account = ? AND key = ?");
  const sweep = prepare(`
    DELETE FROM receipts WHERE (tenant, account, key) IN (
      SELECT tenant, account, key FROM receipts WHERE delivery IS NULL AND story <= ? ORDER BY story LIMIT ?)`);
  const delivery = prepare<DeliveryRow>(`${selectDelivery} WHERE d.tenant = ? AND d.id = ? AND d.account = ?`);
  const arrived = prepare(`
    UPDATE deliveries SET state = 'sent', receipt = ?, confirmed = ?, error_code = NULL, error_message = NULL, ledger = ledger || ?
    WHERE seq = ?`);
  const confirm = prepare("UPDATE deliveries SET confirmed = ?, ledger = ledger || ? WHERE seq = ?");

  /** Only of what left us: a message that an operator queued again goes its own way. */
  function* apply(row: DeliveryRow, { platformId, state, error }: Told, at: Instant): Work<readonly LedgerEntry[]> {
    const detail = { delivery: row.id, receipt: platformId };
    if (row.state !== "sent" && row.state !== "unknown") return [];
    if (state === "failed") {
      const why = error ?? { code: "channel-permanent" as const, message: "the platform says that it didn't arrive" };
      const entry = entryOf(row, "delivery-fail", at, { ...detail, message: why.message, afterwards: true }, why.code);
      yield* deliveries.end(row.seq, "failed", at, ledger.append([entry]), why);
      return [entry];
    }
    if (row.state === "unknown") {
      const entry = entryOf(row, "delivery-sent", at, detail, "receipt");
      yield* arrived.do(platformId, state === "accepted" ? null : state, ledger.append([entry]), row.seq);
      yield* wait.do(row.tenant, row.account, platformId, row.id);
      return [entry];
    }
    // Words may come in any order: who has read it has it.
    if (state === "accepted" || row.confirmed === state || row.confirmed === "read") return [];
    const entry = entryOf(row, "delivery-confirm", at, { ...detail, state });
    yield* confirm.do(state, ledger.append([entry]), row.seq);
    return [entry];
  }

  function* take(row: Pick<DeliveryRow, "tenant" | "account" | "id">, key: string, at: Instant): Work<readonly LedgerEntry[]> {
    const told = yield* find.get(row.tenant, row.account, key);
    const ours = told?.state ? yield* delivery.get(row.tenant, row.id, row.account) : undefined;
    if (!told?.state || !ours) return [];
    const error = told.error_code === null ? {} : { error: { code: told.error_code, message: told.error_message ?? "" } };
    const entries = yield* apply(ours, { platformId: told.receipt ?? key, state: told.state, ...error }, at);
    if (key === row.id) yield* forget.do(row.tenant, row.account, key);
    return entries;
  }

  return {
    *tell(tenant, account, event, story, at) {
      const { platformId, state, error } = event;
      const id = event.delivery ?? (yield* find.get(tenant, account, platformId))?.delivery;
      const row = id ? yield* delivery.get(tenant, id, account) : undefined;
      if (row && row.state !== "sending") return yield* apply(row, event, at);
      if (event.delivery !== undefined && !row) return [];
      yield* early.do(tenant, account, row?.id ?? platformId, platformId, state, error?.code ?? null, error?.message ?? null, story);
      return [];
    },
    *settled(row, receipt, at) {
      const entries = [...(yield* take(row, row.id, at)), ...(receipt === undefined ? [] : yield* take(row, receipt, at))];
      if (receipt !== undefined) yield* wait.do(row.tenant, row.account, receipt, row.id);
      return entries;
    },
    *forget(tenant, account, receipt) {
      yield* forget.do(tenant, account, receipt);
    },
    *sweep(upTo, limit) {
      return Number((yield* sweep.run(upTo, limit)).changes);
    },
  };
}
