import { useMutation, useQuery } from "@tanstack/react-query";
import Ellipsis from "lucide-react/icons/ellipsis";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { channelsQuery, messagesQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../../parts/menu.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";

/** Known on every platform that has reactions at all. */
const reactions = ["👍", "👎", "❤️", "🎉", "👀"];

/** What an operator may do to a message on its platform, as far as the channel can: react to it, take back one of ours. */
export function MessageMenu({ message, channel }: { readonly message: Schemas["StoredMessage"]; readonly channel: string }) {
  const kinds = useQuery(channelsQuery);
  const [asking, setAsking] = useState(false);
  const path = { id: message.id };
  const react = useMutation({
    mutationFn: (reaction: string | undefined) =>
      take(api.POST("/api/messages/{id}/react", { params: { path }, body: reaction === undefined ? {} : { reaction } })),
    onSuccess: (_, reaction) => say(reaction === undefined ? words.conversations.unreacted : words.conversations.reacted(reaction)),
    onError: sayFault,
  });
  const takeBack = async () => {
    const { lost } = await take(api.POST("/api/messages/{id}/take-back", { params: { path } }));
    say(lost > 0 ? words.conversations.takenBackPartly(lost) : words.conversations.takenBack);
    await cache.invalidateQueries(messagesQuery(message.conversation));
  };
  const can = kinds.data?.find(({ kind }) => kind === channel)?.can;
  const takes = can?.takeBack === true && message.direction === "out";
  if (!can || !(can.react || takes)) return null;
  return (
    <>
      <Menu
        align={message.direction === "out" ? "end" : "start"}
        trigger={
          <IconButton size="small" label={words.conversations.more} busy={react.isPending}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        {can.react &&
          reactions.map((reaction) => (
            <MenuItem key={reaction} onClick={() => react.mutate(reaction)}>
              {words.conversations.react(reaction)}
            </MenuItem>
          ))}
        {can.react && <MenuItem onClick={() => react.mutate(undefined)}>{words.conversations.unreact}</MenuItem>}
        {can.react && takes && <MenuLine />}
        {takes && (
          <MenuItem danger onClick={() => setAsking(true)}>
            {words.conversations.takeBack}
          </MenuItem>
        )}
      </Menu>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.conversations.takeBackTitle}
        act={words.conversations.takeBack}
        onConfirm={takeBack}
      >
        {words.conversations.takeBackText}
      </Confirm>
    </>
  );
}
