import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { conversationQuery, meQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Field, TextArea } from "../../parts/field.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";

const mostNote = 4_000;

/** Hands it back to the agent, with what it is to know; a first version of that is there to be changed. */
export function HandBack({ conversation }: { readonly conversation: Schemas["Conversation"] }) {
  const { id, controlVersion: version, control, handover } = conversation;
  const { data: me } = useQuery(meQuery);
  const yours = handover?.assignee !== undefined && handover.assignee === me?.operator.id;
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const [draft, setDraft] = useState<"asking" | "model" | "messages">("messages");
  const { queryKey } = conversationQuery(id);

  const begin = async () => {
    setOpen(true);
    if (note !== "" || control !== "human") return;
    setDraft("asking");
    const made = await take(api.POST("/api/conversations/{id}/return-note", { params: { path: { id } } })).catch(() => undefined);
    setDraft(made?.by ?? "messages");
    // What was typed meanwhile counts more.
    setNote((typed) => (typed === "" ? (made?.note ?? "").slice(0, mostNote) : typed));
  };
  const handBack = async () => {
    const body = { version, ...(note.trim() && { note: note.trim() }) };
    const now = await take(api.POST("/api/conversations/{id}/return", { params: { path: { id } }, body }));
    cache.setQueryData(queryKey, now);
    setNote("");
    say(words.takeover.handedBack);
  };
  const hint = { asking: words.takeover.writing, model: words.takeover.noteByModel, messages: words.takeover.noteHint }[draft];

  return (
    <>
      <Button size="small" look={yours || control === "paused" ? "primary" : "plain"} onClick={begin}>
        {words.takeover.handBack}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={words.takeover.handBackTitle}
        act={words.takeover.handBackAct}
        look="primary"
        onConfirm={handBack}
      >
        <div className="mt-2 text-ink">
          <Field label={words.takeover.note} hint={hint} optional>
            {(described) => (
              <TextArea {...described} rows={6} maxLength={mostNote} value={note} onChange={(event) => setNote(event.target.value)} />
            )}
          </Field>
        </div>
      </Confirm>
    </>
  );
}
