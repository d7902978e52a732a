import { useMutation } from "@tanstack/react-query";
import SendHorizontal from "lucide-react/icons/send-horizontal";
import StickyNote from "lucide-react/icons/sticky-note";
import { type FormEvent, useId, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { messagesQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { Composer } from "../../parts/composer.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { type DraftKind, drafts, useDraft } from "../../shell/drafts.ts";
import { words } from "../../words/words.ts";
import { Attach, mostCaption } from "./attach.tsx";
import { useTyping } from "./attendance.tsx";
import { openVariables } from "./fill-reply.ts";
import { notesQuery } from "./queries.ts";
import { useCanned } from "./reply-menu.tsx";

/** An operator's own words: into the conversation, or for the other operators. Each keeps what was typed until it is sent. */
export function Reply({ conversation }: { readonly conversation: Schemas["Conversation"] }) {
  const { id, control } = conversation;
  const { reply: answer = "", internal: note = "" } = useDraft(id);
  const [mode, setMode] = useState<DraftKind>(answer === "" && note !== "" ? "internal" : "reply");
  const text = mode === "reply" ? answer : note;
  const write = (words: string) => drafts().write(id, mode, words);
  const canned = useCanned({ conversation, text: answer, onInsert: (words) => drafts().write(id, "reply", words) });
  const open = mode === "reply" ? openVariables(text) : [];
  useTyping(id, answer);
  const send = useMutation({
    mutationFn: async ({ of, said }: { readonly of: DraftKind; readonly said: string }) => {
      const to = { params: { path: { id } }, body: { text: said.trim() } };
      if (of === "reply") await take(api.POST("/api/conversations/{id}/messages", to));
      else await take(api.POST("/api/conversations/{id}/notes", to));
    },
    onSuccess: (_, { of, said }) => {
      drafts().sent(id, of, said);
      return cache.invalidateQueries({ queryKey: of === "reply" ? messagesQuery(id).queryKey : notesQuery(id).queryKey });
    },
    onError: sayFault,
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (open.length > 0) say(words.inbox.replies.unknown(open.join(", ")));
    else if (text.trim() && !send.isPending) send.mutate({ of: mode, said: text });
  };
  const reply = mode === "reply";
  const hint = !reply ? words.takeover.noteOnly : control === "agent" ? words.conversations.replyAgent : words.conversations.replyHuman;
  return (
    <form onSubmit={submit} className={reply ? "border-line border-t bg-panel px-4 py-3" : "border-line border-t bg-warn-wash px-4 py-3"}>
      <div className="mx-auto grid max-w-4xl gap-1.5">
        <Modes mode={mode} onChange={setMode} />
        {reply && canned.offer}
        <Composer
          label={reply ? words.conversations.reply : words.takeover.noteLabel}
          value={text}
          onChange={write}
          onSubmit={submit}
          maxLength={reply ? 20_000 : 10_000}
          {...(reply && { keys: canned.keys })}
        >
          {reply && canned.button}
          {reply && text.trim().length <= mostCaption && <Attach id={id} text={text} onSent={(said) => drafts().sent(id, "reply", said)} />}
          <IconButton type="submit" look="primary" label={reply ? words.conversations.send : words.takeover.keepNote} busy={send.isPending}>
            {reply ? <SendHorizontal aria-hidden /> : <StickyNote aria-hidden />}
          </IconButton>
        </Composer>
        {open.length > 0 && <p className="text-row text-warn">{words.inbox.replies.unknown(open.join(", "))}</p>}
        <p className={reply ? "text-faint text-meta" : "text-meta text-soft"}>{hint}</p>
      </div>
    </form>
  );
}

/** Native radio buttons: one stop of Tab, arrow keys choose. */
function Modes({ mode, onChange }: { readonly mode: DraftKind; readonly onChange: (mode: DraftKind) => void }) {
  const name = useId();
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{words.takeover.mode}</legend>
      {(["reply", "internal"] as const).map((one) => (
        <label
          key={one}
          className="cursor-pointer rounded-control px-2.5 py-1 font-medium text-row text-soft hover:bg-hover has-checked:bg-sunken has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input type="radio" name={name} value={one} checked={mode === one} onChange={() => onChange(one)} className="sr-only" />
          {words.takeover[one]}
        </label>
      ))}
    </fieldset>
  );
}
