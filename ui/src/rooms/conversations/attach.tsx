import { useMutation } from "@tanstack/react-query";
import Paperclip from "lucide-react/icons/paperclip";
import { useRef } from "react";
import { cache } from "../../api/cache.ts";
import { api, take } from "../../api/client.ts";
import { messagesQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";

/** Sends a file at once; what stands in the box goes with it as its caption. */
export function Attach({ id, text, onSent }: { readonly id: string; readonly text: string; readonly onSent: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const send = useMutation({
    mutationFn: ({ file, said }: { readonly file: File; readonly said: string }) =>
      take(
        api.POST("/api/conversations/{id}/files", {
          params: { path: { id }, query: { name: file.name.slice(0, 200), ...(said.trim() && { caption: said.trim() }) } },
          body: file as never,
          bodySerializer: (body: unknown) => body as File,
          headers: { "content-type": "application/octet-stream" },
        }),
      ),
    onSuccess: (_, { said }) => {
      onSent(said);
      return cache.invalidateQueries(messagesQuery(id));
    },
    onError: sayFault,
    onSettled: () => {
      if (input.current) input.current.value = "";
    },
  });
  return (
    <>
      <input
        ref={input}
        type="file"
        tabIndex={-1}
        aria-label={words.takeover.attach}
        className="sr-only"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) send.mutate({ file, said: text });
        }}
      />
      <IconButton label={words.takeover.attach} busy={send.isPending} onClick={() => input.current?.click()}>
        <Paperclip aria-hidden />
      </IconButton>
    </>
  );
}

/** The longest caption that every step of the way takes. */
export const mostCaption = 1_000;
