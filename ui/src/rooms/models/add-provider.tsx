import { useMutation } from "@tanstack/react-query";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import type { Schemas } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { providersQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, Select } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { say } from "../../parts/toast.ts";
import { withCode } from "../../parts/with-code.tsx";
import { words } from "../../words/words.ts";
import { putSetting } from "../agents/queries.ts";
import { collect, readFields, type SettingValues } from "../channels/setting-fields.ts";
import { SettingsForm } from "../channels/settings-form.tsx";
import { configQuery } from "../settings/queries.ts";
import { putSecret, removeSecret, secretName } from "./queries.ts";

interface AddProviderProps {
  readonly kinds: readonly Schemas["ProviderKind"][];
  readonly taken: readonly string[];
}

/** A form of the kind's own settings; its secrets go to the vault. */
export function AddProvider({ kinds, taken }: AddProviderProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        {words.models.add}
      </Button>
      {open && <Form kinds={kinds} taken={taken} onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({ kinds, taken, onClose }: AddProviderProps & { readonly onClose: () => void }) {
  const [kindId, setKindId] = useState(kinds[0]?.kind ?? "");
  const [named, setNamed] = useState<string>();
  const [values, setValues] = useState<SettingValues>({});
  const [tried, setTried] = useState(false);
  const kind = kinds.find((each) => each.kind === kindId);
  const fields = readFields(kind?.settings ?? {});
  const { settings, problems } = collect(fields, values);
  const id = named ?? freeName(kindId, taken);
  const wrong = !/^[\w-]{1,63}$/.test(id) || taken.includes(id);
  const save = useMutation({
    mutationFn: async () => {
      const secrets = fields.filter((field) => field.kind === "secret" && settings[field.key] !== undefined).map(({ key }) => key);
      for (const key of secrets) await putSecret(secretName(id, key), String(settings[key]));
      const references = Object.fromEntries(secrets.map((key) => [key, { vault: secretName(id, key) }]));
      try {
        await putSetting(`providers.${id}`, { kind: kindId, ...settings, ...references });
      } catch (refused) {
        for (const key of secrets) await removeSecret(secretName(id, key)).catch(() => undefined);
        throw refused;
      }
    },
    onSuccess: async () => {
      say(words.models.added(id));
      onClose();
      await Promise.all([cache.invalidateQueries(providersQuery), cache.invalidateQueries(configQuery)]);
    },
  });
  const fault = save.error ? faultOf(save.error) : undefined;
  const errors: { [key: string]: string | undefined } = {};
  if (tried) for (const [key, problem] of Object.entries(problems)) errors[key] = words.channels.problems[problem];
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={words.models.add}
      act={words.forms.save}
      busy={save.isPending}
      error={fault && save.error}
      onSubmit={() => {
        setTried(true);
        if (!wrong && Object.keys(problems).length === 0) save.mutate();
      }}
    >
      <Field label={words.models.kind} hint={kind?.package && withCode(words.models.needsPackage(kindId))}>
        {(described) => (
          <Select
            {...described}
            value={kindId}
            onChange={({ target }) => {
              setKindId(target.value);
              setValues({});
              setTried(false);
            }}
          >
            {kinds.map((each) => (
              <option key={each.kind} value={each.kind}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={words.models.name} hint={words.models.nameHint} error={tried && wrong ? words.models.nameWrong : undefined}>
        {(described) => (
          <Input {...described} value={id} maxLength={63} spellCheck={false} onChange={({ target }) => setNamed(target.value)} />
        )}
      </Field>
      <SettingsForm fields={fields} values={values} errors={errors} onChange={setValues} />
    </FormDialog>
  );
}

function freeName(kind: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? kind : `${kind}-${n}`;
    if (!taken.includes(name)) return name;
  }
}
