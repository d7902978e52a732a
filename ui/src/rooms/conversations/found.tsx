import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Marked } from "../../parts/marked.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { authorName, chatName } from "../../words/names.ts";
import { briefTime, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import type { ConversationChoice } from "./choice.ts";
import { saidQuery } from "./queries.ts";

/** Messages with the words that are looked for. */
export function Found({ choice }: { readonly choice: ConversationChoice }) {
  const query = useInfiniteQuery(saidQuery(choice.q ?? "", choice.account));
  const hits = query.data?.pages.flatMap((page) => page.hits) ?? [];
  return (
    <section aria-label={words.inbox.said} className="min-h-0 flex-1 overflow-y-auto border-line border-t">
      <h2 className="sticky top-0 z-10 border-line border-b bg-panel px-4 py-1.5 font-semibold text-meta text-soft">{words.inbox.said}</h2>
      {query.isPending && <SkeletonRows rows={4} />}
      {query.error && hits.length === 0 && <Failed error={query.error} retry={() => void query.refetch()} className="p-4" />}
      {query.data?.pages[0]?.behind && <p className="px-4 py-2 text-row text-soft">{words.inbox.behind}</p>}
      {query.data && hits.length === 0 && <p className="px-4 py-4 text-row text-soft">{words.inbox.saidNone}</p>}
      <ul>
        {hits.map((hit) => (
          <li key={hit.message}>
            <Hit hit={hit} choice={choice} />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="grid justify-items-center py-3">
          <Button size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {words.inbox.moreSaid}
          </Button>
        </div>
      )}
    </section>
  );
}

function Hit({ hit, choice }: { readonly hit: Schemas["SearchHit"]; readonly choice: ConversationChoice }) {
  const now = useNow();
  return (
    <Link
      to="/conversations/$id"
      params={{ id: hit.conversation }}
      search={{ ...choice, message: hit.message }}
      preload={false}
      className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 border-line border-b px-4 py-2.5 -outline-offset-2 hover:bg-hover"
    >
      <span dir="auto" className="truncate font-medium text-row">
        {authorName(hit)} <span className="font-normal text-faint">· {chatName(hit.chat)}</span>
      </span>
      <Time at={hit.at} format={(at) => briefTime(at, now)} className="tabular text-faint text-row" />
      <span dir="auto" className="col-span-2 line-clamp-2 break-words text-row text-soft">
        <Marked text={hit.snippet} marks={hit.marks} />
      </span>
    </Link>
  );
}
