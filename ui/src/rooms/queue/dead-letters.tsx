import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import CircleCheck from "lucide-react/icons/circle-check";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { api, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Checkbox } from "../../parts/checkbox.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import type { QueueChoice } from "./choice.ts";
import { DeadCard } from "./dead-card.tsx";
import { deadFilter, lettersQuery } from "./queries.ts";
import { renewQueue } from "./renew.ts";
import { type Selection, useSelection } from "./selection.ts";

interface LettersProps {
  readonly choice: QueueChoice;
  /** How many there are; nobody counts them by account or cause. */
  readonly total: number | undefined;
}

/** What waits for a person's word: one by one, those that are chosen, or all that the choice fits. */
export function DeadLetters({ choice, total }: LettersProps) {
  const query = useInfiniteQuery(lettersQuery(choice));
  const letters = query.data?.pages.flat() ?? [];
  const selection = useSelection(letters.map(({ id }) => id));
  const chosen = choice.account !== undefined || choice.tab !== undefined || choice.code !== undefined;
  return (
    <section className="grid gap-3" aria-label={words.queue.stuck}>
      {query.isPending && <SkeletonRows rows={4} />}
      {query.error && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data && letters.length === 0 && (
        <Empty icon={<CircleCheck />} title={chosen ? words.queue.noneChosen : words.queue.none}>
          {chosen ? words.queue.noneChosenHint : words.queue.noneHint}
        </Empty>
      )}
      {letters.length > 0 && <Bulk choice={choice} selection={selection} listed={letters.length} more={query.hasNextPage} total={total} />}
      <ul className="grid gap-3">
        {letters.map((letter) => (
          <li key={letter.id} className="min-w-0 rounded-control bg-panel [contain-intrinsic-size:auto_9rem] [content-visibility:auto]">
            <DeadCard letter={letter} choice={choice} selection={selection} />
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

interface BulkProps {
  readonly choice: QueueChoice;
  readonly selection: Selection;
  readonly listed: number;
  readonly more: boolean;
  readonly total: number | undefined;
}

/** What happens to many at once, after one question that says to how many. */
function Bulk({ choice, selection, listed, more, total }: BulkProps) {
  const [asking, setAsking] = useState<"retry" | "discard">();
  const { ids, all } = selection;
  const body = all ? { all: deadFilter(choice) } : { ids: [...ids].slice(0, 1_000) };
  const settle = useMutation({
    mutationFn: (verdict: "retry" | "discard") =>
      take(verdict === "retry" ? api.POST("/api/dead/retry", { body }) : api.POST("/api/dead/discard", { body })),
    onSuccess: ({ settled }, verdict) => {
      say(verdict === "retry" ? words.queue.retriedAll(settled) : words.queue.droppedAll(settled));
      selection.clear();
    },
    onSettled: renewQueue,
  });
  const n = all && total !== undefined ? total : ids.length;
  const atLeast = all && more && total === undefined;
  const openDoubt = choice.tab === "unknown" || (!all && choice.tab === undefined);
  return (
    <div className="sticky top-0 z-10 -mx-1 flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 bg-paper px-1 py-1.5">
      <span className="flex items-center gap-1 pl-3.25">
        <Checkbox label={words.queue.choosePage} checked={ids.length === listed} partly={ids.length > 0} onChange={selection.togglePage} />
        <span className="text-row text-soft" aria-live="polite">
          {ids.length === 0 ? words.queue.choosePage : atLeast ? words.queue.chosenMore(n) : words.queue.chosen(n)}
        </span>
      </span>
      {ids.length === listed && more && !all && (
        <Button size="small" look="quiet" onClick={selection.takeAll}>
          {total === undefined ? words.queue.chooseAllMore : words.queue.chooseAll(total)}
        </Button>
      )}
      {ids.length > 0 && (
        <span className="flex flex-wrap gap-2 sm:ml-auto">
          <Button size="small" onClick={() => setAsking("retry")}>
            <RotateCcw aria-hidden />
            {words.queue.retryChosen}
          </Button>
          <Button size="small" look="danger" onClick={() => setAsking("discard")}>
            <Trash2 aria-hidden />
            {words.queue.dropChosen}
          </Button>
        </span>
      )}
      <Confirm
        open={asking === "retry"}
        onOpenChange={(open) => setAsking(open ? "retry" : undefined)}
        title={words.queue.retryAllTitle(n, atLeast)}
        act={words.queue.retryChosen}
        look="primary"
        onConfirm={() => settle.mutateAsync("retry")}
      >
        {openDoubt ? words.queue.retryUnknown : words.queue.retryAllText}
      </Confirm>
      <Confirm
        open={asking === "discard"}
        onOpenChange={(open) => setAsking(open ? "discard" : undefined)}
        title={words.queue.dropAllTitle(n, atLeast)}
        act={words.queue.dropChosen}
        onConfirm={() => settle.mutateAsync("discard")}
      >
        {words.queue.dropAllText}
      </Confirm>
    </div>
  );
}
