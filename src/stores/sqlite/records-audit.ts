import { createHash } from "node:crypto";
import type { AuditEntry, Records } from "../../core/records.ts";
import type { Json } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";
import type { RecordsDoor } from "./records-door.ts";

interface AuditRow {
  readonly n: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string | null;
  readonly hash: string;
}

type Hashed = Pick<AuditRow, "n" | "at" | "actor" | "action" | "subject" | "detail">;

/** Entries read at a time when the chain is checked. */
const checked = 1_000;

/** The audit log: a chain in which each hash covers the one before it, so that nothing can be changed or left out unseen. */
export function auditRecords(prepare: Prepare, { read, write }: RecordsDoor): Pick<Records, "audit" | "auditLog" | "verifyAudit"> {
  const last = prepare<{ n: number; hash: string }>("SELECT n, hash FROM audit WHERE tenant = ? ORDER BY n DESC LIMIT 1");
  const add = prepare("INSERT INTO audit (tenant, n, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const page = prepare<AuditRow>("SELECT * FROM audit WHERE tenant = ? AND n < ? ORDER BY n DESC LIMIT ?");
  const onward = prepare<AuditRow>("SELECT * FROM audit WHERE tenant = ? AND n > ? ORDER BY n LIMIT ?");

  return {
    audit: ({ tenant, at, actor, action, subject, detail: given }) =>
      write(() => {
        const before = last.get(tenant);
        const detail = given ? JSON.stringify(given) : null;
        const entry = { n: (before?.n ?? 0) + 1, at, actor, action, subject, detail };
        add.run(tenant, entry.n, at, actor, action, subject, detail, hashOf(tenant, before?.hash ?? "", entry));
      }),
    auditLog: (tenant, { before, limit }) =>
      read(() =>
        page.all(tenant, before ?? Number.MAX_SAFE_INTEGER, limit).map(({ n, at, actor, action, subject, detail, hash }) => {
          const entry: AuditEntry = { tenant, at, actor, action, subject };
          return { ...entry, n, hash, ...(detail !== null && { detail: JSON.parse(detail) as { [key: string]: Json } }) };
        }),
      ),
    verifyAudit: async (tenant) => {
      let entries = 0;
      let hash = "";
      for (;;) {
        const rows = await read(() => onward.all(tenant, entries, checked));
        for (const row of rows) {
          if (row.n !== entries + 1 || row.hash !== hashOf(tenant, hash, row)) return { entries, brokenAt: entries + 1 };
          entries = row.n;
          hash = row.hash;
        }
        if (rows.length < checked) return { entries };
      }
    },
  };
}

/** Hex SHA-256 over a JSON list: no field can run into its neighbour. */
function hashOf(tenant: string, before: string, { n, at, actor, action, subject, detail }: Hashed): string {
  return createHash("sha256")
    .update(JSON.stringify([before, tenant, n, at, actor, action, subject, detail]))
    .digest("hex");
}
