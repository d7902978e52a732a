import { useMutation } from "@tanstack/react-query";
import UserRoundCheck from "lucide-react/icons/user-round-check";
import UserRoundX from "lucide-react/icons/user-round-x";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { findingsQuery, pairingsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Ago } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { senderName } from "../../words/names.ts";
import { words } from "../../words/words.ts";

const tones = { asked: "warn", approved: "good", denied: "bad" } as const;

/** Somebody who asks to be let in, was, or wasn't. Only operators decide. */
export function Person({ pairing, canDecide }: { readonly pairing: Schemas["Pairing"]; readonly canDecide: boolean }) {
  const { account, sender, state, code, name, handle, askedAt, by, decidedAt } = pairing;
  const settle = useMutation({
    mutationFn: (verdict: "approve" | "deny") => take(api.POST(`/api/pairings/${verdict}`, { body: { account, sender } })),
    onSuccess: ({ state: now }) => say(now === "approved" ? words.pairing.letIn : words.pairing.keptOut),
    onError: sayFault,
    onSettled: () => Promise.all([cache.invalidateQueries(pairingsQuery), cache.invalidateQueries(findingsQuery)]),
  });
  return (
    <article className="grid gap-2 rounded-control border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateBadge tone={tones[state]}>{words.pairing.states[state]}</StateBadge>
        <span className="min-w-0 break-words">{senderName(name ?? handle)}</span>
        <span className="min-w-0 break-all font-mono text-faint text-meta">{sender}</span>
        <span className="ml-auto text-faint text-meta">
          {by && decidedAt !== undefined ? (
            <>
              {by} · <Ago at={decidedAt} />
            </>
          ) : (
            <Ago at={askedAt} />
          )}
        </span>
      </div>
      {code && (
        <p className="text-row text-soft">
          {words.pairing.code} <span className="whitespace-nowrap font-mono font-semibold text-ink">{code}</span>
        </p>
      )}
      {canDecide && (
        <div className="flex flex-wrap gap-2">
          {state !== "approved" && (
            <Button size="small" busy={settle.isPending} onClick={() => settle.mutate("approve")}>
              <UserRoundCheck aria-hidden />
              {words.pairing.approve}
            </Button>
          )}
          {state !== "denied" && (
            <Button size="small" look="danger" busy={settle.isPending} onClick={() => settle.mutate("deny")}>
              <UserRoundX aria-hidden />
              {state === "approved" ? words.pairing.shutOut : words.pairing.deny}
            </Button>
          )}
        </div>
      )}
    </article>
  );
}
