import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CopyField } from "../../parts/copy.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { showHidden } from "../../words/hidden-text.ts";
import { chatName } from "../../words/names.ts";
import { fullTime } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { Timeline } from "../trace/timeline.tsx";
import type { QueueChoice } from "./choice.ts";
import { letterQuery } from "./queries.ts";
import { DeadVerdicts } from "./verdicts.tsx";

/** One that was given up, with every attempt. */
export function LetterDrawer({ id, choice, onClose }: { readonly id: string; readonly choice: QueueChoice; readonly onClose: () => void }) {
  const query = useQuery(letterQuery(id));
  const letter = query.data?.letter;
  return (
    <Drawer
      onClose={onClose}
      title={letter ? chatName(letter.chat) : words.queue.inspect}
      acts={letter && !query.error && <DeadVerdicts letter={letter} />}
    >
      {query.isPending && <SkeletonRows rows={4} />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {letter && !query.error && (
        <>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <StateBadge tone={letter.state === "unknown" ? "warn" : "bad"}>{words.deadStates[letter.state]}</StateBadge>
            <Tag>{letter.account}</Tag>
            <span className="text-faint text-row">{words.queue.attempts(letter.attempts)}</span>
          </div>
          <p dir="auto" className="whitespace-pre-wrap break-words rounded-control bg-sunken px-3 py-2">
            {showHidden(letter.preview) || <span className="text-faint italic">{words.messages.empty}</span>}
          </p>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-row">
            <dt className="text-faint">{words.queue.cause}</dt>
            <dd className="break-words">
              {showHidden(letter.error.message)}{" "}
              <Link
                to="/queue"
                search={{
                  ...(choice.tab && { tab: choice.tab }),
                  ...(choice.account && { account: choice.account }),
                  code: letter.error.code,
                }}
                className="text-accent-ink underline"
              >
                {words.queue.sameCause}
              </Link>
            </dd>
            <dt className="text-faint">{words.queue.made}</dt>
            <dd>
              <Time at={letter.createdAt} format={fullTime} />
            </dd>
            <dt className="text-faint">{words.queue.givenUp}</dt>
            <dd>
              <Time at={letter.at} format={fullTime} />
            </dd>
            <dt className="text-faint">{words.queue.id}</dt>
            <dd>
              <CopyField value={letter.id} />
            </dd>
          </dl>
          {letter.state === "unknown" && <p className="text-row text-soft">{words.queue.unknownHint}</p>}
          {letter.state === "poison" && <p className="text-row text-soft">{words.queue.poisonHint}</p>}
          <p className="flex gap-4 text-row">
            <Link to="/conversations/$id" params={{ id: letter.conversation }} className="font-medium text-accent-ink hover:underline">
              {words.trace.openConversation}
            </Link>
            <Link to="/trace/$id" params={{ id: letter.trace }} className="font-medium text-accent-ink hover:underline">
              {words.messages.trace}
            </Link>
          </p>
          <h3 className="font-semibold">{words.queue.tried}</h3>
          <Timeline entries={query.data?.entries ?? []} />
        </>
      )}
    </Drawer>
  );
}
