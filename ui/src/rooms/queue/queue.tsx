import { useQuery } from "@tanstack/react-query";
import CircleCheck from "lucide-react/icons/circle-check";
import type { Schemas } from "../../api/client.ts";
import { deliveriesQuery, movingStates, stuckStates } from "../../api/queries.ts";
import { Page } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { words } from "../../words/words.ts";
import { DeliveryCard } from "./delivery-card.tsx";

/** What waits for a person's word, and what is on its way. */
export function Queue() {
  const stuck = useQuery(deliveriesQuery(stuckStates));
  const moving = useQuery(deliveriesQuery(movingStates));
  return (
    <Page title={words.rooms.queue} lead={words.queue.lead}>
      {stuck.isPending && <SkeletonRows rows={4} />}
      {stuck.error && !stuck.data && <Failed error={stuck.error} retry={() => void stuck.refetch()} />}
      {stuck.data?.length === 0 && (
        <Empty icon={<CircleCheck />} title={words.queue.none}>
          {words.queue.noneHint}
        </Empty>
      )}
      {stuck.data && stuck.data.length > 0 && <Deliveries title={words.queue.stuck} deliveries={stuck.data} />}
      {moving.data && moving.data.length > 0 && <Deliveries title={words.queue.moving} deliveries={moving.data} />}
    </Page>
  );
}

function Deliveries({ title, deliveries }: { readonly title: string; readonly deliveries: readonly Schemas["Delivery"][] }) {
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">{title}</h2>
      <ul className="grid gap-3">
        {deliveries.map((delivery) => (
          <li key={delivery.id} className="rounded-control bg-panel">
            <DeliveryCard delivery={delivery} within="queue" />
          </li>
        ))}
      </ul>
    </section>
  );
}
