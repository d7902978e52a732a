import { useInfiniteQuery } from "@tanstack/react-query";
import Send from "lucide-react/icons/send";
import { Button } from "../../parts/button.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { words } from "../../words/words.ts";
import type { QueueChoice } from "./choice.ts";
import { DeliveryCard } from "./delivery-card.tsx";
import { movingQuery } from "./queries.ts";

/** What goes out by itself: it waits for its turn or for its next try, or is being sent. */
export function Moving({ choice }: { readonly choice: QueueChoice }) {
  const query = useInfiniteQuery(movingQuery(choice));
  const deliveries = query.data?.pages.flat() ?? [];
  return (
    <section className="grid gap-3" aria-label={words.queue.moving}>
      {query.isPending && <SkeletonRows rows={4} />}
      {query.error && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data && deliveries.length === 0 && <Empty icon={<Send />} title={words.queue.noneMoving} />}
      <ul className="grid gap-3">
        {deliveries.map((delivery) => (
          <li key={delivery.id} className="min-w-0 rounded-control bg-panel [contain-intrinsic-size:auto_7rem] [content-visibility:auto]">
            <DeliveryCard delivery={delivery} within="queue" />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} className="justify-self-center" onClick={() => void query.fetchNextPage()}>
          {words.states.more}
        </Button>
      )}
    </section>
  );
}
