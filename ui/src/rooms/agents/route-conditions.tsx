import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { Button } from "../../parts/button.tsx";
import { Field, Select, TextArea } from "../../parts/field.tsx";
import { wordFor, words } from "../../words/words.ts";
import { ConditionRow } from "./condition-row.tsx";
import { conditionNames, freshCondition, readWhen, showWhen, type When } from "./conditions.ts";

interface ConditionsProps {
  readonly when: When;
  /** The form was to be saved: what isn't filled in is told, too. */
  readonly strict: boolean;
  /** Nothing: what stands there as JSON can't be read. */
  readonly onChange: (when: When | undefined) => void;
}

/** A route's conditions, one a row, or as JSON: two views of one value. */
export function RouteConditions({ when, strict, onChange }: ConditionsProps) {
  const [json, setJson] = useState<string>();
  const [adding, setAdding] = useState("");
  const unreadable = json !== undefined && readWhen(json) === undefined;
  const free = conditionNames.filter((name) => !Object.hasOwn(when, name));
  const next = free.find((name) => name === adding) ?? free[0];
  const set = (name: string, value: unknown) => onChange({ ...when, [name]: value });
  const remove = (name: string) => onChange(Object.fromEntries(Object.entries(when).filter(([other]) => other !== name)));
  return (
    <fieldset className="grid gap-3">
      <legend className="sr-only">{words.agents.routeWhen}</legend>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-row text-soft">{Object.keys(when).length === 0 ? words.agents.noCondition : words.agents.allHold}</p>
        <Button
          size="small"
          look="quiet"
          aria-pressed={json !== undefined}
          disabled={unreadable}
          onClick={() => setJson(json === undefined ? showWhen(when) : undefined)}
        >
          {words.agents.asJson}
        </Button>
      </div>
      {json === undefined ? (
        <ul className="grid gap-3">
          {Object.entries(when).map(([name, value]) => (
            <ConditionRow
              key={name}
              {...{ name, value, strict }}
              onChange={(changed) => set(name, changed)}
              onRemove={() => remove(name)}
            />
          ))}
        </ul>
      ) : (
        <Field label={words.agents.routeWhen} error={unreadable ? words.settings.wrong.json : undefined} optional>
          {(described) => (
            <TextArea
              {...described}
              rows={6}
              spellCheck={false}
              className="font-mono sm:text-row"
              value={json}
              onChange={({ target }) => {
                setJson(target.value);
                onChange(readWhen(target.value));
              }}
            />
          )}
        </Field>
      )}
      {json === undefined && next && (
        <div className="flex items-center gap-2">
          <Select
            aria-label={words.agents.condition}
            className="h-8 w-auto text-row"
            value={next}
            onChange={({ target }) => setAdding(target.value)}
          >
            {free.map((name) => (
              <option key={name} value={name}>
                {wordFor(words.agents.conditions, name)}
              </option>
            ))}
          </Select>
          <Button size="small" onClick={() => set(next, freshCondition(next))}>
            <Plus aria-hidden />
            {words.agents.addCondition}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
