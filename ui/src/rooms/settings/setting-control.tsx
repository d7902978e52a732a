import { type Described, Input, Select, TextArea } from "../../parts/field.tsx";
import { words } from "../../words/words.ts";
import type { Control } from "./setting-schema.ts";

interface SettingControlProps {
  readonly control: Control;
  readonly described: Described;
  readonly typed: string;
  readonly disabled?: boolean;
  readonly onType: (typed: string) => void;
}

/** What a setting is typed into, by what may stand there. */
export function SettingControl({ control, described, typed, disabled = false, onType }: SettingControlProps) {
  const asked = { ...described, disabled, value: typed };
  const take = ({ target }: { readonly target: { readonly value: string } }) => onType(target.value);
  if (control.kind === "switch" || control.kind === "choice") {
    const options =
      control.kind === "switch"
        ? [
            ["true", words.settings.on],
            ["false", words.settings.off],
          ]
        : control.options.map((option) => [option, option]);
    return (
      <Select {...asked} onChange={take}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </Select>
    );
  }
  if (control.kind === "json" || control.kind === "list")
    return (
      <TextArea
        {...asked}
        rows={control.kind === "list" ? Math.min(6, Math.max(2, typed.split("\n").length)) : 6}
        spellCheck={false}
        className="font-mono sm:text-row"
        onChange={take}
      />
    );
  if (control.kind === "text" && control.long) return <TextArea {...asked} rows={12} onChange={take} />;
  return <Input {...asked} inputMode={control.kind === "number" ? "decimal" : "text"} spellCheck={false} onChange={take} />;
}
