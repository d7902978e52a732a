import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { CopyField } from "../../parts/copy.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { showHidden } from "../../words/hidden-text.ts";
import { chatName } from "../../words/names.ts";
import { timeOfDay } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { deliveryTone } from "../flow/story-words.ts";
import { renewQueue } from "./renew.ts";

type Delivery = Schemas["Delivery"];

/** One outbound message to one conversation, with what can be done about it. */
export function DeliveryCard({ delivery, within }: { readonly delivery: Delivery; readonly within: "queue" | "trace" }) {
  return (
    <article className="grid gap-2 rounded-control border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateBadge tone={deliveryTone[delivery.state]}>{words.deliveryStates[delivery.state]}</StateBadge>
        {within === "queue" && <Tag>{delivery.account}</Tag>}
        {within === "queue" && <span className="truncate text-row text-soft">{chatName(delivery.chat)}</span>}
        <span className="ml-auto text-faint text-meta">
          {words.queue.attempts(delivery.attempts)} · <Ago at={delivery.createdAt} />
        </span>
      </div>
      {within === "queue" && (
        <p dir="auto" className="line-clamp-3 whitespace-pre-wrap">
          {showHidden(delivery.text || delivery.file || "") || <span className="text-faint italic">{words.messages.empty}</span>}
        </p>
      )}
      {delivery.state === "queued" && delivery.attempts > 0 && (
        <p className="text-row text-soft">
          {words.queue.next} <Time at={delivery.dueAt} format={timeOfDay} />
        </p>
      )}
      {delivery.error && delivery.state !== "sent" && <p className="text-row text-soft">{showHidden(delivery.error.message)}</p>}
      {delivery.state === "unknown" && <p className="text-row text-soft">{words.queue.unknownHint}</p>}
      {delivery.receipt && (
        <p className="flex flex-wrap items-center gap-1.5 text-faint text-meta">
          {words.queue.receipt} <CopyField value={delivery.receipt} />
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        <Verdicts delivery={delivery} />
        {within === "queue" && (
          <Link
            to="/trace/$id"
            params={{ id: delivery.trace }}
            className="ml-auto inline-flex min-h-6 items-center font-medium text-accent-ink text-row hover:underline"
          >
            {words.messages.trace}
          </Link>
        )}
      </div>
    </article>
  );
}

const retryable: readonly Delivery["state"][] = ["unknown", "failed", "dead"];
const droppable: readonly Delivery["state"][] = [...retryable, "queued"];

function Verdicts({ delivery }: { readonly delivery: Delivery }) {
  const [asking, setAsking] = useState(false);
  const retry = useMutation({
    mutationFn: () => take(api.POST("/api/deliveries/retry", { body: { ids: [delivery.id] } })),
    onSuccess: () => say(words.queue.retried),
    onError: sayFault,
    onSettled: renewQueue,
  });
  const drop = useMutation({
    mutationFn: () => take(api.POST("/api/deliveries/drop", { body: { ids: [delivery.id] } })),
    onSettled: renewQueue,
  });

  return (
    <>
      {retryable.includes(delivery.state) && (
        <Button size="small" busy={retry.isPending} onClick={() => retry.mutate()}>
          <RotateCcw aria-hidden />
          {delivery.state === "unknown" ? words.queue.sendAnyway : words.queue.retry}
        </Button>
      )}
      {droppable.includes(delivery.state) && (
        <Button size="small" look="danger" onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
          {words.queue.drop}
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.queue.dropTitle}
        act={words.queue.drop}
        onConfirm={() => drop.mutateAsync()}
      >
        {words.queue.dropText}
      </Confirm>
    </>
  );
}
