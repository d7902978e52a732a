import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { Checkbox } from "../../parts/checkbox.tsx";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Ago } from "../../parts/time.tsx";
import { showHidden } from "../../words/hidden-text.ts";
import { chatName } from "../../words/names.ts";
import { words } from "../../words/words.ts";
import type { QueueChoice } from "./choice.ts";
import type { Selection } from "./selection.ts";
import { DeadVerdicts } from "./verdicts.tsx";

interface DeadCardProps {
  readonly letter: Schemas["DeadLetter"];
  readonly choice: QueueChoice;
  readonly selection: Selection;
}

const linkLook = "inline-flex min-h-6 items-center font-medium text-accent-ink text-row hover:underline";

/** What one of the two edges gave up, with its cause and what can be done about it. */
export function DeadCard({ letter, choice, selection }: DeadCardProps) {
  const name = chatName(letter.chat);
  return (
    <article className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 rounded-control border border-line p-3">
      <Checkbox label={words.queue.choose(name)} checked={selection.has(letter.id)} onChange={() => selection.toggle(letter.id)} />
      <div className="grid gap-2">
        <div className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">
          <StateBadge tone={letter.state === "unknown" ? "warn" : "bad"}>{words.deadStates[letter.state]}</StateBadge>
          <Tag>{letter.account}</Tag>
          <span className="truncate text-row text-soft">{name}</span>
          <span className="ml-auto text-faint text-meta">
            {words.queue.attempts(letter.attempts)} · <Ago at={letter.at} />
          </span>
        </div>
        <p dir="auto" className="line-clamp-2 whitespace-pre-wrap break-words">
          {showHidden(letter.preview) || <span className="text-faint italic">{words.messages.empty}</span>}
        </p>
        <p className="line-clamp-2 break-words text-row text-soft">{showHidden(letter.error.message)}</p>
        {letter.state === "unknown" && <p className="text-row text-soft">{words.queue.unknownHint}</p>}
        <div className="flex flex-wrap items-center gap-2">
          <DeadVerdicts letter={letter} />
          <span className="ml-auto flex gap-4">
            <Link to="/queue" search={{ ...choice, open: letter.id }} replace preload={false} className={linkLook}>
              {words.queue.inspect}
            </Link>
            <Link to="/trace/$id" params={{ id: letter.trace }} preload={false} className={linkLook}>
              {words.messages.trace}
            </Link>
          </span>
        </div>
      </div>
    </article>
  );
}
