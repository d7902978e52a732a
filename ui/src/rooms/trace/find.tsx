import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import MessageCircleQuestion from "lucide-react/icons/message-circle-question-mark";
import { type FormEvent, useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { accountsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, Select } from "../../parts/field.tsx";
import { Marked } from "../../parts/marked.tsx";
import { Page } from "../../parts/page.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { previewWords, senderName } from "../../words/names.ts";
import { dayAndTime } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { storyBadge } from "../flow/story-words.ts";
import { fromLocal, type TraceChoice, toLocal } from "./choice.ts";

const findQuery = (choice: TraceChoice) =>
  infiniteQueryOptions({
    queryKey: ["traces", choice] as const,
    queryFn: ({ pageParam }) =>
      take(api.GET("/api/traces", { params: { query: { ...choice, limit: 30, ...(pageParam !== undefined && { before: pageParam }) } } })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

/** "Why no answer?": messages by who wrote, when and what, each with what became of it. */
export function FindTrace() {
  const choice = useSearch({ from: "/inside/trace" });
  const query = useInfiniteQuery(findQuery(choice));
  const found = query.data?.pages.flatMap((page) => page.found) ?? [];
  return (
    <Page title={words.find.title} lead={words.find.lead}>
      <FindForm key={JSON.stringify(choice)} choice={choice} />
      {query.isPending && <SkeletonRows rows={6} />}
      {query.error && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data?.pages[0]?.behind && <p className="text-row text-soft">{words.inbox.behind}</p>}
      {query.data && found.length === 0 && (
        <Empty icon={<MessageCircleQuestion />} title={words.find.none}>
          {words.find.noneHint}
        </Empty>
      )}
      {found.length > 0 && (
        <ul className="panel divide-y divide-line overflow-hidden">
          {found.map(({ story, snippet, marks }) => (
            <li key={story.trace}>
              <Line story={story} snippet={snippet} marks={marks} />
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

function FindForm({ choice }: { readonly choice: TraceChoice }) {
  const navigate = useNavigate();
  const accounts = useQuery(accountsQuery).data ?? [];
  const [q, setQ] = useState(choice.q ?? "");
  const [sender, setSender] = useState(choice.sender ?? "");
  const [from, setFrom] = useState(toLocal(choice.from));
  const [to, setTo] = useState(toLocal(choice.to));
  const [account, setAccount] = useState(choice.account ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [first, last] = [fromLocal(from), fromLocal(to)];
    const search = {
      ...(q.trim() && { q: q.trim() }),
      ...(sender.trim() && { sender: sender.trim() }),
      ...(account && { account }),
      ...(first !== undefined && { from: first }),
      // The minute that is named is meant as a whole.
      ...(last !== undefined && { to: last + 59_999 }),
    };
    void navigate({ to: "/trace", search });
  };
  return (
    <form onSubmit={submit} className="panel grid gap-4 p-4 sm:grid-cols-2 lg:grid-cols-3">
      <Field label={words.find.sender} optional>
        {(described) => <Input {...described} value={sender} maxLength={100} onChange={({ target }) => setSender(target.value)} />}
      </Field>
      <Field label={words.find.text} optional>
        {(described) => <Input {...described} value={q} maxLength={300} onChange={({ target }) => setQ(target.value)} />}
      </Field>
      <Field label={words.find.account} optional>
        {(described) => (
          <Select {...described} value={account} onChange={({ target }) => setAccount(target.value)}>
            <option value="">{words.flow.allAccounts}</option>
            {accounts.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={words.find.from} optional>
        {(described) => <Input {...described} type="datetime-local" value={from} onChange={({ target }) => setFrom(target.value)} />}
      </Field>
      <Field label={words.find.to} optional>
        {(described) => <Input {...described} type="datetime-local" value={to} onChange={({ target }) => setTo(target.value)} />}
      </Field>
      <div className="flex items-end pb-1.5">
        <Button type="submit" look="primary" className="w-full sm:w-auto">
          {words.find.search}
        </Button>
      </div>
    </form>
  );
}

type Found = Pick<Schemas["SearchHit"], "snippet" | "marks">;

function Line({ story, snippet, marks }: Found & { readonly story: Schemas["Story"] }) {
  return (
    <Link
      to="/trace/$id"
      params={{ id: story.trace }}
      preload={false}
      className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1 px-4 py-3 -outline-offset-2 hover:bg-hover"
    >
      <span className="flex min-w-0 items-center gap-2">
        <span dir="auto" className="truncate font-medium">
          {senderName(story.senderName)}
        </span>
        <Tag>{story.account}</Tag>
      </span>
      <Time at={story.receivedAt} format={dayAndTime} className="tabular text-faint text-row" />
      <span dir="auto" className="col-span-2 line-clamp-2 break-words text-soft">
        {marks.length > 0 ? <Marked text={snippet} marks={marks} /> : previewWords(story.preview) || words.messages.empty}
      </span>
      <span className="col-span-2 flex flex-wrap items-center gap-x-3 text-row">
        <StateBadge {...storyBadge(story)} />
        <span className="text-soft">{outcomeOf(story)}</span>
      </span>
    </Link>
  );
}

/** Why there was no answer, in words; nothing where there was one. */
function outcomeOf({ state, reason }: Schemas["Story"]): string | undefined {
  if (state !== "ignored" && state !== "cancelled" && state !== "failed") return undefined;
  return words.outcome[state](reason ? wordFor(words.reasons, reason) : words.outcome.noReason);
}
