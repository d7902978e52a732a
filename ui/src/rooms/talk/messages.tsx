import { Link } from "@tanstack/react-router";
import LoaderCircle from "lucide-react/icons/loader-circle";
import Wrench from "lucide-react/icons/wrench";
import { memo } from "react";
import type { ChatMessage } from "../../api/webchat.ts";
import { Bubble } from "../../parts/bubble.tsx";
import { Button } from "../../parts/button.tsx";
import { classes } from "../../parts/classes.ts";
import { Markdown } from "../../parts/markdown.tsx";
import { ButtonRows } from "../../parts/message-parts.tsx";
import { Time } from "../../parts/time.tsx";
import { sayFault } from "../../parts/toast.ts";
import { hourAndMinute } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { type Chat, type ChatView, unsentWords } from "./chat.ts";
import type { Draft, ToolUse, Unsent } from "./chat-state.ts";

/** What was said, what is being answered, and what isn't sent yet. */
export function Messages({ chat, view }: { readonly chat: Chat; readonly view: ChatView }) {
  const { messages, unsent, draft, tools, pressed } = view.chat;
  return (
    <>
      <ol role="log" aria-label={words.talk.messages} className="grid gap-4 empty:hidden">
        {messages.map((message) => (
          <li key={message.id} className="grid">
            <Said chat={chat} message={message} tools={tools[message.id]} pressed={pressed} />
          </li>
        ))}
      </ol>
      {draft && <Growing draft={draft} />}
      {unsent.map((each) => (
        <Waiting key={each.id} chat={chat} unsent={each} />
      ))}
    </>
  );
}

interface SaidProps {
  readonly chat: Chat;
  readonly message: ChatMessage;
  readonly tools: readonly ToolUse[] | undefined;
  readonly pressed: readonly string[];
}

const Said = memo(function Said({ chat, message, tools = [], pressed }: SaidProps) {
  const own = message.direction === "in";
  const head = (
    <>
      <span className="font-medium text-soft">{own ? words.talk.you : words.messages.authors[message.author ?? "agent"]}</span>
      <Time at={message.at} format={hourAndMinute} className="tabular" />
      <Link
        to="/trace/$id"
        params={{ id: message.id }}
        preload={false}
        className="inline-flex min-h-6 items-center font-medium text-accent-ink hover:underline"
      >
        {words.messages.trace}
      </Link>
    </>
  );
  return (
    <Bubble own={own} head={head}>
      <Tools tools={tools} />
      {message.parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
        <div key={index} className="min-w-0">
          {part.type === "buttons" ? (
            <ButtonRows
              rows={part.rows}
              isPressed={({ token }) => pressed.includes(token)}
              onPress={({ token }) => void chat.press(token).catch(sayFault)}
            />
          ) : part.markup === "markdown" ? (
            <Markdown text={part.text} />
          ) : (
            <p dir="auto" className="whitespace-pre-wrap">
              {part.text}
            </p>
          )}
        </div>
      ))}
    </Bubble>
  );
});

function Growing({ draft }: { readonly draft: Draft }) {
  return (
    <div aria-busy={!draft.ended} className="grid">
      <Bubble own={false} head={<span className="font-medium text-soft">{words.messages.authors.agent}</span>}>
        <Tools tools={draft.tools} />
        {draft.text ? (
          <Markdown draft={!draft.ended} text={draft.text} className={draft.ended ? "" : "caret-end"} />
        ) : (
          <span role="status" className="inline-flex items-center gap-2 text-faint">
            <LoaderCircle aria-hidden className="size-4 animate-spin" />
            {words.talk.thinking}
          </span>
        )}
      </Bubble>
    </div>
  );
}

function Tools({ tools }: { readonly tools: readonly ToolUse[] }) {
  if (tools.length === 0) return null;
  return (
    <ul className="grid gap-1">
      {tools.map((tool, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: tools are only ever added at the end
          key={index}
          className={classes("inline-flex items-center gap-1.5 font-medium text-row text-soft", tool.state === "failed" && "text-bad")}
        >
          {tool.state === "running" ? (
            <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
          ) : (
            <Wrench aria-hidden className="size-3.5" />
          )}
          {words.talk.tool[tool.state](tool.name)}
        </li>
      ))}
    </ul>
  );
}

/** A message of one's own that isn't there yet: it is kept, and says why. */
function Waiting({ chat, unsent }: { readonly chat: Chat; readonly unsent: Unsent }) {
  return (
    <div className="grid">
      <Bubble
        own
        className="opacity-90"
        head={<span role="status">{unsent.state === "sending" ? words.talk.sending : `${words.talk.unsent}: ${unsentWords(unsent)}`}</span>}
      >
        <p dir="auto" className="whitespace-pre-wrap">
          {unsent.text}
        </p>
        {unsent.state !== "sending" && (
          <div className="flex flex-wrap gap-2">
            <Button size="small" onClick={() => chat.sendAgain(unsent.id)}>
              {words.talk.sendNow}
            </Button>
            <Button size="small" look="quiet" onClick={() => chat.discard(unsent.id)}>
              {words.talk.forget}
            </Button>
          </div>
        )}
      </Bubble>
    </div>
  );
}
