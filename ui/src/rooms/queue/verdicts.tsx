import { useMutation } from "@tanstack/react-query";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { renewQueue } from "./renew.ts";

const retryWords: { readonly [state in Schemas["DeadState"]]: string } = {
  unknown: words.queue.sendAnyway,
  failed: words.queue.retry,
  dead: words.queue.retry,
  poison: words.queue.answerAgain,
};

/** What can be done with one that was given up. */
export function DeadVerdicts({ letter: { id, state } }: { readonly letter: Schemas["DeadLetter"] }) {
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
