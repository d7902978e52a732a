import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import CheckCheck from "lucide-react/icons/check-check";
import MessageSquareQuote from "lucide-react/icons/message-square-quote";
import MessagesSquare from "lucide-react/icons/messages-square";
import { useCallback, useMemo, useState } from "react";
import { api, take } from "../../api/client.ts";
import { buttonLook, IconButton } from "../../parts/button.tsx";
import { classes } from "../../parts/classes.ts";
import { Confirm } from "../../parts/dialog.tsx";
import { useTitle } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { useDraftIds } from "../../shell/drafts.ts";
import { words } from "../../words/words.ts";
import { type ConversationChoice, readChoice } from "./choice.ts";
import { Filters, SearchBox } from "./filters.tsx";
import { Found } from "./found.tsx";
import { ListWindow } from "./list-window.tsx";
import { useOthers } from "./others.ts";
import { teamQuery } from "./queries.ts";
import { useList } from "./use-list.ts";

/** The shared inbox: all conversations on one side, the one that is open on the other; on a phone one or the other. */
export function Conversations() {
  const open = useParams({ strict: false }).id;
  return (
    <div className="grid h-full lg:grid-cols-[24rem_minmax(0,1fr)]">
      <div className={classes("min-h-0 min-w-0 border-line lg:border-r", open !== undefined && "max-lg:hidden")}>
        <List open={open} />
      </div>
      <div className={classes("min-h-0 min-w-0", open === undefined && "max-lg:hidden")}>
        <Outlet />
      </div>
    </div>
  );
}

/** Beside the list while none is open. */
export function NoConversation() {
  useTitle(words.rooms.conversations);
  return (
    <div className="grid h-full content-center">
      <Empty icon={<MessagesSquare />} title={words.inbox.choose}>
        {words.inbox.chooseHint}
      </Empty>
    </div>
  );
}

function List({ open }: { readonly open: string | undefined }) {
  // The address may name a message, too: that isn't a choice of the list's.
  const choice = useSearch({ from: "/inside/conversations", select: readChoice, structuralSharing: true });
  const navigate = useNavigate();
  const choose = useCallback((search: ConversationChoice) => void navigate({ to: ".", search, replace: true }), [navigate]);
  const { query, conversations } = useList(choice);
  const teamList = useQuery(teamQuery).data;
  const team = useMemo(() => new Map(teamList?.map(({ id, name }) => [id, name])), [teamList]);
  const others = useOthers();
  const drafts = useDraftIds();
  return (
    <div className="flex h-full flex-col bg-panel">
      <header className="grid gap-2.5 px-4 pt-3.5 pb-2.5">
        <div className="flex items-center justify-between gap-2">
          <h1 className="font-semibold text-lead tracking-tight">{words.rooms.conversations}</h1>
          <div className="flex gap-1">
            <ReadAll />
            <Link
              to="/conversations/replies"
              aria-label={words.inbox.replies.manage}
              title={words.inbox.replies.manage}
              className={buttonLook({ look: "quiet", size: "small-square" })}
            >
              <MessageSquareQuote aria-hidden />
            </Link>
          </div>
        </div>
        <SearchBox choice={choice} onChoose={choose} />
        <Filters choice={choice} onChoose={choose} />
      </header>
      {query.isPending ? (
        <SkeletonRows rows={10} />
      ) : query.error && conversations.length === 0 ? (
        <div className="border-line border-t p-4">
          <Failed error={query.error} retry={() => void query.refetch()} />
        </div>
      ) : conversations.length > 0 ? (
        <div className="flex min-h-0 flex-1 flex-col border-line border-t">
          <ListWindow
            key={JSON.stringify(choice)}
            {...{ conversations, choice, open, team, others, drafts }}
            more={query.hasNextPage}
            onEnd={() => query.hasNextPage && !query.isFetching && void query.fetchNextPage()}
          />
        </div>
      ) : choice.q ? null : (
        <Nothing choice={choice} />
      )}
      {choice.q && <Found choice={choice} />}
    </div>
  );
}

function ReadAll() {
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const read = useMutation({
    mutationFn: () => take(api.POST("/api/conversations/read")),
    onSettled: () => cache.invalidateQueries({ queryKey: ["conversation-counts"] }),
  });
  return (
    <>
      <IconButton label={words.inbox.readAll} size="small-square" onClick={() => setAsking(true)}>
        <CheckCheck aria-hidden />
      </IconButton>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.inbox.readAllTitle}
        act={words.inbox.readAll}
        look="primary"
        onConfirm={() => read.mutateAsync()}
      >
        {words.inbox.readAllText}
      </Confirm>
    </>
  );
}

function Nothing({ choice }: { readonly choice: ConversationChoice }) {
  const chosen = Object.keys(choice).length > 0;
  return (
    <div className="border-line border-t">
      <Empty
        icon={<MessagesSquare />}
        title={chosen ? words.inbox.none : words.conversations.none}
        actions={
          chosen ? (
            <Link to="." search={{}} className={buttonLook({ look: "plain" })}>
              {words.inbox.showAll}
            </Link>
          ) : (
            <Link to="/talk" className={buttonLook({ look: "primary" })}>
              {words.flow.tryIt}
            </Link>
          )
        }
      >
        {chosen ? words.inbox.noneHint : words.conversations.noneHint}
      </Empty>
    </div>
  );
}
