import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";

interface SwitchProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, hint, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <BaseSwitch.Root
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={checked}
        onCheckedChange={onChange}
        className="mt-0.5 flex h-5 w-9 shrink-0 cursor-pointer rounded-full border border-edge bg-sunken p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent"
      >
        <BaseSwitch.Thumb className="size-3.5 rounded-full bg-edge transition-[translate,background-color] data-checked:translate-x-4 data-checked:bg-on-accent" />
      </BaseSwitch.Root>
      <div className="grid gap-0.5">
        {/* A click on the words works too; for the keyboard and screen readers the switch itself is there. */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
        <span id={id} className="cursor-pointer font-medium" onClick={() => onChange(!checked)}>
          {label}
        </span>
        {hint && (
          <span id={`${id}-hint`} className="text-faint text-row">
            {hint}
          </span>
        )}
      </div>
    </div>
  );
}
