import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { accountsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { words } from "../../words/words.ts";
import { AccessForm, accessOf, closedAccess } from "./access-form.tsx";
import type { Draft } from "./draft.ts";

interface PeopleStepProps {
  readonly channel: Schemas["ChannelKind"];
  readonly draft: Draft;
  readonly taken: readonly string[];
  readonly onBack: () => void;
  readonly onSaved: (account: Schemas["Account"]) => void;
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A name for the account, who may write to it, and saving it. */
export function PeopleStep({ channel, draft, taken, onBack, onSaved }: PeopleStepProps) {
  const [id, setId] = useState(() => freeId(channel.kind, draft.identity?.name, taken));
  const [access, setAccess] = useState(closedAccess);
  const save = useMutation({
    mutationFn: () =>
      take(api.POST("/api/accounts", { body: { id, channel: channel.kind, settings: draft.settings, access: accessOf(access) } })),
    onSuccess: async (account) => {
      await cache.invalidateQueries(accountsQuery);
      onSaved(account);
    },
  });
  const problem = !idPattern.test(id) ? words.channels.idWrong : taken.includes(id) ? words.channels.idTaken : undefined;
  const fault = save.error ? faultOf(save.error) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!problem && !save.isPending) save.mutate();
  };

  return (
    <form noValidate onSubmit={submit} className="grid max-w-2xl gap-5">
      <Section>
        <Field label={words.channels.id} hint={words.channels.idHint} error={problem}>
          {(described) => (
            <Input
              {...described}
              value={id}
              maxLength={63}
              spellCheck={false}
              autoCapitalize="none"
              onChange={({ target }) => setId(target.value)}
            />
          )}
        </Field>
      </Section>
      <Section>
        <AccessForm values={access} onChange={setAccess} />
      </Section>
      {fault && (
        <Notice tone="bad" live title={fault.message}>
          {fault.hint}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={save.isPending}>
          {words.channels.save}
        </Button>
        <Button look="quiet" onClick={onBack}>
          {words.forms.back}
        </Button>
      </div>
    </form>
  );
}

/** A free id that reads well: after the account's name on the platform, or else its kind. */
export function freeId(kind: string, name: string | undefined, taken: readonly string[]): string {
  const said = (name ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 50);
  const base = said || kind;
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(id)) return id;
  }
}
