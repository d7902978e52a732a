import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import X from "lucide-react/icons/x";
import { accountsQuery, countsQuery } from "../../api/queries.ts";
import { buttonLook } from "../../parts/button.tsx";
import { classes } from "../../parts/classes.ts";
import { Select } from "../../parts/field.tsx";
import { Page } from "../../parts/page.tsx";
import { count } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { isMoving, type QueueChoice, type QueueTab, queueTabs } from "./choice.ts";
import { DeadLetters } from "./dead-letters.tsx";
import { LetterDrawer } from "./letter-drawer.tsx";
import { Moving } from "./moving.tsx";

/** What waits for a person's word, and what is on its way. */
export function Queue() {
  const choice = useSearch({ from: "/inside/queue" });
  const navigate = useNavigate();
  const counts = useCounts();
  const { open, ...listed } = choice;
  const { code, ...anyCause } = listed;
  const choose = (search: QueueChoice) => void navigate({ to: "/queue", search, replace: true });
  const counted = choice.account === undefined && code === undefined;
  return (
    <Page title={words.rooms.queue} lead={words.queue.lead}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <nav
          aria-label={words.queue.states}
          className="-mx-1 flex min-w-0 gap-1 overflow-x-auto px-1 py-0.5 [scrollbar-width:none] sm:flex-wrap"
        >
          {queueTabs.map((tab) => (
            <Tab key={tab} tab={tab} choice={listed} n={counts?.[tab]} />
          ))}
        </nav>
        <Accounts choice={listed} onChoose={choose} />
      </div>
      {code && (
        <p className="flex flex-wrap items-center gap-2 text-row text-soft">
          {words.queue.onlyCause(wordFor(words.reasons, code))}
          <Link to="/queue" search={anyCause} replace className={buttonLook({ look: "quiet", size: "small" })}>
            <X aria-hidden />
            {words.queue.allCauses}
          </Link>
        </p>
      )}
      {isMoving(choice.tab) ? (
        <Moving key={JSON.stringify(listed)} choice={listed} />
      ) : (
        <DeadLetters key={JSON.stringify(listed)} choice={listed} total={counted ? counts?.[choice.tab ?? "all"] : undefined} />
      )}
      {open && <LetterDrawer id={open} choice={listed} onClose={() => choose(listed)} />}
    </Page>
  );
}

function useCounts(): { readonly [tab in QueueTab]: number } | undefined {
  const counts = useQuery(countsQuery).data;
  if (!counts) return undefined;
  const { deliveries, events, retrying } = counts;
  const { unknown, failed, dead, queued, sending } = deliveries;
  const { poison } = events;
  return { all: unknown + failed + dead + poison, unknown, failed, dead, poison, moving: queued + sending, retrying };
}

interface TabProps {
  readonly tab: QueueTab;
  readonly choice: QueueChoice;
  readonly n: number | undefined;
}

function Tab({ tab, choice: { tab: chosen, code, ...rest }, n }: TabProps) {
  const on = tab === (chosen ?? "all");
  const search = { ...rest, ...(code && !isMoving(tab === "all" ? undefined : tab) && { code }), ...(tab !== "all" && { tab }) };
  return (
    <Link
      to="/queue"
      search={search}
      replace
      preload={false}
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={on ? "page" : undefined}
      className={classes(
        "inline-flex h-8 shrink-0 items-center gap-1.5 rounded-full px-3 font-medium text-row",
        on ? "bg-accent text-on-accent" : "text-soft hover:bg-hover hover:text-ink",
      )}
    >
      {words.queue.tabs[tab]}
      {n !== undefined && n > 0 && <span className="tabular text-meta">{count(n)}</span>}
    </Link>
  );
}

function Accounts({ choice, onChoose }: { readonly choice: QueueChoice; readonly onChoose: (choice: QueueChoice) => void }) {
  const accounts = useQuery(accountsQuery);
  const known = new Set([...(accounts.data?.map(({ id }) => id) ?? []), ...(choice.account ? [choice.account] : [])]);
  const { account, ...rest } = choice;
  return (
    <Select
      aria-label={words.flow.byAccount}
      className="h-8 w-auto max-w-44 text-row sm:ml-auto"
      value={account ?? ""}
      onChange={({ target }) => onChoose({ ...rest, ...(target.value && { account: target.value }) })}
    >
      <option value="">{words.flow.allAccounts}</option>
      {[...known].map((id) => (
        <option key={id}>{id}</option>
      ))}
    </Select>
  );
}
