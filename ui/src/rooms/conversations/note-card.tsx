import StickyNote from "lucide-react/icons/sticky-note";
import type { Schemas } from "../../api/client.ts";
import { Time } from "../../parts/time.tsx";
import { showHidden } from "../../words/hidden-text.ts";
import { hourAndMinute } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { useTeam } from "./team.ts";

/** What an operator wrote for the others, among the messages and plainly none of them. */
export function NoteCard({ note }: { readonly note: Schemas["Note"] }) {
  const team = useTeam();
  return (
    <div className="grid gap-1 justify-self-stretch rounded-control border border-line border-dashed bg-warn-wash px-3.5 py-2.5">
      <div className="flex flex-wrap items-center gap-x-2 text-meta text-soft">
        <StickyNote aria-hidden className="size-4 shrink-0" />
        <span className="font-medium">{words.takeover.noteOf(team.name(note.by))}</span>
        <Time at={note.at} format={hourAndMinute} className="tabular" />
      </div>
      <p dir="auto" className="whitespace-pre-wrap break-words">
        {showHidden(note.text)}
      </p>
    </div>
  );
}
