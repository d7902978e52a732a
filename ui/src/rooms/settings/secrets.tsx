import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Field, Input, SecretInput } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { say } from "../../parts/toast.ts";
import { withCode } from "../../parts/with-code.tsx";
import { words } from "../../words/words.ts";
import { secretsQuery } from "./queries.ts";

/** Names in the vault; what they hold goes in and never comes out. */
export function Secrets() {
  const { data, error, isPending, refetch } = useQuery(secretsQuery);
  if (isPending) return <SkeletonRows rows={2} />;
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <Section title={words.settings.secrets} flush aside={<SetSecret />}>
      <p className="px-4 pb-2 text-row text-soft">
        {withCode(words.settings.secretsLead)} {data.length === 0 && words.settings.secretsNone}
      </p>
      <ul className="divide-y divide-line">
        {data.map((secret) => (
          <li key={secret.name} className="px-4 py-3">
            <Row secret={secret} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Row({ secret: { name, updatedAt } }: { readonly secret: Schemas["Secret"] }) {
  const [removing, setRemoving] = useState(false);
  const remove = async () => {
    await take(api.DELETE("/api/secrets/{name}", { params: { path: { name } } }));
    say(words.settings.secretRemoved(name));
    await cache.invalidateQueries(secretsQuery);
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <code className="min-w-40 flex-1 break-all font-mono text-row">{name}</code>
      <span className="text-faint text-meta">
        {words.settings.updated} <Ago at={updatedAt} />
      </span>
      <Button size="small" look="danger" onClick={() => setRemoving(true)}>
        {words.settings.secretRemove}
      </Button>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={words.settings.secretRemoveTitle(name)}
        act={words.settings.secretRemove}
        onConfirm={remove}
      >
        {words.settings.secretRemoveText}
      </Confirm>
    </div>
  );
}

function SetSecret() {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const [tried, setTried] = useState(false);
  const put = useMutation({
    mutationFn: () => take(api.PUT("/api/secrets/{name}", { params: { path: { name: name.trim() } }, body: { value } })),
    onSuccess: async () => {
      say(words.settings.secretSaved(name.trim()));
      close();
      await cache.invalidateQueries(secretsQuery);
    },
  });
  const close = () => {
    setOpen(false);
    setName("");
    setValue("");
    setTried(false);
  };
  const missing = !name.trim() || !value;
  const submit = () => {
    setTried(true);
    if (!missing) put.mutate();
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {words.settings.secretSet}
      </Button>
      <FormDialog
        open={open}
        onOpenChange={(next) => (next ? setOpen(true) : close())}
        title={words.settings.secretSet}
        act={words.forms.save}
        busy={put.isPending}
        error={put.error}
        onSubmit={submit}
      >
        <Field label={words.settings.secretName} error={tried && missing ? words.settings.secretMissing : undefined}>
          {(described) => (
            <Input {...described} value={name} autoComplete="off" spellCheck={false} onChange={({ target }) => setName(target.value)} />
          )}
        </Field>
        <Field label={words.settings.secretValue}>
          {(described) => <SecretInput {...described} value={value} autoComplete="off" onChange={({ target }) => setValue(target.value)} />}
        </Field>
      </FormDialog>
    </>
  );
}
