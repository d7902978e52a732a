import { type AlertChange, type AlertFiring, type AlertState, mostFirings } from "../core/alert.ts";
import type { TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

/** Where alerts stand, and when they fired. */
export interface Alerts {
  states(tenant: TenantId): Work<readonly AlertState[]>;
  firings(tenant: TenantId, limit: number): Work<readonly AlertFiring[]>;
  change(change: AlertChange): Work<void>;
}

interface StateRow {
  readonly alert: string;
  readonly firing: number;
  readonly since: Instant;
  readonly turning: Instant | null;
}

interface FiringRow {
  readonly alert: string;
  readonly began_at: Instant;
  readonly ended_at: Instant | null;
  readonly value: number;
}

export function alertTable(prepare: Prepare): Alerts {
  const states = prepare<StateRow>("SELECT alert, firing, since, turning FROM alerts WHERE tenant = ? ORDER BY alert");
  const put = prepare(`
    INSERT INTO alerts (tenant, alert, firing, since, turning) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (tenant, alert) DO UPDATE SET firing = excluded.firing, since = excluded.since, turning = excluded.turning`);
  const remove = prepare("DELETE FROM alerts WHERE tenant = ? AND alert = ?");
  const firings = prepare<FiringRow>(
    "SELECT alert, began_at, ended_at, value FROM alert_firings WHERE tenant = ? ORDER BY seq DESC LIMIT ?",
  );
  const begin = prepare("INSERT INTO alert_firings (tenant, alert, began_at, value) VALUES (?, ?, ?, ?)");
  const end = prepare("UPDATE alert_firings SET ended_at = ? WHERE tenant = ? AND alert = ? AND ended_at IS NULL");
  const trim = prepare(`
    DELETE FROM alert_firings WHERE tenant = ?1 AND ended_at IS NOT NULL
      AND seq <= (SELECT seq FROM alert_firings WHERE tenant = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ${mostFirings})`);

  return {
    *states(tenant) {
      return (yield* states.all(tenant)).map(({ alert, firing, since, turning }) => ({
        ...{ alert, firing: firing === 1, since },
        ...(turning !== null && { turning }),
      }));
    },
    *firings(tenant, limit) {
      return (yield* firings.all(tenant, limit)).map(({ alert, began_at: beganAt, ended_at: endedAt, value }) => ({
        ...{ alert, beganAt, value },
        ...(endedAt !== null && { endedAt }),
      }));
    },
    *change({ tenant, at, ...change }) {
      for (const { alert, firing, since, turning } of change.put) yield* put.do(tenant, alert, firing ? 1 : 0, since, turning ?? null);
      for (const alert of [...change.ended, ...change.remove]) yield* end.do(at, tenant, alert);
      for (const alert of change.remove) yield* remove.do(tenant, alert);
      for (const { alert, beganAt, value } of change.began) yield* begin.do(tenant, alert, beganAt, value);
      if (change.began.length > 0) yield* trim.do(tenant);
    },
  };
}
