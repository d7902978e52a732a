import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { conversationQuery, meQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { ago, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { useTeam } from "./team.ts";

type Conversation = Schemas["Conversation"];

/** Takes it over at once; where a colleague was faster, or has it, that is said, and it is the viewer's choice. */
export function TakeOver({ conversation }: { readonly conversation: Conversation }) {
  const { data: me } = useQuery(meQuery);
  const team = useTeam();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const { id, handover } = conversation;
  const { queryKey } = conversationQuery(id);

  const taking = async (from?: string) => {
    const taken = await take(
      api.POST("/api/conversations/{id}/take", { params: { path: { id } }, body: from === undefined ? {} : { from } }),
    );
    cache.setQueryData(queryKey, taken.conversation);
    say(taken.quiet ? words.takeover.taken : words.takeover.takenLate);
  };
  const mutation = useMutation({
    mutationFn: () => taking(),
    async onError(error) {
      if (faultOf(error).code !== "conversation-taken") return sayFault(error);
      await cache.invalidateQueries({ queryKey });
      setAsking(true);
    },
  });

  const assignee = handover?.assignee;
  const name = team.name(assignee);
  const theirs = assignee !== undefined && assignee !== me?.operator.id;
  if (assignee !== undefined && !theirs) return null;
  return (
    <>
      <Button
        size="small"
        look={theirs ? "plain" : "primary"}
        busy={mutation.isPending}
        onClick={() => (theirs ? setAsking(true) : mutation.mutate())}
      >
        {theirs ? words.takeover.takeFrom(name) : words.takeover.takeOver}
      </Button>
      <Confirm
        open={asking && theirs}
        onOpenChange={setAsking}
        title={words.takeover.takenTitle(name, ago(handover?.assignedAt ?? now, Math.max(now, Date.now())))}
        act={words.takeover.takeFrom(name)}
        look="primary"
        onConfirm={() => taking(assignee)}
      >
        {words.takeover.takenText(name)}
      </Confirm>
    </>
  );
}
