import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { chatsQuery, traceQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { chatName, previewWords } from "../../words/names.ts";
import { words } from "../../words/words.ts";

/** Sends words of the operator's own into a chat of the platform, and follows them until they have arrived. */
export function TestMessage({ account }: { readonly account: Schemas["Account"] }) {
  const known = useQuery(chatsQuery(account.id));
  const chats = (known.data ?? []).filter((conversation) => conversation.chat.thread === undefined);
  const [chat, setChat] = useState("");
  const [text, setText] = useState(words.channels.testText);
  const [tried, setTried] = useState(false);
  const list = useId();
  const send = useMutation({
    mutationFn: () =>
      take(api.POST("/api/accounts/{id}/test", { params: { path: { id: account.id } }, body: { chat: chat.trim(), text: text.trim() } })),
  });
  const fault = send.error ? faultOf(send.error) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (chat.trim() && text.trim()) send.mutate();
  };

  return (
    <form noValidate onSubmit={submit} className="grid gap-4">
      <Field
        label={words.channels.chat}
        hint={chats.length > 0 ? words.channels.chatKnown(chats.length) : words.channels.chatHint}
        error={tried && !chat.trim() ? words.channels.chatMissing : undefined}
      >
        {(described) => (
          <>
            <Input
              {...described}
              list={list}
              value={chat}
              autoComplete="off"
              spellCheck={false}
              onChange={({ target }) => setChat(target.value)}
            />
            <datalist id={list}>
              {chats.map((conversation) => (
                <option
                  key={conversation.id}
                  value={conversation.chat.id}
                  label={conversation.chat.title ? chatName(conversation.chat) : previewWords(conversation.lastPreview)}
                />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label={words.channels.text} error={tried && !text.trim() ? words.channels.textMissing : undefined}>
        {(described) => <Input {...described} value={text} maxLength={4000} onChange={({ target }) => setText(target.value)} />}
      </Field>
      {fault && (
        <Notice tone="bad" live title={fault.message}>
          {fault.hint}
        </Notice>
      )}
      {send.data && <Progress key={send.data.message} id={send.data.message} />}
      <Button type="submit" busy={send.isPending} className="justify-self-start">
        {words.channels.sendTest}
      </Button>
    </form>
  );
}

const underWay: readonly string[] = ["streaming", "queued", "sending"];

function Progress({ id }: { readonly id: string }) {
  const { data } = useQuery({
    ...traceQuery(id),
    // The live stream tells of changes; this is for when it is down.
    refetchInterval: ({ state }) => (state.data?.deliveries.every((delivery) => !underWay.includes(delivery.state)) ? false : 1500),
  });
  const deliveries = data?.deliveries ?? [];
  const bad = deliveries.find(({ state }) => state === "failed" || state === "dead" || state === "unknown");
  const sent = deliveries.length > 0 && deliveries.every(({ state }) => state === "sent");
  const link = (
    <Link to="/trace/$id" params={{ id }} className="font-medium underline underline-offset-2">
      {words.messages.trace}
    </Link>
  );
  if (bad) {
    return (
      <Notice tone="bad" live title={bad.error?.message ?? words.deliveryStates[bad.state]}>
        {link}
      </Notice>
    );
  }
  if (sent) {
    return (
      <Notice tone="good" live title={words.channels.testSent(deliveries.flatMap(({ receipt }) => receipt ?? []).join(", "))}>
        {link}
      </Notice>
    );
  }
  const waiting = deliveries.find(({ error }) => error);
  return (
    <Notice tone="info" live title={words.channels.testSending}>
      {waiting?.error?.message}
    </Notice>
  );
}
