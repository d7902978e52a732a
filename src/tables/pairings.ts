import type { AccountId, TenantId } from "../core/ids.ts";
import {
  type Pairing,
  type PairingChoice,
  type PairingRequest,
  type PairingVerdict,
  pairingLimits,
  readPairingCode,
} from "../core/pairing.ts";
import type { Instant } from "../core/terms.ts";
import type { Audit } from "./audit.ts";
import type { Prepare, Work } from "./work.ts";

/** Who was let in, and who asks to be. */
export interface Pairings {
  get(tenant: TenantId, account: AccountId, sender: string): Work<Pairing | undefined>;
  /** Notes that the sender is told the code. False when that must not be: another one is valid, or too many wait. */
  ask(tenant: TenantId, account: AccountId, request: PairingRequest): Work<boolean>;
  /** Codes that are valid, then those that were decided, the newest first. */
  list(tenant: TenantId, now: Instant): Work<readonly Pairing[]>;
  settle(tenant: TenantId, choice: PairingChoice, verdict: PairingVerdict, by: string, at: Instant): Work<Pairing | undefined>;
}

interface Row {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly sender: string;
  readonly name: string | null;
  readonly handle: string | null;
  readonly state: Pairing["state"];
  readonly code: string;
  readonly asked_at: Instant;
  readonly expires_at: Instant;
  readonly told_at: Instant;
  readonly told: number;
  readonly by: string | null;
  readonly decided_at: Instant | null;
}

export function pairingTable(prepare: Prepare, audit: Audit): Pairings {
  const columns = "tenant, account, sender, name, handle, state, code, asked_at, expires_at, told_at, told, by, decided_at";
  const get = prepare<Row>(`SELECT ${columns} FROM pairings WHERE tenant = ? AND account = ? AND sender = ?`);
  const byCode = prepare<Row>(`SELECT ${columns} FROM pairings WHERE tenant = ? AND code = ? AND state = 'asked' AND expires_at > ?`);
  const list = prepare<Row>(`
    SELECT ${columns} FROM pairings WHERE tenant = ? AND (state <> 'asked' OR expires_at > ?)
    ORDER BY state <> 'asked', coalesce(decided_at, asked_at) DESC, account, sender LIMIT 1000`);
  const waiting = prepare<{ n: number }>(
    "SELECT count(*) AS n FROM pairings WHERE tenant = ? AND account = ? AND state = 'asked' AND expires_at > ?",
  );
  const forget = prepare("DELETE FROM pairings WHERE tenant = ? AND account = ? AND state = 'asked' AND expires_at <= ?");
  const ask = prepare(`
    INSERT INTO pairings (tenant, account, sender, name, handle, state, code, asked_at, expires_at, told_at, told)
    VALUES (?, ?, ?, ?, ?, 'asked', ?, ?, ?, ?, 1)
    ON CONFLICT (tenant, account, sender) DO UPDATE SET name = excluded.name, handle = excluded.handle,
      told_at = excluded.told_at, told = pairings.told + 1`);
  const decide = prepare(`
    INSERT INTO pairings (tenant, account, sender, state, code, asked_at, expires_at, told_at, told, by, decided_at)
    VALUES (?, ?, ?, ?, '', ?, ?, ?, 0, ?, ?)
    ON CONFLICT (tenant, account, sender) DO UPDATE SET state = excluded.state, by = excluded.by, decided_at = excluded.decided_at`);

  return {
    *get(tenant, account, sender) {
      const row = yield* get.get(tenant, account, sender);
      return row && pairingOf(row);
    },
    *ask(tenant, account, { sender, code, at }) {
      yield* forget.do(tenant, account, at);
      const known = yield* get.get(tenant, account, sender.id);
      if (known && (known.state !== "asked" || known.code !== code)) return false;
      if (!known && ((yield* waiting.get(tenant, account, at))?.n ?? 0) >= pairingLimits.waiting) return false;
      yield* ask.do(tenant, account, sender.id, sender.name ?? null, sender.handle ?? null, code, at, at + pairingLimits.validMs, at);
      return true;
    },
    *list(tenant, now) {
      return (yield* list.all(tenant, now)).map(pairingOf);
    },
    *settle(tenant, choice, verdict, by, at) {
      const code = "code" in choice ? readPairingCode(choice.code) : undefined;
      const asked = code === undefined ? undefined : yield* byCode.get(tenant, code, at);
      const of = "code" in choice ? asked : choice;
      if (!of) return undefined;
      yield* decide.do(tenant, of.account, of.sender, verdict, at, at, at, by, at);
      const action = verdict === "approved" ? "pairing-approve" : "pairing-deny";
      yield* audit.add({ tenant, at, actor: by, action, subject: `accounts.${of.account}`, detail: { sender: of.sender } });
      const row = yield* get.get(tenant, of.account, of.sender);
      return row && pairingOf(row);
    },
  };
}

function pairingOf(row: Row): Pairing {
  const { tenant, account, sender, name, handle, state, code, told, by } = row;
  return {
    ...{ tenant, account, sender, state, code, told, askedAt: row.asked_at, expiresAt: row.expires_at, toldAt: row.told_at },
    ...(name !== null && { name }),
    ...(handle !== null && { handle }),
    ...(by !== null && { by }),
    ...(row.decided_at !== null && { decidedAt: row.decided_at }),
  };
}
