import { createHash } from "node:crypto";
import type { TenantId } from "../core/ids.ts";
import { canonicalJson } from "../core/json.ts";
import type { AuditEntry, AuditFilter } from "../core/records.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { Prepare, Read, Work } from "./work.ts";

export type Audited = AuditEntry & { readonly n: number; readonly hash: string };

/**
 * The audit log of a tenant, a chain: each entry's hash is the SHA-256 of the hash before it and the entry, so that
 * changing or removing one breaks all that follow. (Cutting off its end can't be seen from inside.)
 */
export interface Audit {
  add(entry: AuditEntry): Work<void>;
  list(tenant: TenantId, page: AuditFilter & { readonly before?: number; readonly limit: number }): Work<readonly Audited[]>;
  verify(tenant: TenantId): Promise<{ readonly entries: number; readonly brokenAt?: number }>;
}

interface Row {
  readonly tenant: TenantId;
  readonly n: number;
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string | null;
  readonly hash: string;
}

/** Entries checked between two turns of the event loop. */
const stride = 1000;

export function auditLog(prepare: Prepare, read: Read): Audit {
  const columns = "SELECT tenant, n, at, actor, action, subject, detail, hash FROM audit";
  const last = prepare<{ n: number; hash: string }>("SELECT n, hash FROM audit WHERE tenant = ? ORDER BY n DESC LIMIT 1");
  const add = prepare("INSERT INTO audit (tenant, n, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const from = prepare<Row>(`${columns} WHERE tenant = ? AND n > ? ORDER BY n LIMIT ?`);

  return {
    *add(entry) {
      const { n, hash: before } = (yield* last.get(entry.tenant)) ?? { n: 0, hash: "" };
      const { tenant, at, actor, action, subject, detail } = entry;
      const text = detail ? canonicalJson({ ...detail }) : null;
      const hash = hashOf(before, { tenant, n: n + 1, at, actor, action, subject, detail: text });
      yield* add.do(tenant, n + 1, at, actor, action, subject, text, hash);
    },

    *list(tenant, { before = Number.MAX_SAFE_INTEGER, limit, actor, action, subject, from: start, to }) {
      const given = [
        ["actor = ?", actor],
        ["action = ?", action],
        ["subject = ?", subject],
        ["at >= ?", start],
        ["at <= ?", to],
      ] as const;
      const chosen = given.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
      const where = ["tenant = ?", "n < ?", ...chosen.map(({ condition }) => condition)].join(" AND ");
      const list = prepare<Row>(`${columns} WHERE ${where} ORDER BY n DESC LIMIT ?`);
      return (yield* list.all(tenant, before, ...chosen.map(({ value }) => value), limit)).map(({ detail, ...row }) => {
        return { ...row, ...(detail !== null && { detail: JSON.parse(detail) as { [key: string]: Json } }) };
      });
    },

    async verify(tenant) {
      let entries = 0;
      let hash = "";
      for (;;) {
        const rows = await read(() => from.all(tenant, entries, stride));
        for (const { hash: stored, ...row } of rows) {
          if (row.n !== entries + 1 || hashOf(hash, row) !== stored) return { entries, brokenAt: entries + 1 };
          hash = stored;
          entries += 1;
        }
        if (rows.length < stride) return { entries };
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function hashOf(before: string, { tenant, n, at, actor, action, subject, detail }: Omit<Row, "hash">): string {
  const entry = JSON.stringify([tenant, n, at, actor, action, subject, detail]);
  return createHash("sha256").update(before).update("\n").update(entry).digest("hex");
}
