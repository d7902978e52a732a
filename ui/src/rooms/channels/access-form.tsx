import type { Schemas } from "../../api/client.ts";
import { Field, TextArea } from "../../parts/field.tsx";
import { RadioCards } from "../../parts/radio-cards.tsx";
import { Switch } from "../../parts/switch.tsx";
import { words } from "../../words/words.ts";
import { readList } from "./setting-fields.ts";

export interface AccessValues {
  readonly direct: Schemas["Access"]["direct"];
  readonly group: Schemas["Access"]["group"];
  readonly allow: string;
  readonly groups: string;
  readonly mention: boolean;
}

/** Nobody is let in by accident: who adds an account says who may write to it. */
export const closedAccess: AccessValues = { direct: "allowlist", group: "off", allow: "", groups: "", mention: true };

export function accessValues(access: Schemas["Access"]): AccessValues {
  return { ...access, allow: access.allow.join("\n"), groups: access.groups.join("\n") };
}

export function accessOf(values: AccessValues): Schemas["Access"] {
  return { ...values, allow: [...readList(values.allow)], groups: [...readList(values.groups)] };
}

/** Who may write, asked in words. */
export function AccessForm({ values, onChange }: { readonly values: AccessValues; readonly onChange: (values: AccessValues) => void }) {
  const change = (part: Partial<AccessValues>) => onChange({ ...values, ...part });
  return (
    <div className="grid gap-6">
      <div className="grid gap-3">
        <RadioCards
          label={words.access.direct}
          value={values.direct}
          onChange={(direct) => change({ direct })}
          choices={[
            { value: "open", ...words.access.directOpen },
            { value: "allowlist", ...words.access.directList },
            { value: "pairing", ...words.access.directPairing },
            { value: "off", ...words.access.directOff },
          ]}
        />
        {(values.direct === "allowlist" || values.direct === "pairing") && (
          <Field
            label={words.access.people}
            hint={readList(values.allow).length === 0 && values.direct === "allowlist" ? words.access.peopleEmpty : words.access.peopleHint}
            optional
          >
            {(described) => (
              <TextArea
                {...described}
                rows={3}
                spellCheck={false}
                value={values.allow}
                onChange={({ target }) => change({ allow: target.value })}
              />
            )}
          </Field>
        )}
      </div>
      <div className="grid gap-3">
        <RadioCards
          label={words.access.group}
          value={values.group}
          onChange={(group) => change({ group })}
          choices={[
            { value: "off", ...words.access.groupOff },
            { value: "allowlist", ...words.access.groupList },
            { value: "open", ...words.access.groupOpen },
          ]}
        />
        {values.group === "allowlist" && (
          <Field
            label={words.access.groups}
            hint={readList(values.groups).length === 0 ? words.access.groupsEmpty : words.access.groupsHint}
            optional
          >
            {(described) => (
              <TextArea
                {...described}
                rows={3}
                spellCheck={false}
                value={values.groups}
                onChange={({ target }) => change({ groups: target.value })}
              />
            )}
          </Field>
        )}
        {values.group !== "off" && (
          <Switch
            label={words.access.mention}
            hint={words.access.mentionHint}
            checked={values.mention}
            onChange={(mention) => change({ mention })}
          />
        )}
      </div>
    </div>
  );
}
