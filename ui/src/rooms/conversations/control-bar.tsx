import { useMutation } from "@tanstack/react-query";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { conversationQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";

type Conversation = Schemas["Conversation"];

/** Who speaks now, and the way to change it. */
export function ControlBar({ conversation }: { readonly conversation: Conversation }) {
  const { queryKey } = conversationQuery(conversation.id);
  const change = useMutation({
    mutationFn: (control: Conversation["control"]) =>
      take(
        api.PUT("/api/conversations/{id}/control", {
          params: { path: { id: conversation.id } },
          body: { control, version: conversation.controlVersion },
        }),
      ),
    onSuccess: (changed) => {
      cache.setQueryData(queryKey, changed);
      say(words.conversations.changed[changed.control]);
    },
    onError: sayFault,
    onSettled: () => cache.invalidateQueries({ queryKey }),
  });
  const { control } = conversation;
  return (
    <div className="ml-auto flex flex-wrap items-center gap-2">
      <StateBadge tone={control === "agent" ? "good" : "warn"}>{words.control[control]}</StateBadge>
      {control === "agent" ? (
        <Button size="small" look="primary" busy={change.isPending} onClick={() => change.mutate("human")}>
          {words.conversations.takeOver}
        </Button>
      ) : (
        <Button size="small" look="primary" busy={change.isPending} onClick={() => change.mutate("agent")}>
          {words.conversations.handBack}
        </Button>
      )}
    </div>
  );
}
