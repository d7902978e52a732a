import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { Fragment, useEffect, useLayoutEffect, useRef } from "react";
import type { Schemas } from "../../api/client.ts";
import { conversationQuery, messagesQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Button } from "../../parts/button.tsx";
import { MessageBubble } from "../../parts/message-list.tsx";
import { useTitle } from "../../parts/page.tsx";
import { Scroller } from "../../parts/scroller.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { chatName } from "../../words/names.ts";
import { dayName, sameDay } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { deliveryTone } from "../flow/story-words.ts";
import { Attendance } from "./attendance.tsx";
import { Called } from "./called.tsx";
import { ControlBar } from "./control-bar.tsx";
import { MessageMenu } from "./message-menu.tsx";
import { NoteCard } from "./note-card.tsx";
import { notesQuery } from "./queries.ts";
import { Reply } from "./reply.tsx";

/** One conversation: its messages, who speaks in it, and an operator's own words. */
export function ConversationRoom() {
  const { id } = useParams({ from: "/inside/conversations/$id" });
  const conversation = useQuery(conversationQuery(id));
  const name = conversation.data ? chatName(conversation.data.chat) : words.rooms.conversations;
  useTitle(name);
  return (
    <div className="flex h-full flex-col">
      <header className="grid gap-1 border-line border-b bg-panel px-4 py-3 md:px-6">
        <div className="lg:hidden">
          <Back to="/conversations">{words.rooms.conversations}</Back>
        </div>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="min-w-0 truncate font-semibold text-lead">{name}</h1>
          {conversation.data && <Tag>{conversation.data.account}</Tag>}
          {conversation.data && <ControlBar conversation={conversation.data} />}
        </div>
        <Attendance key={id} id={id} />
      </header>
      <Called handover={conversation.data?.handover} />
      {conversation.error && !conversation.data ? (
        <div className="p-4">
          <Failed error={conversation.error} retry={() => void conversation.refetch()} />
        </div>
      ) : (
        <Messages key={id} id={id} channel={conversation.data?.channel} />
      )}
      {conversation.data && <Reply key={`reply ${id}`} conversation={conversation.data} />}
    </div>
  );
}

function Messages({ id, channel }: { readonly id: string; readonly channel: string | undefined }) {
  const query = useInfiniteQuery(messagesQuery(id));
  const notes = useQuery(notesQuery(id));
  const messages = query.data?.pages.flat().toReversed() ?? [];
  const thread = withNotes(messages, notes.data ?? [], query.hasNextPage);
  const box = useBottom(thread.at(-1)?.id, thread[0]?.id);
  const sought = useSought(messages, query);
  if (query.isPending) return <SkeletonRows rows={5} />;
  return (
    <Scroller boxRef={box} label={words.trace.messages} className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid max-w-4xl gap-3 px-4 py-5">
        {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
        {query.hasNextPage && (
          <Button size="small" busy={query.isFetchingNextPage} className="justify-self-center" onClick={() => void query.fetchNextPage()}>
            {words.conversations.earlier}
          </Button>
        )}
        <ol className="grid gap-3">
          {thread.map((one, index) => (
            <Fragment key={one.id}>
              {!sameDay(one.at, thread[index - 1]?.at ?? 0) && (
                <li className="py-1 text-center font-medium text-faint text-meta">{dayName(one.at)}</li>
              )}
              <li
                id={one.id}
                tabIndex={-1}
                aria-current={one.id === sought || undefined}
                className="grid rounded-panel aria-[current]:bg-hover aria-[current]:outline-2 aria-[current]:outline-accent"
              >
                {"text" in one ? <NoteCard note={one} /> : <MessageBubble message={one} foot={<Foot message={one} channel={channel} />} />}
              </li>
            </Fragment>
          ))}
        </ol>
      </div>
    </Scroller>
  );
}

/** The message that the address names: older ones are asked for until it is there, then it is brought into sight, once. */
function useSought(
  messages: readonly Schemas["StoredMessage"][],
  { hasNextPage, isFetching, fetchNextPage }: { hasNextPage: boolean; isFetching: boolean; fetchNextPage: () => unknown },
): string | undefined {
  const { message: sought } = useSearch({ from: "/inside/conversations/$id" });
  const shown = useRef<string>(undefined);
  const there = messages.some(({ id }) => id === sought);
  useEffect(() => {
    if (sought === undefined || shown.current === sought) return;
    if (!there) {
      if (hasNextPage && !isFetching) fetchNextPage();
      return;
    }
    shown.current = sought;
    const place = document.getElementById(sought);
    place?.scrollIntoView({ block: "center" });
    place?.focus({ preventScroll: true });
  }, [sought, there, hasNextPage, isFetching, fetchNextPage]);
  return sought;
}

/** Notes stand where they were written; older ones than what is shown wait for the messages before them. */
function withNotes(
  messages: readonly Schemas["StoredMessage"][],
  notes: readonly Schemas["Note"][],
  more: boolean,
): readonly (Schemas["StoredMessage"] | Schemas["Note"])[] {
  const from = more ? (messages[0]?.at ?? 0) : 0;
  const shown = notes.filter(({ at }) => at >= from).toReversed();
  if (shown.length === 0) return messages;
  const thread: (Schemas["StoredMessage"] | Schemas["Note"])[] = [];
  for (const message of messages) {
    while (shown[0] && shown[0].at < message.at) thread.push(shown.shift() as Schemas["Note"]);
    thread.push(message);
  }
  return [...thread, ...shown];
}

function Foot({ message, channel }: { readonly message: Schemas["StoredMessage"]; readonly channel: string | undefined }) {
  return (
    <>
      {message.broken && (
        <span title={words.takeover.brokenHint}>
          <StateBadge tone="warn" className="text-meta">
            {words.takeover.broken}
          </StateBadge>
        </span>
      )}
      {message.delivery && message.delivery !== "sent" && (
        <StateBadge tone={deliveryTone[message.delivery]} className="text-meta">
          {words.deliveryStates[message.delivery]}
        </StateBadge>
      )}
      <Link
        to="/trace/$id"
        params={{ id: message.trace }}
        preload={false}
        className="inline-flex min-h-6 items-center text-accent-ink hover:underline"
      >
        {words.messages.trace}
      </Link>
      {channel !== undefined && <MessageMenu message={message} channel={channel} />}
    </>
  );
}

/** Keeps the end in sight while one is there, and the place while older messages are put in front. */
function useBottom(newest: string | undefined, oldest: string | undefined) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const see = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
      height.current = element.scrollHeight;
    };
    element.addEventListener("scroll", see, { passive: true });
    return () => element.removeEventListener("scroll", see);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when a message came at either end
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
    height.current = element.scrollHeight;
  }, [newest]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || atEnd.current) return;
    element.scrollTop += element.scrollHeight - height.current;
    height.current = element.scrollHeight;
  }, [oldest]);
  return box;
}
