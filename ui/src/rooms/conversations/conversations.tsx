import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import MessagesSquare from "lucide-react/icons/messages-square";
import type { Schemas } from "../../api/client.ts";
import { conversationsQuery } from "../../api/queries.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { chatName } from "../../words/names.ts";
import { briefTime, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";

export function Conversations() {
  const query = useInfiniteQuery(conversationsQuery);
  const conversations = query.data?.pages.flat() ?? [];
  return (
    <Page title={words.rooms.conversations} lead={words.conversations.lead}>
      {query.isPending && <SkeletonRows />}
      {query.error && conversations.length === 0 && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data && conversations.length === 0 && (
        <Empty
          icon={<MessagesSquare />}
          title={words.conversations.none}
          actions={
            <Link to="/talk" className={buttonLook({ look: "primary" })}>
              {words.flow.tryIt}
            </Link>
          }
        >
          {words.conversations.noneHint}
        </Empty>
      )}
      {conversations.length > 0 && (
        <ul className="panel divide-y divide-line overflow-hidden">
          {conversations.map((conversation) => (
            <li key={conversation.id}>
              <Row conversation={conversation} />
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} className="justify-self-center" onClick={() => void query.fetchNextPage()}>
          {words.states.more}
        </Button>
      )}
    </Page>
  );
}

function Row({ conversation }: { readonly conversation: Schemas["ConversationSummary"] }) {
  const now = useNow();
  return (
    <Link
      to="/conversations/$id"
      params={{ id: conversation.id }}
      className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 px-4 py-3 -outline-offset-2 hover:bg-hover"
    >
      <span dir="auto" className="truncate font-medium">
        {chatName(conversation.chat)}
      </span>
      <Time at={conversation.lastAt} format={(at) => briefTime(at, now)} className="tabular text-faint text-row" />
      <span className="col-span-2 flex min-w-0 items-center gap-2">
        <Tag className="shrink-0">{conversation.account}</Tag>
        <span dir="auto" className="min-w-0 flex-1 truncate text-row text-soft">
          {conversation.lastPreview || words.messages.empty}
        </span>
        {conversation.control !== "agent" && <StateBadge tone="warn">{words.control[conversation.control]}</StateBadge>}
      </span>
    </Link>
  );
}
