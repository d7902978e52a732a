import { actorName } from "../../access/actor.ts";
import { fail, ok } from "../../core/errors.ts";
import { say } from "../../core/say.ts";
import { analyse, isZone } from "../../ops/analytics.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";

const mostDays = 366;

export function analyticsOperations({ store, clock }: HttpDoor): Operations<"analytics" | "recountAnalytics"> {
  return {
    analytics: async ({ actor, query }) => {
      const { from, to, zone, by, ...only } = query;
      if (!isZone(zone)) return fail("request-invalid", "query.zone: there is no such time zone");
      const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
      if (days < 1) return fail("request-invalid", "query.to is before query.from");
      if (days > mostDays) return fail("request-invalid", say`query: at most ${mostDays} days at once`);
      return ok(await analyse(store.records, actor.tenant, { from, to, zone, by, only }));
    },
    recountAnalytics: async ({ actor }) => {
      await store.recountFigures();
      const entry = { at: clock.now(), actor: actorName(actor), action: "analytics-recount", subject: "analytics" };
      await store.records.audit({ tenant: actor.tenant, ...entry });
      return ok({ ok: true });
    },
  };
}
