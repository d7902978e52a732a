import { useQuery } from "@tanstack/react-query";
import X from "lucide-react/icons/x";
import { type ChangeEvent, type ReactNode, useState } from "react";
import { accountsQuery } from "../../api/queries.ts";
import { IconButton } from "../../parts/button.tsx";
import { type Described, Field, Input, Select } from "../../parts/field.tsx";
import { locale } from "../../words/language.ts";
import { wordFor, words } from "../../words/words.ts";
import { hasField, isList, readList, showList, type TimeCondition, weekdays, wrongIn } from "./conditions.ts";

interface ConditionRowProps {
  readonly name: string;
  readonly value: unknown;
  /** Also what isn't filled in yet is told. */
  readonly strict: boolean;
  readonly onChange: (value: unknown) => void;
  readonly onRemove: () => void;
}

/** One condition with a field that fits it. */
export function ConditionRow({ name, value, strict, onChange, onRemove }: ConditionRowProps) {
  const label = wordFor(words.agents.conditions, name);
  const shown = hasField(name, value);
  const wrong = shown ? wrongIn(name, value) : undefined;
  return (
    <li className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <Field
          label={label}
          hint={shown ? words.agents.conditionHints[name] : words.agents.onlyAsJson}
          error={wrong && (strict || wrong !== "empty") ? words.agents.conditionWrong[wrong] : undefined}
        >
          {(described) =>
            shown ? (
              <Control name={name} value={value} described={described} onChange={onChange} />
            ) : (
              <Input {...described} readOnly value={JSON.stringify(value)} className="font-mono sm:text-row" />
            )
          }
        </Field>
      </div>
      <IconButton size="small-square" className="mt-7" label={words.agents.removeCondition(label)} onClick={onRemove}>
        <X aria-hidden />
      </IconButton>
    </li>
  );
}

interface ControlProps {
  readonly name: string;
  readonly value: unknown;
  readonly described: Described;
  readonly onChange: (value: unknown) => void;
}

function Control({ name, value, described, onChange }: ControlProps) {
  if (name === "time") return <TimeFields value={value as TimeCondition} described={described} onChange={onChange} />;
  if (isList(name)) return <ListField value={value} described={described} onChange={onChange} />;
  const asked = {
    ...{ ...described, value: value as string },
    onChange: ({ target }: ChangeEvent<HTMLInputElement | HTMLSelectElement>) => onChange(target.value),
  };
  if (name === "kind")
    return (
      <Select {...asked}>
        {Object.entries(words.agents.kinds).map(([kind, word]) => (
          <option key={kind} value={kind}>
            {word}
          </option>
        ))}
      </Select>
    );
  if (name === "channel" || name === "account") return <Known asked={asked} what={name} />;
  return <Input {...asked} spellCheck={false} className={name === "text" ? "font-mono sm:text-row" : ""} />;
}

/** Of the accounts that there are; one that is gone can still be kept. */
function Known({ asked, what }: { readonly asked: Described & { readonly value: string }; readonly what: "channel" | "account" }) {
  const { data = [] } = useQuery(accountsQuery);
  const known = new Set([asked.value, ...data.map(({ id, channel }) => (what === "account" ? id : channel))]);
  return (
    <Select {...asked}>
      {[...known].map((one) => (
        <option key={one}>{one}</option>
      ))}
    </Select>
  );
}

/** What is typed stays as it is typed: a comma at the end is on its way to a second one. */
function ListField({ value, described, onChange }: Omit<ControlProps, "name">) {
  const [typed, setTyped] = useState(() => showList(value));
  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    setTyped(target.value);
    onChange(readList(target.value));
  };
  return <Input {...described} spellCheck={false} autoCapitalize="none" value={typed} onChange={take} />;
}

const dayName = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
/** The fifth of January 1970 was a Monday. */
export const weekdayName = (day: string) => dayName.format((4 + (weekdays as readonly string[]).indexOf(day)) * 86_400_000);

function TimeFields({ value, described, onChange }: Omit<ControlProps, "name"> & { readonly value: TimeCondition }) {
  const { days = [], from, to, zone } = value;
  const set = (part: TimeCondition) => onChange(withoutAbsent({ ...value, ...part }));
  const toggle = (day: string) => {
    const next = weekdays.filter((one) => days.includes(one) !== (one === day));
    set({ days: next });
  };
  return (
    <div className="grid gap-2">
      <fieldset className="flex flex-wrap gap-x-3 gap-y-1">
        <legend className="sr-only">{words.agents.days}</legend>
        {weekdays.map((day) => (
          <label key={day} className="inline-flex min-h-6 items-center gap-1.5 text-row">
            <input type="checkbox" className="size-4 accent-accent" checked={days.includes(day)} onChange={() => toggle(day)} />
            {weekdayName(day)}
          </label>
        ))}
      </fieldset>
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-[1fr_1fr_2fr]">
        <Small label={words.agents.from}>
          <Input type="time" value={from ?? ""} onChange={({ target }) => set({ from: target.value })} />
        </Small>
        <Small label={words.agents.until}>
          <Input type="time" value={to === "24:00" ? "" : (to ?? "")} onChange={({ target }) => set({ to: target.value })} />
        </Small>
        <Small label={words.agents.zone}>
          <Input
            {...described}
            list="zones"
            spellCheck={false}
            value={zone ?? "UTC"}
            onChange={({ target }) => set({ zone: target.value })}
          />
          <datalist id="zones">
            {Intl.supportedValuesOf("timeZone").map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </Small>
      </div>
    </div>
  );
}

function Small({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is its child
    <label className="grid min-w-0 gap-0.5 text-faint text-row">
      {label}
      {children}
    </label>
  );
}

/** No day is all days, no time the whole day. */
function withoutAbsent({ days, from, to, zone }: TimeCondition): TimeCondition {
  return { ...(days?.length && { days }), ...(from && { from }), ...(to && { to }), ...(zone !== undefined && { zone }) };
}
