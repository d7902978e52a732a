import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { accountsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, Select, TextArea } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { wordFor, words } from "../../words/words.ts";
import { somewhere, type TrialOf, trialQuery, type WrittenRoute } from "./queries.ts";
import { useSettled } from "./settled.ts";

export type Trial = Schemas["RouteTrial"];

const kinds = ["direct", "group"] as const;

interface RouteTestProps {
  /** Routes that aren't saved yet, tried in place of those that run. */
  readonly draft: readonly WrittenRoute[] | undefined;
  readonly onTried: (trial: Trial | undefined) => void;
}

/** What would become of a message: the route that takes it, and of the others why not (shown beside them). */
export function RouteTest({ draft, onTried }: RouteTestProps) {
  const accounts = useQuery(accountsQuery);
  const [text, setText] = useState("");
  const [account, setAccount] = useState("");
  const [chat, setChat] = useState("1");
  const [sender, setSender] = useState("1");
  const [chatKind, setChatKind] = useState<(typeof kinds)[number]>("direct");
  const chosen = account || accounts.data?.[0]?.id || "";
  const [asked, setAsked] = useState<TrialOf>();
  const settled = useSettled(draft);
  // Asked once, it is asked again with each change of the routes.
  const attempt = useQuery({
    ...trialQuery(asked ?? somewhere, settled),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
  });
  const trial = attempt.error ? undefined : attempt.data;
  useEffect(() => onTried(trial), [trial, onTried]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = { text, account: chosen, chat: chat || "1", sender: sender || "1", chatKind };
    if (JSON.stringify(next) === JSON.stringify(asked)) void attempt.refetch();
    else setAsked(next);
  };
  return (
    <Section title={words.agents.test}>
      <p className="mb-4 text-row text-soft">
        {words.agents.testLead} {draft && words.agents.testDraft}
      </p>
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
        <Button type="submit" look="primary" busy={attempt.isFetching} className="justify-self-start">
          {words.agents.test}
        </Button>
      </form>
      <div className="mt-4 empty:hidden">
        {trial && <Answer trial={trial} />}
        {attempt.error && (
          <Notice tone="bad" live title={faultOf(attempt.error).message}>
            {faultOf(attempt.error).hint}
          </Notice>
        )}
      </div>
    </Section>
  );
}

function Answer({ trial: { route, agent, reason, command } }: { readonly trial: Trial }) {
  if (command) return <Notice tone="info" live title={words.agents.command(command)} />;
  if (route === undefined || !agent) return <Notice tone="warn" live title={words.agents.nobody(wordFor(words.reasons, reason ?? ""))} />;
  return <Notice tone="good" live title={words.agents.takes(route + 1, agent)} />;
}
