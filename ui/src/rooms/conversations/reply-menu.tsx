import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import MessageSquareQuote from "lucide-react/icons/message-square-quote";
import Settings2 from "lucide-react/icons/settings-2";
import { type KeyboardEvent, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { meQuery, messagesQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { classes } from "../../parts/classes.ts";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../../parts/menu.tsx";
import { dayName, hourAndMinute } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { fillReply, matchReplies, type ReplyValues } from "./fill-reply.ts";
import { repliesQuery } from "./queries.ts";

type Reply = Schemas["CannedReply"];
type Conversation = Schemas["Conversation"];

/** What the variables of canned replies stand for here and now. */
function useValues({ id, account, channel, chat }: Conversation): () => ReplyValues {
  const me = useQuery(meQuery).data;
  const { queryKey } = messagesQuery(id);
  const pages = useQuery({ queryKey, enabled: false }).data as { pages: readonly (readonly Schemas["StoredMessage"][])[] } | undefined;
  const sender = pages?.pages.flat().find(({ direction }) => direction === "in")?.sender;
  return () => ({
    "customer.name": sender?.name ?? (chat.kind === "direct" ? chat.title : undefined),
    "operator.name": me?.operator.name,
    account,
    channel,
    date: dayName(Date.now()),
    time: hourAndMinute(Date.now()),
  });
}

interface CannedProps {
  readonly conversation: Conversation;
  /** What is written so far. */
  readonly text: string;
  readonly onInsert: (text: string) => void;
}

/** Canned replies at the composer: a button, and what `/` at the beginning offers. `keys` goes to the composer. */
export function useCanned({ conversation, text, onInsert }: CannedProps) {
  const replies = useQuery(repliesQuery).data ?? [];
  const values = useValues(conversation);
  const [chosen, setChosen] = useState(0);
  const [left, setLeft] = useState<string>();
  const asked = /^\/([^\n/]*)$/.exec(text)?.[1];
  const offered = asked === undefined || text === left ? [] : matchReplies(replies, asked).slice(0, 6);
  const at = Math.min(chosen, offered.length - 1);
  const insert = (reply: Reply) => {
    const filled = fillReply(reply.text, values());
    onInsert(asked !== undefined || text.trim() === "" ? filled : `${text.trimEnd()}\n${filled}`);
    setChosen(0);
  };

  const keys = (event: KeyboardEvent): boolean => {
    const reply = offered[at];
    if (!reply) return false;
    if (event.key === "ArrowDown") setChosen((at + 1) % offered.length);
    else if (event.key === "ArrowUp") setChosen((at - 1 + offered.length) % offered.length);
    else if (event.key === "Escape") setLeft(text);
    else if (event.key === "Enter" || event.key === "Tab") insert(reply);
    else return false;
    event.preventDefault();
    return true;
  };

  return {
    keys,
    button: <ReplyMenu replies={replies} onChoose={insert} />,
    offer: offered.length > 0 && <Offer offered={offered} at={at} onChoose={insert} />,
  };
}

function ReplyMenu({ replies, onChoose }: { readonly replies: readonly Reply[]; readonly onChoose: (reply: Reply) => void }) {
  const navigate = useNavigate();
  return (
    <Menu
      align="start"
      trigger={
        <IconButton label={words.inbox.replies.insert}>
          <MessageSquareQuote aria-hidden />
        </IconButton>
      }
    >
      <div className="max-h-72 max-w-80 overflow-y-auto">
        {replies.length === 0 && <MenuLabel>{words.inbox.replies.none}</MenuLabel>}
        {replies.map((reply) => (
          <MenuItem key={reply.name} onClick={() => onChoose(reply)}>
            <span className="grid min-w-0">
              <span className="truncate">{reply.name}</span>
              <span className="truncate text-faint text-meta">{reply.text}</span>
            </span>
          </MenuItem>
        ))}
      </div>
      <MenuLine />
      <MenuItem onClick={() => void navigate({ to: "/conversations/replies" })}>
        <Settings2 aria-hidden />
        {words.inbox.replies.manage}
      </MenuItem>
    </Menu>
  );
}

interface OfferProps {
  readonly offered: readonly Reply[];
  readonly at: number;
  readonly onChoose: (reply: Reply) => void;
}

/** Above the composer, while `/` and some letters stand in it. The keys stay with the composer. */
function Offer({ offered, at, onChoose }: OfferProps) {
  return (
    <div className="relative">
      <ul
        aria-label={words.inbox.replies.insert}
        className="absolute inset-x-0 bottom-1 z-20 max-h-64 overflow-y-auto rounded-panel border border-line bg-panel p-1 shadow-lift"
      >
        {offered.map((reply, index) => (
          <li key={reply.name}>
            <button
              type="button"
              tabIndex={-1}
              aria-current={index === at || undefined}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChoose(reply)}
              className={classes("grid w-full min-w-0 rounded-md px-2.5 py-1.5 text-left hover:bg-hover", index === at && "bg-accent-wash")}
            >
              <span className="truncate text-body">{reply.name}</span>
              <span className="truncate text-faint text-meta">{reply.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
