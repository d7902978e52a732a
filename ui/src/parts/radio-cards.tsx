import { useId } from "react";

interface RadioCardsProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly hint: string }[];
}

/** One of a few, each with what it means. Native radio buttons: arrow keys choose. */
export function RadioCards<Value extends string>({ label, value, onChange, choices }: RadioCardsProps<Value>) {
  const name = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-medium">{label}</legend>
      {choices.map((choice) => (
        <label
          key={choice.value}
          className="flex cursor-pointer gap-3 rounded-control border border-line px-3.5 py-2.5 hover:bg-hover has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
            className="mt-1 size-4 shrink-0 accent-accent outline-none"
          />
          <span className="grid">
            <span className="font-medium">{choice.label}</span>
            <span className="text-row text-soft">{choice.hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
