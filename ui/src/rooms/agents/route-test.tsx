import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { accountsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, Select, TextArea } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { sayFault } from "../../parts/toast.ts";
import { wordFor, words } from "../../words/words.ts";

export type Trial = Schemas["RouteTrial"];

const kinds = ["direct", "group"] as const;

/** What would become of a message: the route that takes it, and of the others why not (shown beside them). */
export function RouteTest({ onTried }: { readonly onTried: (trial: Trial) => void }) {
  const accounts = useQuery(accountsQuery);
  const [text, setText] = useState("");
  const [account, setAccount] = useState("");
  const [chat, setChat] = useState("1");
  const [sender, setSender] = useState("1");
  const [chatKind, setChatKind] = useState<(typeof kinds)[number]>("direct");
  const chosen = account || accounts.data?.[0]?.id || "";
  const attempt = useMutation({
    mutationFn: () =>
      take(api.POST("/api/routes/evaluate", { body: { text, account: chosen, chat: chat || "1", sender: sender || "1", chatKind } })),
    onSuccess: onTried,
    onError: sayFault,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <Section title={words.agents.test}>
      <p className="mb-4 text-row text-soft">{words.agents.testLead}</p>
      <form noValidate onSubmit={submit} className="grid gap-4">
        <Field label={words.agents.text}>
          {(described) => <TextArea {...described} rows={2} value={text} onChange={({ target }) => setText(target.value)} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-4">
          <Field label={words.agents.account}>
            {(described) => (
              <Select {...described} value={chosen} onChange={({ target }) => setAccount(target.value)}>
                {accounts.data?.map(({ id }) => (
                  <option key={id}>{id}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={words.agents.chatKind}>
            {(described) => (
              <Select {...described} value={chatKind} onChange={({ target }) => setChatKind(target.value === "group" ? "group" : "direct")}>
                {kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {words.agents.kinds[kind]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={words.agents.chat}>
            {(described) => <Input {...described} value={chat} onChange={({ target }) => setChat(target.value)} />}
          </Field>
          <Field label={words.agents.sender}>
            {(described) => <Input {...described} value={sender} onChange={({ target }) => setSender(target.value)} />}
          </Field>
        </div>
        <Button type="submit" look="primary" busy={attempt.isPending} className="justify-self-start">
          {words.agents.test}
        </Button>
      </form>
      {attempt.data && (
        <div className="mt-4">
          <Answer trial={attempt.data} />
        </div>
      )}
    </Section>
  );
}

function Answer({ trial: { route, agent, reason, command } }: { readonly trial: Trial }) {
  if (command) return <Notice tone="info" live title={words.agents.command(command)} />;
  if (route === undefined || !agent) return <Notice tone="warn" live title={words.agents.nobody(wordFor(words.reasons, reason ?? ""))} />;
  return <Notice tone="good" live title={words.agents.takes(route + 1, agent)} />;
}
