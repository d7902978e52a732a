import type { Finding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import type { Notice, NoticeChange, Told } from "../core/notice.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

/** What operators were told of. */
export interface Notices {
  list(tenant: TenantId): Work<readonly Notice[]>;
  change(change: NoticeChange): Work<void>;
}

interface Row extends Finding {
  readonly since: Instant;
  readonly over_at: Instant | null;
  readonly told: string;
}

export function noticeTable(prepare: Prepare): Notices {
  const list = prepare<Row>(`
    SELECT code, subject, severity, message, hint, since, over_at, told FROM notices WHERE tenant = ? ORDER BY since, code, subject`);
  const put = prepare(`
    INSERT INTO notices (tenant, code, subject, severity, message, hint, since, over_at, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, code, subject) DO UPDATE SET severity = excluded.severity, message = excluded.message, hint = excluded.hint,
      since = excluded.since, over_at = excluded.over_at, told = excluded.told`);
  const remove = prepare("DELETE FROM notices WHERE tenant = ? AND code = ? AND subject = ?");

  return {
    *list(tenant) {
      return (yield* list.all(tenant)).map(({ since, over_at: overAt, told, ...finding }) => ({
        tenant,
        finding: { ...finding },
        since,
        ...(overAt !== null && { overAt }),
        told: JSON.parse(told) as readonly Told[],
      }));
    },
    *change(change) {
      for (const { tenant, finding, since, overAt, told } of change.put) {
        const { code, subject, severity, message, hint } = finding;
        yield* put.do(tenant, code, subject, severity, message, hint, since, overAt ?? null, JSON.stringify(told));
      }
      for (const { tenant, finding } of change.remove) yield* remove.do(tenant, finding.code, finding.subject);
    },
  };
}
