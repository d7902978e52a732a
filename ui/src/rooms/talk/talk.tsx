import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import ArrowDown from "lucide-react/icons/arrow-down";
import MessageCircle from "lucide-react/icons/message-circle";
import MessageCirclePlus from "lucide-react/icons/message-circle-plus";
import SendHorizontal from "lucide-react/icons/send-horizontal";
import { type FormEvent, useEffect, useState, useSyncExternalStore } from "react";
import { accountsQuery, agentsQuery, meQuery, providersQuery } from "../../api/queries.ts";
import { Button, buttonLook, IconButton } from "../../parts/button.tsx";
import { Composer } from "../../parts/composer.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { useTitle } from "../../parts/page.tsx";
import { Scroller } from "../../parts/scroller.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { useStickyEnd } from "../../parts/sticky-end.ts";
import { words } from "../../words/words.ts";
import { Chat } from "./chat.ts";
import { Messages } from "./messages.tsx";

/** Talks to the assistant over the very path that visitors of the web chat take. */
export function Talk() {
  useTitle(words.rooms.talk);
  const { data: me } = useSuspenseQuery(meQuery);
  const accounts = useQuery(accountsQuery);
  const chats = accounts.data?.filter(({ channel }) => channel === "webchat") ?? [];
  const account = (chats.find(({ id }) => id === "web") ?? chats[0])?.id;
  if (accounts.isPending) return <SkeletonRows />;
  if (accounts.error && !accounts.data) {
    return (
      <div className="p-4">
        <Failed error={accounts.error} retry={() => void accounts.refetch()} />
      </div>
    );
  }
  if (!account) {
    return (
      <Empty
        level={1}
        icon={<MessageCircle />}
        title={words.talk.off}
        actions={
          <Link to="/channels/add" className={buttonLook({ look: "primary" })}>
            {words.channels.add}
          </Link>
        }
      >
        {words.talk.offHint}
      </Empty>
    );
  }
  return <OpenChat key={account} account={account} operator={me.operator.id} />;
}

function OpenChat({ account, operator }: { readonly account: string; readonly operator: string }) {
  const [chat] = useState(() => new Chat(account, operator));
  const view = useSyncExternalStore(chat.watch, chat.view);
  const demo = useDemo();
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    chat.start();
    return () => chat.close();
  }, [chat]);
  const { messages, unsent, draft } = view.chat;
  const end = useStickyEnd(`${messages.length} ${unsent.length} ${draft?.text.length ?? -1} ${draft?.tools.length ?? 0}`);
  const isEmpty = view.loaded && messages.length === 0 && unsent.length === 0 && !draft;

  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-panel px-4 py-2.5 md:px-6">
        <h1 className="font-semibold text-lead">{view.visit?.title ?? words.rooms.talk}</h1>
        {demo && (
          <span title={words.talk.demoHint} className="inline-flex">
            <Tag className="bg-warn-wash text-warn">{words.talk.demo}</Tag>
          </span>
        )}
        <span className="text-faint text-row max-md:hidden">{words.talk.lead}</span>
        <Button size="small" look="quiet" className="ml-auto" disabled={messages.length === 0} onClick={() => setAsking(true)}>
          <MessageCirclePlus aria-hidden />
          <span className="max-sm:sr-only">{words.talk.fresh}</span>
        </Button>
      </header>
      <div className="relative min-h-0 flex-1">
        <Scroller boxRef={end.box} label={words.talk.messages} className="h-full overflow-y-auto">
          <div className="mx-auto grid max-w-3xl gap-4 px-4 py-5">
            {view.fault !== undefined && view.connection !== "open" && <Failed error={view.fault} />}
            {!view.loaded && view.fault === undefined && <SkeletonRows rows={4} />}
            {isEmpty && (
              <Welcome demo={demo} {...(view.visit?.greeting && { greeting: view.visit.greeting })} onTry={(text) => chat.send(text)} />
            )}
            <Messages chat={chat} view={view} />
          </div>
        </Scroller>
        {end.away && (
          <Button size="small" className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-lift" onClick={end.toEnd}>
            <ArrowDown aria-hidden />
            {words.talk.newer}
          </Button>
        )}
      </div>
      <Writer onSend={(text) => chat.send(text)} />
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.talk.freshTitle}
        act={words.talk.fresh}
        onConfirm={async () => chat.restart()}
      >
        {words.talk.freshText}
      </Confirm>
    </div>
  );
}

function Writer({ onSend }: { readonly onSend: (text: string) => void }) {
  const [text, setText] = useState("");
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!text.trim()) return;
    onSend(text.trim());
    setText("");
  };
  return (
    <form onSubmit={submit} className="border-line border-t bg-panel px-4 py-3">
      <div className="mx-auto max-w-3xl">
        <Composer autoFocus label={words.talk.write} value={text} onChange={setText} onSubmit={submit} maxLength={16_000}>
          <IconButton type="submit" look="primary" label={words.talk.send}>
            <SendHorizontal aria-hidden />
          </IconButton>
        </Composer>
      </div>
    </form>
  );
}

interface WelcomeProps {
  readonly demo: boolean;
  readonly greeting?: string;
  readonly onTry: (text: string) => void;
}

function Welcome({ demo, greeting, onTry }: WelcomeProps) {
  const tries = demo ? [words.talk.hello, ...words.talk.demoTries] : [words.talk.hello];
  return (
    <Empty
      icon={<MessageCircle />}
      title={greeting ?? words.talk.emptyTitle}
      actions={tries.map((text) => (
        <Button key={text} size="small" onClick={() => onTry(text)}>
          {text}
        </Button>
      ))}
    >
      <p>{words.talk.emptyHint}</p>
      {demo && <p className="mt-2">{words.talk.demoTry}</p>}
    </Empty>
  );
}

/** Whether every agent answers with the built-in demo model. */
function useDemo(): boolean {
  const agents = useQuery(agentsQuery);
  const providers = useQuery(providersQuery);
  const demo = new Set(providers.data?.filter(({ kind }) => kind === "demo").map(({ id }) => id));
  return agents.data !== undefined && agents.data.length > 0 && agents.data.every(({ models }) => demo.has(models[0]?.split("/")[0] ?? ""));
}
