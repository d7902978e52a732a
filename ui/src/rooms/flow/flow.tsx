import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import ArrowUp from "lucide-react/icons/arrow-up";
import MessagesSquare from "lucide-react/icons/messages-square";
import Pause from "lucide-react/icons/pause";
import Play from "lucide-react/icons/play";
import { useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { useConnection } from "../../api/live.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Choices } from "../../parts/choices.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { words } from "../../words/words.ts";
import { useStories } from "./stories.ts";
import { StoryWindow } from "./story-window.tsx";

const states = ["queued", "running", "done", "ignored", "failed", "cancelled"] as const satisfies readonly Schemas["EventState"][];

/** Every message as it comes in, and what became of it. */
export function Flow() {
  const choice = useSearch({ from: "/inside/" });
  const navigate = useNavigate();
  const [paused, setPaused] = useState(false);
  const [away, setAway] = useState(false);
  const [toTop, setToTop] = useState(0);
  const { query, stories, waiting } = useStories(choice, paused || away);
  const chosen = choice.account !== undefined || choice.state !== undefined;

  const showNewest = () => {
    setPaused(false);
    setAway(false);
    setToTop((times) => times + 1);
  };

  return (
    <section aria-label={words.flow.title} className="flex min-h-64 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 px-4 py-3 md:px-6">
        <Choices
          choice={choice}
          states={states}
          names={words.storyStates}
          onChoose={(search) => void navigate({ to: "/", search, replace: true })}
        />
        <LiveSign held={paused || away} />
        <Button size="small" look="plain" aria-pressed={paused} onClick={() => (paused ? showNewest() : setPaused(true))}>
          {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          <span className="max-sm:sr-only">{paused ? words.flow.resume : words.flow.pause}</span>
        </Button>
      </div>
      <div className="relative flex min-h-0 flex-1 flex-col border-line border-t bg-panel">
        <Held held={paused || away} waiting={waiting} onRelease={showNewest} />
        {query.isPending ? (
          <SkeletonRows rows={12} />
        ) : query.isError && stories.length === 0 ? (
          <div className="p-4">
            <Failed error={query.error} retry={() => void query.refetch()} />
          </div>
        ) : stories.length === 0 ? (
          <Nothing chosen={chosen} />
        ) : (
          <StoryWindow
            stories={stories}
            more={query.hasNextPage}
            toTop={toTop}
            onAway={setAway}
            onEnd={() => query.hasNextPage && !query.isFetching && void query.fetchNextPage()}
          />
        )}
      </div>
    </section>
  );
}

/** Whether what is seen is what happens now. */
function LiveSign({ held }: { readonly held: boolean }) {
  const connection = useConnection();
  return (
    <span className="ml-auto max-sm:invisible">
      {connection === "open" && !held && <StateBadge tone="busy">{words.flow.live}</StateBadge>}
    </span>
  );
}

/** While the list stands still: says so, and how much waits. */
function Held({ held, waiting, onRelease }: { readonly held: boolean; readonly waiting: number; readonly onRelease: () => void }) {
  if (!held) return null;
  return (
    <div role="status" className="pointer-events-none absolute inset-x-0 top-2.5 z-10 flex justify-center">
      <button
        type="button"
        onClick={onRelease}
        className="pointer-events-auto inline-flex h-8 items-center gap-2 rounded-full bg-accent px-3.5 font-medium text-on-accent text-row shadow-lift hover:bg-accent-strong"
      >
        {waiting > 0 ? <ArrowUp aria-hidden className="size-4" /> : <Pause aria-hidden className="size-4" />}
        {waiting > 0 ? words.flow.waiting(waiting) : words.flow.paused}
      </button>
    </div>
  );
}

function Nothing({ chosen }: { readonly chosen: boolean }) {
  if (chosen) {
    return (
      <Empty
        icon={<MessagesSquare />}
        title={words.flow.noMatch}
        actions={
          <Link to="/" search={{}} className={buttonLook({ look: "plain" })}>
            {words.flow.showAll}
          </Link>
        }
      />
    );
  }
  return (
    <Empty
      icon={<MessagesSquare />}
      title={words.flow.emptyTitle}
      actions={
        <>
          <Link to="/talk" className={buttonLook({ look: "primary" })}>
            {words.flow.tryIt}
          </Link>
          <Link to="/channels/add" className={buttonLook({ look: "plain" })}>
            {words.channels.add}
          </Link>
        </>
      }
    >
      {words.flow.emptyHint}
    </Empty>
  );
}
