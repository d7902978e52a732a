import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { providersQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Field, SecretInput } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { say } from "../../parts/toast.ts";
import { wordFor, words } from "../../words/words.ts";
import { modelsQuery } from "../agents/queries.ts";
import { readFields } from "../channels/setting-fields.ts";
import { configQuery, configSchemaQuery } from "../settings/queries.ts";
import { SettingRow } from "../settings/setting-row.tsx";
import { schemaAt } from "../settings/setting-schema.ts";
import { AddProvider } from "./add-provider.tsx";
import { providerKindsQuery, putSecret, removeSecret, secretName } from "./queries.ts";

/** The model APIs that can be asked. Their settings are for admins. */
export function Providers({ admin }: { readonly admin: boolean }) {
  const { data, error, isPending, refetch } = useQuery(providersQuery);
  const kinds = useQuery(providerKindsQuery);
  return (
    <Section
      title={words.models.providers}
      flush
      aside={admin && data && kinds.data && <AddProvider kinds={kinds.data} taken={data.map(({ id }) => id)} />}
    >
      {isPending && <SkeletonRows rows={2} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      <ul className="divide-y divide-line">
        {data?.map((provider) => (
          <li key={provider.id} className="px-4 py-3">
            <Row provider={provider} kind={kinds.data?.find(({ kind }) => kind === provider.kind)} admin={admin} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface RowProps {
  readonly provider: Schemas["Provider"];
  readonly kind: Schemas["ProviderKind"] | undefined;
  readonly admin: boolean;
}

function Row({ provider: { id, kind: kindId }, kind, admin }: RowProps) {
  const config = useQuery({ ...configQuery, enabled: admin });
  const schema = useQuery({ ...configSchemaQuery, enabled: admin });
  const [removing, setRemoving] = useState(false);
  const [keyFor, setKeyFor] = useState<string>();
  const set = config.data?.filter(({ path }) => path.startsWith(`providers.${id}.`)) ?? [];
  const [first] = set;
  const secrets = kind ? readFields(kind.settings).filter((field) => field.kind === "secret") : [];
  // A secret of the vault is set anew there; one of the file or the environment where it stands.
  const own = secrets.filter(({ key }) => set.some(({ path, source }) => source === "app" && path.startsWith(`providers.${id}.${key}`)));
  const remove = async () => {
    await take(api.DELETE("/api/settings/{path}", { params: { path: { path: `providers.${id}` } } }));
    for (const { key } of own) await removeSecret(secretName(id, key)).catch(() => undefined);
    say(words.models.removed(id));
    await Promise.all([providersQuery, modelsQuery].map(({ queryKey }) => cache.invalidateQueries({ queryKey })));
  };
  const settings = set.filter(({ path, secret }) => !secret && !path.endsWith(".kind"));
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-40 flex-1">
          <span className="font-medium">{id}</span>
          <span className="text-faint text-meta">{kind?.name ?? kindId}</span>
        </div>
        {first && <Tag>{wordFor(words.settings.sources, first.source)}</Tag>}
        {own.map(({ key }) => (
          <Button key={key} size="small" onClick={() => setKeyFor(key)}>
            {words.models.newKey}
          </Button>
        ))}
        {first?.source === "app" && (
          <Button size="small" look="danger" onClick={() => setRemoving(true)}>
            {words.models.remove}
          </Button>
        )}
      </div>
      {admin && schema.data && settings.length > 0 && (
        <ul className="grid gap-2 border-line border-l-2 pl-3">
          {settings.map((setting) => (
            <li key={setting.path}>
              <SettingRow
                path={setting.path}
                name={setting.path.slice(`providers.${id}.`.length)}
                setting={setting}
                schema={schemaAt(schema.data, setting.path)}
                canChange
              />
            </li>
          ))}
        </ul>
      )}
      <Confirm open={removing} onOpenChange={setRemoving} title={words.models.removeTitle(id)} act={words.models.remove} onConfirm={remove}>
        {words.models.removeText}
      </Confirm>
      {keyFor !== undefined && <NewKey id={id} of={keyFor} onClose={() => setKeyFor(undefined)} />}
    </div>
  );
}

function NewKey({ id, of, onClose }: { readonly id: string; readonly of: string; readonly onClose: () => void }) {
  const [value, setValue] = useState("");
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => putSecret(secretName(id, of), value.trim()),
    onSuccess: async () => {
      say(words.models.keySaved);
      onClose();
      await cache.invalidateQueries(modelsQuery);
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={words.models.newKeyTitle(id, of)}
      act={words.forms.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => {
        setTried(true);
        if (value.trim()) save.mutate();
      }}
    >
      <Field label={words.models.newKey} error={tried && !value.trim() ? words.models.keyMissing : undefined}>
        {(described) => <SecretInput {...described} value={value} autoComplete="off" onChange={({ target }) => setValue(target.value)} />}
      </Field>
    </FormDialog>
  );
}
