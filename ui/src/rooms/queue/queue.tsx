import { useQuery } from "@tanstack/react-query";
import { deliveriesQuery, movingStates } from "../../api/queries.ts";
import { Page } from "../../parts/page.tsx";
import { words } from "../../words/words.ts";
import { DeadLetters } from "./dead-letters.tsx";
import { DeliveryCard } from "./delivery-card.tsx";

/** What waits for a person's word, and what is on its way. */
export function Queue() {
  const moving = useQuery(deliveriesQuery(movingStates));
  return (
    <Page title={words.rooms.queue} lead={words.queue.lead}>
      <DeadLetters />
      {moving.data && moving.data.length > 0 && (
        <section className="grid gap-3">
          <h2 className="font-semibold">{words.queue.moving}</h2>
          <ul className="grid gap-3">
            {moving.data.map((delivery) => (
              <li key={delivery.id} className="rounded-control bg-panel">
                <DeliveryCard delivery={delivery} within="queue" />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}
