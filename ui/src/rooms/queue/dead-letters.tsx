import { useMutation, useQuery } from "@tanstack/react-query";
import CircleCheck from "lucide-react/icons/circle-check";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { type DeadChoice, deadQuery, mostDead } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Choices } from "../../parts/choices.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { DeadCard } from "./dead-card.tsx";
import { renewQueue } from "./renew.ts";

const states = ["unknown", "failed", "dead", "poison"] as const satisfies readonly Schemas["DeadState"][];

/** What waits for a person's word: one by one, or all that the choice fits. */
export function DeadLetters() {
  const [choice, setChoice] = useState<DeadChoice>({});
  const query = useQuery(deadQuery(choice));
  const letters = query.data ?? [];
  const chosen = choice.account !== undefined || choice.state !== undefined;
  return (
    <section className="grid gap-3" aria-label={words.queue.stuck}>
      {(letters.length > 0 || chosen) && (
        <div className="flex flex-wrap items-center gap-2">
          <h2 className="font-semibold max-sm:w-full">{words.queue.stuck}</h2>
          <Choices choice={choice} states={states} names={words.deadStates} onChoose={setChoice} />
          {letters.length > 0 && <Bulk choice={choice} letters={letters} />}
        </div>
      )}
      {query.isPending && <SkeletonRows rows={4} />}
      {query.error && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data?.length === 0 && (
        <Empty icon={<CircleCheck />} title={chosen ? words.queue.noneChosen : words.queue.none}>
          {chosen ? words.queue.noneChosenHint : words.queue.noneHint}
        </Empty>
      )}
      <ul className="grid gap-3">
        {letters.map((letter) => (
          <li key={letter.id} className="min-w-0 rounded-control bg-panel">
            <DeadCard letter={letter} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface BulkProps {
  readonly choice: DeadChoice;
  readonly letters: readonly Schemas["DeadLetter"][];
}

/** All that the choice fits, also those past the list's end. */
function Bulk({ choice: { account, state }, letters }: BulkProps) {
  const [asking, setAsking] = useState<"retry" | "discard">();
  const all = { ...(account && { account }), ...(state && { states: [state] }) };
  const settle = useMutation({
    mutationFn: (verdict: "retry" | "discard") =>
      take(verdict === "retry" ? api.POST("/api/dead/retry", { body: { all } }) : api.POST("/api/dead/discard", { body: { all } })),
    onSuccess: ({ settled }, verdict) => say(verdict === "retry" ? words.queue.retriedAll(settled) : words.queue.droppedAll(settled)),
    onSettled: renewQueue,
  });
  // Without a choice the gateway leaves out what may have arrived already.
  const sure = state === undefined ? letters.filter((letter) => letter.state !== "unknown") : letters;
  const more = letters.length === mostDead;
  return (
    <span className="flex flex-wrap gap-2 sm:ml-auto">
      {sure.length > 0 && (
        <Button size="small" onClick={() => setAsking("retry")}>
          <RotateCcw aria-hidden />
          {words.queue.retryAll}
        </Button>
      )}
      <Button size="small" look="danger" onClick={() => setAsking("discard")}>
        <Trash2 aria-hidden />
        {words.queue.dropAll}
      </Button>
      <Confirm
        open={asking === "retry"}
        onOpenChange={(open) => setAsking(open ? "retry" : undefined)}
        title={words.queue.retryAllTitle(sure.length, more)}
        act={words.queue.retryAll}
        look="primary"
        onConfirm={() => settle.mutateAsync("retry")}
      >
        {state === "unknown" ? words.queue.retryUnknown : words.queue.retryAllText}
      </Confirm>
      <Confirm
        open={asking === "discard"}
        onOpenChange={(open) => setAsking(open ? "discard" : undefined)}
        title={words.queue.dropAllTitle(letters.length, more)}
        act={words.queue.dropAll}
        onConfirm={() => settle.mutateAsync("discard")}
      >
        {words.queue.dropAllText}
      </Confirm>
    </span>
  );
}
