import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Ago } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { chatName } from "../../words/names.ts";
import { words } from "../../words/words.ts";
import { renewQueue } from "./renew.ts";

type DeadLetter = Schemas["DeadLetter"];

/** What one of the two edges gave up, with its cause and what can be done about it. */
export function DeadCard({ letter }: { readonly letter: DeadLetter }) {
  return (
    <article className="grid gap-2 rounded-control border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateBadge tone={letter.state === "unknown" ? "warn" : "bad"}>{words.deadStates[letter.state]}</StateBadge>
        <Tag>{letter.account}</Tag>
        <span className="truncate text-row text-soft">{chatName(letter.chat)}</span>
        <span className="ml-auto text-faint text-meta">
          {words.queue.attempts(letter.attempts)} · <Ago at={letter.at} />
        </span>
      </div>
      <p className="line-clamp-3 whitespace-pre-wrap break-words">
        {letter.preview || <span className="text-faint italic">{words.messages.empty}</span>}
      </p>
      <p className="break-words text-row text-soft">{letter.error.message}</p>
      {letter.state === "unknown" && <p className="text-row text-soft">{words.queue.unknownHint}</p>}
      {letter.state === "poison" && <p className="text-row text-soft">{words.queue.poisonHint}</p>}
      <div className="flex flex-wrap items-center gap-2">
        <Verdicts letter={letter} />
        <Link
          to="/trace/$id"
          params={{ id: letter.trace }}
          className="ml-auto inline-flex min-h-6 items-center font-medium text-accent-ink text-row hover:underline"
        >
          {words.messages.trace}
        </Link>
      </div>
    </article>
  );
}

const retryWords: { readonly [state in DeadLetter["state"]]: string } = {
  unknown: words.queue.sendAnyway,
  failed: words.queue.retry,
  dead: words.queue.retry,
  poison: words.queue.answerAgain,
};

function Verdicts({ letter: { id, state } }: { readonly letter: DeadLetter }) {
  const [asking, setAsking] = useState(false);
  const retry = useMutation({
    mutationFn: () => take(api.POST("/api/dead/retry", { body: { ids: [id] } })),
    onSuccess: () => say(words.queue.retried),
    onError: sayFault,
    onSettled: renewQueue,
  });
  const discard = useMutation({
    mutationFn: () => take(api.POST("/api/dead/discard", { body: { ids: [id] } })),
    onSettled: renewQueue,
  });
  return (
    <>
      <Button size="small" busy={retry.isPending} onClick={() => retry.mutate()}>
        <RotateCcw aria-hidden />
        {retryWords[state]}
      </Button>
      <Button size="small" look="danger" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
        {words.queue.drop}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.queue.dropTitle}
        act={words.queue.drop}
        onConfirm={() => discard.mutateAsync()}
      >
        {state === "poison" ? words.queue.dropPoison : words.queue.dropText}
      </Confirm>
    </>
  );
}
