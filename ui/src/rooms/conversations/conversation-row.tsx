import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Schemas } from "../../api/client.ts";
import { classes } from "../../parts/classes.ts";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Time } from "../../parts/time.tsx";
import { chatName, previewWords } from "../../words/names.ts";
import { ago, briefTime, count, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import type { ConversationChoice } from "./choice.ts";

interface RowProps {
  readonly conversation: Schemas["ConversationSummary"];
  readonly choice: ConversationChoice;
  readonly team: ReadonlyMap<string, string>;
  /** What other operators do there now. */
  readonly others: string | undefined;
  /** Something was typed there and not sent. */
  readonly draft: boolean;
}

/** One conversation in the list: whose it is, what was said last, and what it needs. */
export const ConversationRow = memo(function ConversationRow({ conversation, choice, team, others, draft }: RowProps) {
  const now = useNow();
  const { id, chat, account, lastAt, lastPreview, unread, unreadCount } = conversation;
  return (
    <Link
      to="/conversations/$id"
      params={{ id }}
      search={choice}
      preload={false}
      activeProps={{ className: "bg-accent-wash" }}
      inactiveProps={{ className: "hover:bg-hover" }}
      className="grid h-full grid-cols-[minmax(0,1fr)_auto] content-center gap-x-3 gap-y-0.5 border-line border-b px-4 -outline-offset-2"
    >
      <span className="flex min-w-0 items-center gap-2">
        <span dir="auto" className={classes("truncate", unread ? "font-semibold" : "font-medium")}>
          {chatName(chat)}
        </span>
        {unread && <Unread messages={unreadCount} />}
      </span>
      <Time at={lastAt} format={(at) => briefTime(at, now)} className="tabular self-center text-faint text-row" />
      <span dir="auto" className={classes("col-span-2 truncate text-row", others ? "text-accent-ink" : "text-soft")}>
        {others ?? (previewWords(lastPreview) || words.messages.empty)}
      </span>
      <span className="col-span-2 flex min-w-0 items-center gap-2">
        <Tag className="min-w-0 shrink">{account}</Tag>
        <Need {...{ conversation, team, now, draft }} />
      </span>
    </Link>
  );
});

/** A dot where nothing can be counted: a button was pressed there, and nothing said yet. */
function Unread({ messages }: { readonly messages: number }) {
  if (messages === 0)
    return (
      <>
        <span aria-hidden className="size-2 shrink-0 rounded-full bg-accent" />
        <span className="sr-only">{words.inbox.unread}</span>
      </>
    );
  return (
    <span className="min-w-5 shrink-0 rounded-full bg-accent px-1.5 text-center font-semibold text-[0.6875rem] text-on-accent leading-5">
      {messages > 99 ? `${count(99)}+` : count(messages)}
      <span className="sr-only"> {words.inbox.unread}</span>
    </span>
  );
}

function Need({
  conversation: { control, handover, trouble },
  team,
  now,
  draft,
}: Omit<RowProps, "choice" | "others"> & { readonly now: number }) {
  const { inbox } = words;
  return (
    <span className="ml-auto flex min-w-0 shrink-0 items-center gap-3">
      {draft && <span className="font-medium text-accent-ink text-row">{inbox.draft}</span>}
      {trouble && <StateBadge tone="bad">{inbox.trouble}</StateBadge>}
      {control === "paused" && <StateBadge tone="warn">{words.control.paused}</StateBadge>}
      {handover && handover.assignee === undefined && <StateBadge tone="warn">{inbox.waits(ago(handover.assignedAt, now))}</StateBadge>}
      {handover?.assignee !== undefined && <StateBadge tone="calm">{inbox.with(team.get(handover.assignee) ?? inbox.someone)}</StateBadge>}
    </span>
  );
}
