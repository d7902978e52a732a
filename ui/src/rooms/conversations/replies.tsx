import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import MessageSquareQuote from "lucide-react/icons/message-square-quote";
import Pencil from "lucide-react/icons/pencil";
import Plus from "lucide-react/icons/plus";
import Trash2 from "lucide-react/icons/trash-2";
import { type FormEvent, useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { meQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Button, IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Field, FieldError, Input, TextArea } from "../../parts/field.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { repliesQuery } from "./queries.ts";

type Reply = Schemas["CannedReply"];

const variables = ["customer.name", "operator.name", "account", "channel", "date", "time"].map((name) => `{{${name}}}`).join(" ");

/** Answers that operators write often. */
export function Replies() {
  const query = useQuery(repliesQuery);
  const me = useQuery(meQuery).data;
  const [editing, setEditing] = useState<string>();
  const may = me !== undefined && me.role !== "viewer";
  const replies = query.data ?? [];
  return (
    <Page
      title={words.inbox.replies.title}
      lead={words.inbox.replies.lead}
      width="narrow"
      back={<Back to="/conversations">{words.rooms.conversations}</Back>}
      actions={
        may &&
        editing !== "" && (
          <Button look="primary" onClick={() => setEditing("")}>
            <Plus aria-hidden />
            {words.inbox.replies.add}
          </Button>
        )
      }
    >
      {me && !may && <p className="text-row text-soft">{words.inbox.replies.readOnly}</p>}
      {editing === "" && <ReplyForm onDone={() => setEditing(undefined)} />}
      {query.isPending && <SkeletonRows rows={4} />}
      {query.error && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data?.length === 0 && editing === undefined && (
        <Empty icon={<MessageSquareQuote />} title={words.inbox.replies.none}>
          {words.inbox.replies.noneHint}
        </Empty>
      )}
      {replies.length > 0 && (
        <ul className="grid gap-3">
          {replies.map((reply) =>
            editing === reply.name ? (
              <li key={reply.name}>
                <ReplyForm reply={reply} onDone={() => setEditing(undefined)} />
              </li>
            ) : (
              <li key={reply.name} className="panel grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1 p-4">
                <h2 className="truncate font-semibold">{reply.name}</h2>
                <span className="flex gap-1">{may && <Acts reply={reply} onChange={() => setEditing(reply.name)} />}</span>
                <p dir="auto" className="col-span-2 whitespace-pre-wrap break-words text-soft">
                  {reply.text}
                </p>
                {reply.unknown.length > 0 && (
                  <p className="col-span-2 text-row text-warn">{words.inbox.replies.unknown(reply.unknown.join(", "))}</p>
                )}
              </li>
            ),
          )}
        </ul>
      )}
    </Page>
  );
}

function Acts({ reply: { name }, onChange }: { readonly reply: Reply; readonly onChange: () => void }) {
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    await take(api.DELETE("/api/replies/{name}", { params: { path: { name } } }));
    await cache.invalidateQueries(repliesQuery);
    say(words.inbox.replies.removed(name));
  };
  return (
    <>
      <IconButton label={`${words.inbox.replies.change}: ${name}`} size="small-square" onClick={onChange}>
        <Pencil aria-hidden />
      </IconButton>
      <IconButton label={`${words.inbox.replies.remove}: ${name}`} size="small-square" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
      </IconButton>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.inbox.replies.removeTitle(name)}
        act={words.inbox.replies.remove}
        onConfirm={remove}
      >
        {words.inbox.replies.removeText}
      </Confirm>
    </>
  );
}

function ReplyForm({ reply, onDone }: { readonly reply?: Reply; readonly onDone: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState(reply?.name ?? "");
  const [text, setText] = useState(reply?.text ?? "");
  const save = useMutation({
    mutationFn: () => take(api.PUT("/api/replies/{name}", { params: { path: { name: name.trim() } }, body: { text: text.trim() } })),
    onSuccess: async () => {
      await cache.invalidateQueries(repliesQuery);
      say(words.inbox.replies.saved(name.trim()));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && text.trim() && !save.isPending) save.mutate();
  };
  return (
    <Section>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={words.inbox.replies.name} hint={words.inbox.replies.nameHint}>
          {(described) => (
            <Input
              {...described}
              autoFocus={!reply}
              readOnly={reply !== undefined}
              value={name}
              maxLength={40}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label={words.inbox.replies.text} hint={words.inbox.replies.textHint(variables)}>
          {(described) => (
            <TextArea
              {...described}
              autoFocus={reply !== undefined}
              value={text}
              maxLength={10_000}
              className="min-h-32"
              onChange={({ target }) => setText(target.value)}
            />
          )}
        </Field>
        <FieldError error={save.error ? `${faultOf(save.error).message}. ${faultOf(save.error).hint}` : undefined} />
        <div className="flex justify-end gap-2">
          <Button onClick={onDone}>{words.forms.cancel}</Button>
          <Button type="submit" look="primary" busy={save.isPending} disabled={!name.trim() || !text.trim()}>
            {words.forms.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}
