import { useMutation } from "@tanstack/react-query";
import SendHorizontal from "lucide-react/icons/send-horizontal";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { messagesQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { Composer } from "../../parts/composer.tsx";
import { sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";

/** An operator's own words into the conversation. */
export function Reply({ conversation }: { readonly conversation: Schemas["Conversation"] }) {
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () =>
      take(api.POST("/api/conversations/{id}/messages", { params: { path: { id: conversation.id } }, body: { text: text.trim() } })),
    onSuccess: () => {
      setText("");
      return cache.invalidateQueries(messagesQuery(conversation.id));
    },
    onError: sayFault,
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() && !send.isPending) send.mutate();
  };
  return (
    <form onSubmit={submit} className="border-line border-t bg-panel px-4 py-3">
      <div className="mx-auto grid max-w-4xl gap-1.5">
        <Composer label={words.conversations.reply} value={text} onChange={setText} onSubmit={submit} maxLength={20_000}>
          <IconButton type="submit" look="primary" label={words.conversations.send} busy={send.isPending}>
            <SendHorizontal aria-hidden />
          </IconButton>
        </Composer>
        <p className="text-faint text-meta">
          {conversation.control === "agent" ? words.conversations.replyAgent : words.conversations.replyHuman}
        </p>
      </div>
    </form>
  );
}
