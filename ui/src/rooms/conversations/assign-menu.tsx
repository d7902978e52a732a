import { useMutation, useQuery } from "@tanstack/react-query";
import UserRoundCog from "lucide-react/icons/user-round-cog";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { conversationQuery, meQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { Menu, MenuItem, MenuLine } from "../../parts/menu.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { useTeam } from "./team.ts";

/** Gives a conversation that people speak in to a colleague, or back to the queue. */
export function AssignMenu({ conversation }: { readonly conversation: Schemas["Conversation"] }) {
  const { data: me } = useQuery(meQuery);
  const team = useTeam();
  const { id, handover } = conversation;
  const { queryKey } = conversationQuery(id);
  const from = handover?.assignee ?? null;
  const assign = useMutation({
    mutationFn: (to: string | null) => take(api.POST("/api/conversations/{id}/assign", { params: { path: { id } }, body: { to, from } })),
    onSuccess: (now, to) => {
      cache.setQueryData(queryKey, now);
      say(to === null ? words.takeover.unassigned : words.takeover.assigned(team.name(to)));
    },
    onError: sayFault,
    onSettled: () => cache.invalidateQueries({ queryKey }),
  });
  const others = team.list.filter((one) => one.id !== from);
  return (
    <Menu
      trigger={
        <IconButton size="small-square" label={words.takeover.assign} busy={assign.isPending}>
          <UserRoundCog aria-hidden />
        </IconButton>
      }
    >
      {others.map((one) => (
        <MenuItem key={one.id} onClick={() => assign.mutate(one.id)}>
          {one.id === me?.operator.id ? words.takeover.assignMe : words.takeover.assignTo(one.name)}
        </MenuItem>
      ))}
      {from !== null && others.length > 0 && <MenuLine />}
      {from !== null && <MenuItem onClick={() => assign.mutate(null)}>{words.takeover.unassign}</MenuItem>}
    </Menu>
  );
}
