import { useEffect, useRef } from "react";
import { type Described, Field, Input, SecretInput, Select, TextArea } from "../../parts/field.tsx";
import { Switch } from "../../parts/switch.tsx";
import { withCode } from "../../parts/with-code.tsx";
import { words } from "../../words/words.ts";
import type { SettingField, SettingValues } from "./setting-fields.ts";

interface SettingsFormProps {
  readonly fields: readonly SettingField[];
  readonly values: SettingValues;
  readonly onChange: (values: SettingValues) => void;
  /** By key, in words. */
  readonly errors: { readonly [key: string]: string | undefined };
  /** Secrets are stored already: left empty they stay as they are. */
  readonly stored?: boolean;
}

/** A form made from a channel's own schema: what must be given in sight, the rest one step away. */
export function SettingsForm({ fields, values, onChange, errors, stored = false }: SettingsFormProps) {
  const plain = fields.filter((field) => field.required);
  const more = fields.filter((field) => !field.required);
  const details = useRef<HTMLDetailsElement>(null);
  const hiddenError = more.some((field) => errors[field.key]);
  useEffect(() => {
    if (hiddenError && details.current) details.current.open = true;
  }, [hiddenError]);

  const draw = (field: SettingField) => (
    <Setting
      key={field.key}
      field={field}
      value={values[field.key]}
      error={errors[field.key]}
      stored={stored}
      onChange={(value) => onChange({ ...values, [field.key]: value })}
    />
  );
  return (
    <div className="grid gap-5">
      {plain.map(draw)}
      {more.length > 0 &&
        (plain.length === 0 ? (
          more.map(draw)
        ) : (
          <details ref={details} className="rounded-control border border-line">
            <summary className="rounded-control px-3.5 py-2.5 font-medium text-row hover:bg-hover">
              {words.channels.moreSettings(more.length)}
            </summary>
            <div className="grid gap-5 px-3.5 pt-2 pb-4">{more.map(draw)}</div>
          </details>
        ))}
    </div>
  );
}

interface SettingProps {
  readonly field: SettingField;
  readonly value: string | boolean | undefined;
  readonly error: string | undefined;
  readonly stored: boolean;
  readonly onChange: (value: string | boolean) => void;
}

function Setting({ field, value, error, stored, onChange }: SettingProps) {
  if (field.kind === "switch") {
    return (
      <Switch
        label={field.label}
        hint={withCode(field.description)}
        checked={typeof value === "boolean" ? value : field.preset === true}
        onChange={onChange}
      />
    );
  }
  return (
    <Field
      label={field.label}
      hint={withCode(field.description)}
      error={error}
      optional={!field.required && !(stored && field.kind === "secret")}
    >
      {(described) => (
        <Control field={field} text={typeof value === "string" ? value : ""} stored={stored} described={described} onChange={onChange} />
      )}
    </Field>
  );
}

interface ControlProps {
  readonly field: SettingField;
  readonly text: string;
  readonly stored: boolean;
  readonly described: Described;
  readonly onChange: (value: string) => void;
}

function Control({ field, text, stored, described, onChange }: ControlProps) {
  const preset = field.preset === undefined ? "" : typeof field.preset === "string" ? field.preset : JSON.stringify(field.preset);
  const change = (event: { target: { value: string } }) => onChange(event.target.value);
  switch (field.kind) {
    case "secret":
      return (
        <SecretInput
          {...described}
          value={text}
          onChange={change}
          autoComplete="off"
          {...(stored && { placeholder: words.channels.secretKept })}
        />
      );
    case "choice":
      return (
        <Select {...described} value={text || preset} onChange={change}>
          {!field.required && !preset && <option value="">{words.channels.notSet}</option>}
          {field.required && !text && !preset && <option value="" disabled />}
          {field.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </Select>
      );
    case "list":
    case "json":
      return <TextArea {...described} value={text} onChange={change} placeholder={preset} spellCheck={false} rows={3} />;
    default:
      return (
        <Input
          {...described}
          value={text}
          onChange={change}
          placeholder={preset}
          spellCheck={false}
          autoComplete="off"
          inputMode={field.kind === "number" ? "decimal" : field.kind === "address" ? "url" : "text"}
        />
      );
  }
}
