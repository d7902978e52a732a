import { ok } from "../../core/errors.ts";
import { dollars } from "../../core/money.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";

const mostHanded = 1000;

export function homeOperations({ store, gateway, pulse, today, clock }: HttpDoor): Operations<"home"> {
  return {
    home: async ({ actor }) => {
      const { records } = store;
      const [counts, used, handed] = await Promise.all([
        records.counts(actor.tenant),
        today(),
        records.waitingHandovers(actor.tenant, mostHanded),
      ]);
      const { events, deliveries } = counts;
      const accounts = { ready: 0, starting: 0, retrying: 0, refused: 0, paused: 0 };
      for (const { state } of gateway.accounts.list()) accounts[state] += 1;
      return ok({
        at: clock.now(),
        ...pulse.look(),
        today: { tokens: used.input + used.output, usd: dollars(used.amount), calls: used.calls, unpriced: used.unpriced },
        queue: {
          waiting: events.queued + events.running,
          sending: deliveries.queued + deliveries.sending,
          stuck: deliveries.unknown + deliveries.failed + deliveries.dead + events.poison,
        },
        people: { waiting: handed.length, ...(handed.length > 0 && { since: Math.min(...handed.map(({ since }) => since)) }) },
        accounts,
      });
    },
  };
}
