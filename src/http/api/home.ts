import { ok } from "../../core/errors.ts";
import { dollars } from "../../core/money.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";

export function homeOperations({ store, gateway, pulse, today, clock }: HttpDoor): Operations<"home"> {
  return {
    home: async ({ actor }) => {
      const [counts, used] = await Promise.all([store.records.counts(actor.tenant), today()]);
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
        accounts,
      });
    },
  };
}
