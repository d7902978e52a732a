import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import ScrollText from "lucide-react/icons/scroll-text";
import X from "lucide-react/icons/x";
import type { Schemas } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { count, dayName, sameDay, timeOfDay } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { type AuditChoice, auditCheckQuery, auditQuery } from "./queries.ts";

type Entry = Schemas["AuditEntry"];

/** What operators and the gateway changed, in a chain that proves itself. Each name, act and subject narrows the list to it. */
export function Audit() {
  const choice = useSearch({ from: "/inside/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(auditQuery(choice));
  const entries = data?.pages.flat() ?? [];
  const choose = (next: AuditChoice) => void navigate({ search: next });
  return (
    <Page title={words.rooms.audit} lead={words.audit.lead}>
      <Check />
      <Chosen choice={choice} name={entries[0]?.name} onChoose={choose} />
      {isPending && <SkeletonRows />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      {data && entries.length === 0 && <Empty icon={<ScrollText />} title={words.audit.none} />}
      {entries.length > 0 && (
        <Section flush>
          <ol className="divide-y divide-line">
            {entries.map((entry, at) => (
              <li key={entry.n}>
                {!(at > 0 && sameDay(entry.at, entries[at - 1]?.at ?? 0)) && (
                  <h2 className="bg-sunken px-4 py-1.5 font-medium text-meta text-soft first:rounded-t-panel">{dayName(entry.at)}</h2>
                )}
                <Row entry={entry} choice={choice} onChoose={choose} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {hasNextPage && (
        <Button className="justify-self-center" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.states.more}
        </Button>
      )}
    </Page>
  );
}

interface RowProps {
  readonly entry: Entry;
  readonly choice: AuditChoice;
  readonly onChoose: (choice: AuditChoice) => void;
}

const link = "min-w-0 text-left underline decoration-transparent underline-offset-2 hover:decoration-current";

function Row({ entry: { at, actor, name, action, subject, detail }, choice, onChoose }: RowProps) {
  return (
    <div className="grid items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5 sm:grid-cols-[4.5rem_minmax(0,10rem)_minmax(0,1fr)]">
      <Time at={at} format={timeOfDay} className="text-faint text-row tabular-nums" />
      <button type="button" className={`${link} text-row`} onClick={() => onChoose({ ...choice, actor })}>
        {name ?? wordFor(words.audit.actors, actor)}
      </button>
      <div className="min-w-0">
        <button type="button" className={`${link} font-medium`} onClick={() => onChoose({ ...choice, action })}>
          {wordFor(words.audit.actions, action)}
        </button>{" "}
        <button
          type="button"
          className={`${link} break-all font-mono text-meta text-soft`}
          onClick={() => onChoose({ ...choice, subject })}
        >
          {subject}
        </button>
        {detail && Object.keys(detail).length > 0 && (
          <p className="break-words text-faint text-meta">
            {Object.entries(detail)
              .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
              .join(" · ")}
          </p>
        )}
      </div>
    </div>
  );
}

interface ChosenProps {
  readonly choice: AuditChoice;
  readonly name: string | undefined;
  readonly onChoose: (choice: AuditChoice) => void;
}

/** By what the list is narrowed; each can be taken away. */
function Chosen({ choice, name, onChoose }: ChosenProps) {
  const { actor, action, subject } = choice;
  const shown = [
    actor !== undefined && (["actor", name ?? wordFor(words.audit.actors, actor)] as const),
    action !== undefined && (["action", wordFor(words.audit.actions, action)] as const),
    subject !== undefined && (["subject", subject] as const),
  ].filter((each) => each !== false);
  if (shown.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {shown.map(([key, text]) => (
        <Button
          key={key}
          size="small"
          aria-label={words.audit.without(text)}
          onClick={() => {
            const { [key]: _, ...rest } = choice;
            onChoose(rest);
          }}
        >
          <span className="max-w-60 truncate">{text}</span>
          <X aria-hidden />
        </Button>
      ))}
    </div>
  );
}

/** Recomputes the chain on request. */
function Check() {
  const { data, error, isFetching, refetch } = useQuery(auditCheckQuery);
  return (
    <div className="grid gap-3">
      {error && !isFetching && <Failed error={error} />}
      {data &&
        !isFetching &&
        (data.brokenAt === undefined ? (
          <Notice tone="good" live title={words.audit.whole(count(data.entries))} />
        ) : (
          <Notice tone="bad" live title={words.audit.broken(count(data.brokenAt))}>
            {words.audit.brokenHint}
          </Notice>
        ))}
      <Button size="small" className="justify-self-start" busy={isFetching} onClick={() => void refetch()}>
        {words.audit.check}
      </Button>
    </div>
  );
}
