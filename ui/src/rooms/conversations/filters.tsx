import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import Search from "lucide-react/icons/search";
import X from "lucide-react/icons/x";
import { useEffect, useRef, useState } from "react";
import { accountsQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { classes } from "../../parts/classes.ts";
import { Input, Select } from "../../parts/field.tsx";
import { count } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { type ConversationChoice, type ConversationTab, conversationTabs } from "./choice.ts";
import { isWriting } from "./list-window.tsx";
import { conversationCountsQuery } from "./queries.ts";

/** Milliseconds after the last letter before it is searched for. */
const settleMs = 200;

interface FiltersProps {
  readonly choice: ConversationChoice;
  readonly onChoose: (choice: ConversationChoice) => void;
}

/** Words to look for; `/` leads here from anywhere in the room. */
export function SearchBox({ choice, onChoose }: FiltersProps) {
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(choice.q ?? "");
  const told = useRef(choice.q ?? "");
  // The address changed by itself: a link, or the way back.
  useEffect(() => {
    if ((choice.q ?? "") !== told.current) setText(choice.q ?? "");
    told.current = choice.q ?? "";
  }, [choice.q]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      told.current = text.trim();
      const { q: _, ...rest } = choice;
      onChoose({ ...rest, ...(told.current && { q: told.current }) });
    }, settleMs);
    return () => clearTimeout(timer);
  }, [text, choice, onChoose]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return (
    <div className="relative">
      <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-faint" />
      <Input
        ref={box}
        type="text"
        enterKeyHint="search"
        aria-label={words.inbox.search}
        placeholder={words.inbox.search}
        value={text}
        maxLength={100}
        className="pr-9 pl-8.5"
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text !== "") setText("");
        }}
      />
      {text !== "" && (
        <IconButton label={words.inbox.clear} size="small-square" className="absolute top-0.5 right-0.5" onClick={() => setText("")}>
          <X aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** The lists, with how many are in each, and the accounts. */
export function Filters({ choice, onChoose }: FiltersProps) {
  const counts = useQuery(conversationCountsQuery);
  const accounts = useQuery(accountsQuery);
  const { tab: _, account, channel: __, ...rest } = choice;
  const known = new Set([...(accounts.data?.map(({ id }) => id) ?? []), ...(account ? [account] : [])]);
  return (
    <div className="grid gap-2">
      <nav aria-label={words.inbox.filters} className="-mx-1 flex gap-1 overflow-x-auto px-1 py-0.5 [scrollbar-width:none] lg:flex-wrap">
        {conversationTabs.map((tab) => (
          <Tab key={tab} tab={tab} choice={choice} n={tab === "all" || tab === "agent" ? undefined : counts.data?.[tab]} />
        ))}
      </nav>
      {known.size > 1 && (
        <Select
          aria-label={words.inbox.byAccount}
          className="h-8 text-row"
          value={account ?? ""}
          onChange={({ target }) =>
            onChoose({ ...rest, ...(choice.tab && { tab: choice.tab }), ...(target.value && { account: target.value }) })
          }
        >
          <option value="">{words.inbox.allAccounts}</option>
          {[...known].map((id) => (
            <option key={id}>{id}</option>
          ))}
        </Select>
      )}
    </div>
  );
}

interface TabProps {
  readonly tab: ConversationTab;
  readonly choice: ConversationChoice;
  readonly n: number | undefined;
}

function Tab({ tab, choice: { tab: chosen, ...rest }, n }: TabProps) {
  const on = tab === (chosen ?? "all");
  const needs = tab === "waiting" || tab === "trouble";
  return (
    <Link
      to="."
      search={tab === "all" ? rest : { ...rest, tab }}
      replace
      preload={false}
      aria-current={on ? "page" : undefined}
      className={classes(
        "inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full px-2 font-medium text-row",
        on ? "bg-accent text-on-accent" : "text-soft hover:bg-hover hover:text-ink",
      )}
    >
      {words.inbox.tabs[tab]}
      {n !== undefined && n > 0 && (
        <span className={classes("tabular text-meta", on ? "" : needs ? "font-semibold text-warn" : "text-faint")}>
          {n > 999 ? "999+" : count(n)}
        </span>
      )}
    </Link>
  );
}
